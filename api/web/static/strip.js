// The strip of pages: how far the book is made, where the reader is; drag it to turn pages.

import { pageName } from "./words.js";

const COLOURS = { heard: "var(--made)", failed: "var(--failed)", making: "var(--making)", waiting: "var(--waiting)" };

export class Strip {
  #input;

  constructor(input, onPage) {
    this.#input = input;
    input.addEventListener("change", () => onPage(Number(input.value)));
    input.addEventListener("input", () => this.#describe(Number(input.value)));
  }

  show(book, number) {
    this.book = book;
    this.#input.max = String(Math.max(book.pages.length, 1));
    this.#input.value = String(number);
    this.#describe(number);
    this.#input.style.setProperty("--pages", runs(book));
  }

  // How far the reader is, with the part of the page that is heard already.
  progress(number, part) {
    const total = this.book.pages.length;
    const share = total > 1 ? (number - 1 + part) / total : part;
    this.#input.style.setProperty("--read", `${(Math.min(share, 1) * 100).toFixed(2)}%`);
  }

  #describe(number) {
    const page = this.book.pages[number - 1];
    const chapter = this.book.chapters.find((one) => one.first_page <= number && number <= one.last_page);
    if (page) this.#input.setAttribute("aria-valuetext", `Page ${pageName(page)}, ${chapter?.title ?? ""}`);
  }
}

// The pages' states as one gradient, neighbours of one colour joined.
function runs(book) {
  const total = book.pages.length || 1;
  const side = book.direction === "rtl" ? "left" : "right";
  const stops = [];
  let from = 0;
  book.pages.forEach((page, index) => {
    const next = book.pages[index + 1];
    if (next && kind(next) === kind(page)) return;
    const colour = COLOURS[kind(page)];
    stops.push(`${colour} ${((from / total) * 100).toFixed(3)}% ${(((index + 1) / total) * 100).toFixed(3)}%`);
    from = index + 1;
  });
  return `linear-gradient(to ${side}, ${stops.join(", ") || "var(--waiting) 0 100%"})`;
}

function kind(page) {
  if (page.audio_url) return "heard";
  if (page.state === "failed") return "failed";
  return page.state === "processing" ? "making" : "waiting";
}
