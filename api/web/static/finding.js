// Searching the book: what was found, in its surroundings, and marked where it stands.

import { fetchTexts } from "./api.js";
import { matches, prepared } from "./find.js";
import { pageName, plural } from "./words.js";

const MOST_SHOWN = 200;
const BEFORE = 40; // characters of the surroundings
const AFTER = 80;
const MARK = "found";
const $ = (id) => document.getElementById(id);

export class Finding {
  #texts = null; // a promise of [{ number, prepared }]
  #query = "";
  #bookNow;
  #onPage;

  // `bookNow()` is the book as it stands; `onPage(number)` turns to a page.
  constructor(bookNow, onPage) {
    this.#bookNow = bookNow;
    this.#onPage = onPage;
    $("find-query").addEventListener("input", () => this.#look());
    $("find").addEventListener("opened", () => this.#look());
    $("find").addEventListener("close", () => this.mark());
  }

  // The book's text may have changed: it is fetched anew for the next search.
  forget() {
    this.#texts = null;
  }

  // Mark what was looked for on the pages that are shown.
  mark() {
    if (!window.Highlight || !CSS.highlights) return; // then pages are found and not marked
    const ranges = [];
    if (this.#query.trim())
      for (const paragraph of document.querySelectorAll(".leaf:not([hidden]) .text p"))
        for (const { start, end } of matches(prepared(paragraph.textContent), this.#query))
          ranges.push(rangeOf(paragraph, start, end));
    if (ranges.length) CSS.highlights.set(MARK, new Highlight(...ranges));
    else CSS.highlights.delete(MARK);
  }

  async #look() {
    const query = (this.#query = $("find-query").value);
    if (!query.trim()) {
      this.#show([], "");
      return;
    }
    this.#texts ??= fetchTexts().then((pages) =>
      pages.map(({ number, text }) => ({ number, prepared: prepared(text) })),
    );
    try {
      const pages = await this.#texts;
      if (query !== this.#query) return;
      const found = pages.map((page) => ({ ...page, places: matches(page.prepared, query) }));
      const count = found.reduce((sum, page) => sum + page.places.length, 0);
      const on = found.filter((page) => page.places.length).length;
      const more = count > MOST_SHOWN ? ` The first ${MOST_SHOWN} are shown.` : "";
      const places = count === 1 ? "Found once" : `Found ${count} times`;
      this.#show(found, count ? `${places}, on ${plural(on, "page")}.${more}` : "Not found in this book.");
    } catch (error) {
      this.forget();
      this.#show([], error.message);
    }
  }

  #show(found, words) {
    $("find-status").textContent = words;
    const items = [];
    for (const page of found)
      for (const place of page.places)
        if (items.length < MOST_SHOWN) items.push(this.#item(page, place));
    $("find-list").replaceChildren(...items);
  }

  #item(page, { start, end }) {
    const book = this.#bookNow();
    const { text } = page.prepared;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "choice" });
    const snippet = Object.assign(document.createElement("span"), { className: "label", lang: book.language, dir: "auto" });
    const mark = Object.assign(document.createElement("mark"), { textContent: text.slice(start, end) });
    const from = edge(text, Math.max(0, start - BEFORE), 1);
    const to = edge(text, Math.min(text.length, end + AFTER), -1);
    snippet.append(`${from ? "… " : ""}${text.slice(Math.min(from, start), start)}`, mark);
    snippet.append(`${text.slice(end, Math.max(to, end))}${to < text.length ? " …" : ""}`);
    const standing = book.pages[page.number - 1];
    const detail = `Page ${standing ? pageName(standing) : page.number}`;
    button.append(snippet, Object.assign(document.createElement("span"), { className: "detail", textContent: detail }));
    button.addEventListener("click", () => {
      $("find").close();
      this.#onPage(page.number);
    });
    const item = document.createElement("li");
    item.append(button);
    return item;
  }
}

// A place near `at` where a snippet may be cut: at a blank, towards `step`.
function edge(text, at, step) {
  if (at <= 0 || at >= text.length) return Math.min(Math.max(at, 0), text.length);
  for (let moved = 0; moved < 24; moved += 1) if (/\s/.test(text[at + step * moved] ?? " ")) return at + step * moved;
  return at;
}

// A range over UTF-16 places of an element's text.
function rangeOf(element, start, end) {
  const range = document.createRange();
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let passed = 0;
  let begun = false;
  while (walker.nextNode()) {
    const { length } = walker.currentNode;
    if (!begun && start < passed + length) {
      range.setStart(walker.currentNode, start - passed);
      begun = true;
    }
    if (begun && end <= passed + length) {
      range.setEnd(walker.currentNode, end - passed);
      return range;
    }
    passed += length;
  }
  return range;
}
