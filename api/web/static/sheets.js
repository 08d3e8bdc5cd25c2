// The drawers and the help: native dialogs, so that focus stays inside and Escape closes.

import { bytes, minutes, plural } from "./words.js";

const $ = (id) => document.getElementById(id);

export function openSheet(id) {
  const dialog = $(id);
  if (!dialog) return; // not for this reader
  if (dialog.open) dialog.close();
  else if (!document.querySelector("dialog[open]")) {
    dialog.showModal();
    dialog.querySelector("[aria-current]")?.focus();
    dialog.dispatchEvent(new Event("opened"));
  }
}

export function prepareSheets() {
  $("more").addEventListener("click", () => $("more").hidePopover());
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.querySelector(".close").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    $(`open-${dialog.id}`)?.addEventListener("click", () => openSheet(dialog.id));
  }
}

// The chapters as a list; `onPage` gets the first page of the one that is chosen.
export function listChapters(book, current, onPage) {
  const items = book.chapters.map((chapter) => {
    const pages = book.pages.slice(chapter.first_page - 1, chapter.last_page);
    const heard = pages.filter((page) => page.audio_url);
    const button = element("button", { type: "button", className: "choice" });
    button.append(
      element("span", { className: "label", textContent: chapter.title || `Chapter ${chapter.number}`, dir: "auto" }),
      element("span", { className: "detail", lang: "en", dir: "ltr", textContent: detail(pages, heard, book.closed) }),
    );
    if (chapter.number === current) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => {
      $("chapters").close();
      onPage(chapter.first_page);
    });
    const item = element("li");
    item.append(button);
    return item;
  });
  replaceUnlessSame($("chapter-list"), items);
}

function detail(pages, heard, closed) {
  const length = minutes(heard.reduce((sum, page) => sum + page.duration_ms, 0));
  if (heard.length === pages.length) return `${plural(pages.length, "page")} · ${length}`;
  if (heard.length) return `${heard.length} of ${plural(pages.length, "page")} · ${length}`;
  if (pages.every((page) => page.state === "skipped")) return plural(pages.length, "page");
  return `${plural(pages.length, "page")} · ${closed ? "can’t be heard" : "to come"}`;
}

const KINDS = {
  m4b: "Audiobook (M4B)",
  "m4b-ambience": "Audiobook with ambience (M4B)",
  mp3: "MP3",
  epub: "E-book (EPUB)",
  pdf: "PDF",
  acx: "MP3 for ACX",
  bundle: "All files (ZIP)",
};

export function listFiles(book) {
  const whole = (file) => (file.chapter === undefined ? 0 : file.chapter);
  const items = [...book.files]
    .sort((a, b) => whole(a) - whole(b))
    .map((file) => {
      const link = element("a", { href: file.url, className: "choice", download: "" });
      const missing = file.missing_pages.length ? ` · without ${plural(file.missing_pages.length, "page")}` : "";
      const length = file.duration_ms ? ` · ${minutes(file.duration_ms)}` : "";
      link.append(
        element("span", { className: "label", textContent: file.name, dir: "auto" }),
        element("span", {
          className: "detail",
          dir: "ltr",
          textContent: `${KINDS[file.edition] ?? file.edition.toUpperCase()} · ${bytes(file.bytes)}${length}${missing}`,
        }),
      );
      const item = element("li");
      item.append(link);
      return item;
    });
  $("no-files").hidden = items.length > 0;
  $("no-files").textContent = book.closed
    ? "No files were bound of this book."
    : "The files are bound when all pages are spoken. They will appear here.";
  replaceUnlessSame($("file-list"), items);
}

// Keeps a list that says the same: focus and screen readers stay where they are.
function replaceUnlessSame(list, items) {
  const next = element("div");
  next.append(...items);
  if (list.dataset.shown === next.textContent + currentOf(next)) return;
  list.dataset.shown = next.textContent + currentOf(next);
  list.replaceChildren(...next.children);
}

const currentOf = (list) => [...list.querySelectorAll("button")].findIndex((one) => one.ariaCurrent === "true");

function element(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}
