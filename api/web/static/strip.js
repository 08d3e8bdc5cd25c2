// The strip of pages: how far the book is made, where the reader is; drag it to turn pages.

import { pageName } from "./words.js";

const COLOURS = { heard: "var(--made)", failed: "var(--failed)", making: "var(--making)", waiting: "var(--waiting)" };

export class Strip {
  #input;
  #book = { pages: [], chapters: [] };
  #onPage;

  constructor(input, onPage) {
    this.#input = input;
    this.#onPage = onPage;
    input.addEventListener("change", () => onPage(this.#page));
    input.addEventListener("input", () => this.#describe(this.#page));
    input.addEventListener("keydown", (event) => this.#pressed(event));
  }

  // The book as it is now. Its pages are the places 0 to 1, 1 to 2 and so on.
  show(book) {
    this.#book = book;
    this.#input.max = String(Math.max(book.pages.length, 1));
    this.#input.style.setProperty("--pages", runs(book));
  }

  // Where the reader is: the page (1-based) and the part of it that is heard already (0 to 1).
  progress(number, part) {
    const place = number - 1 + Math.min(part, 1);
    if (!this.#input.matches(":active")) this.#input.value = String(place);
    this.#input.style.setProperty("--part", String(place / Math.max(this.#book.pages.length, 1)));
    this.#describe(number);
  }

  get #page() {
    return Math.min(Math.floor(Number(this.#input.value)) + 1, this.#book.pages.length);
  }

  #describe(number) {
    const page = this.#book.pages[number - 1];
    const chapter = this.#book.chapters.find((one) => one.first_page <= number && number <= one.last_page);
    if (page) this.#input.setAttribute("aria-valuetext", `Page ${pageName(page)}, ${chapter?.title ?? ""}`);
  }

  // A page for each press: the browser's own steps are fractions of one.
  #pressed(event) {
    const onward = this.#book.direction === "rtl" ? -1 : 1;
    const steps = { ArrowRight: onward, ArrowLeft: -onward, ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
    const ends = { Home: 1, End: this.#book.pages.length };
    if (!(event.key in steps) && !(event.key in ends)) return;
    event.preventDefault();
    const page = ends[event.key] ?? this.#page + steps[event.key];
    this.#onPage(Math.min(Math.max(page, 1), this.#book.pages.length));
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
