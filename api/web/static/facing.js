// The page beside the one that is shown, as in print: 1 and 2 lie open together, 3 and 4, and so on.

import { setText } from "./pagetext.js";
import { pageName } from "./words.js";

const TURN = { duration: 220, easing: "ease-out" };

// The first page of the spread that a page belongs to.
export const spreadOf = (number) => number - ((number - 1) % 2);

export class Facing {
  #leaves;
  #leaf;
  #page;
  #pages;
  #timeline = null;
  #asked = 0;
  #shown = 0;

  // `onSentence(number, ms)` is called when somebody presses a sentence of the facing page.
  constructor(leaves, pages, onSentence) {
    this.#leaves = leaves;
    this.#leaf = leaves.querySelector("#facing");
    this.#page = leaves.querySelector("#page");
    this.#pages = pages;
    this.#part("text").addEventListener("click", (event) => {
      const index = event.target.closest(".sentence")?.dataset.index;
      if (index !== undefined && getSelection().isCollapsed)
        onSentence(this.#shown, this.#timeline.sentences[Number(index)].begin);
    });
  }

  // Lay the book open at a page; with only that page where `two` is false.
  async show(book, number, two) {
    const first = spreadOf(number);
    const other = two ? book.pages[(number === first ? first + 1 : first) - 1] : undefined;
    this.#leaves.dataset.layout = two ? "two" : "one";
    this.#leaves.dataset.side = number === first ? "first" : "second";
    this.#leaf.hidden = !two;
    if (number === first) this.#page.after(this.#leaf);
    else this.#page.before(this.#leaf);
    this.#shown = other?.number ?? 0;
    this.#leaf.dataset.blank = String(!other);
    const asked = ++this.#asked;
    if (!other) {
      this.#fill(book, null);
      return;
    }
    const text = await this.#pages.text(other).catch(() => null);
    if (asked === this.#asked) this.#fill(book, other, text);
  }

  // The leaves come in from the side that they were turned from: 1 is onward, -1 back.
  turn(by) {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const from = by * (document.documentElement.dir === "rtl" ? -1 : 1);
    for (const leaf of this.#leaves.querySelectorAll(".leaf"))
      leaf.animate([{ opacity: 0, translate: `${from}rem 0` }, { opacity: 1, translate: "0 0" }], TURN);
  }

  #fill(book, standing, text = null) {
    const chapter = standing && book.chapters.find((one) => one.first_page === standing.number);
    this.#part("heading").textContent = chapter ? chapter.title || `Chapter ${chapter.number}` : "";
    this.#part("heading").dataset.opens = String(Boolean(chapter));
    this.#part("folio").textContent = standing ? pageName(standing) : "";
    const image = this.#part("picture");
    if (standing?.image_url) {
      if (image.getAttribute("src") !== standing.image_url) image.src = standing.image_url;
      image.alt = text?.image?.alt ?? "";
    }
    image.hidden = !standing?.image_url;
    if (text) this.#timeline = setText(this.#part("text"), text);
    else this.#part("text").replaceChildren();
  }

  #part(name) {
    return this.#leaf.querySelector(`.${name}`);
  }
}
