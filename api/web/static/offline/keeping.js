// "Keep on this device": what the sheet says and does, and the line that says that there is no connection.

import { bytes } from "../words.js";
import { forgetBook, forgetOthers, keepBook, keptBooks, mayKeep, roughBytes } from "./keep.js";
import { listKept } from "./list.js";

const { folder, user } = document.body.dataset;
const $ = (id) => document.getElementById(id);

export class Keeping {
  #book;
  #label = null; // of this book, when it is kept
  #stop = null;
  #brought = ""; // the book that was brought up to date last

  // `bookNow()` is the book as it stands.
  constructor(bookNow) {
    this.#book = bookNow;
    for (const event of ["online", "offline"]) addEventListener(event, () => this.#sayConnection());
    this.#sayConnection();
    if (!$("keep")) return; // a guest
    $("keep").addEventListener("opened", () => this.#show());
    $("keep-start").addEventListener("click", () => this.#keep());
    $("keep-stop").addEventListener("click", () => this.#stop?.abort());
    $("keep-remove").addEventListener("click", () => this.#remove());
  }

  // The book has been looked at: what is kept of it is brought up to date.
  async renew(book) {
    if (!mayKeep || !$("keep")) return;
    if (navigator.onLine && user) await forgetOthers(user);
    this.#label = (await keptBooks()).find((label) => label.id === book.book_id) ?? null;
    this.#sayConnection();
    const state = JSON.stringify([book.title, book.pages]);
    if (!this.#label || this.#brought === state || this.#stop || !navigator.onLine) return;
    this.#brought = state;
    this.#label = await keepBook(book, { folder, user }).catch(() => this.#label);
  }

  async #keep() {
    const book = this.#book();
    this.#stop = new AbortController();
    const options = { folder, user, signal: this.#stop.signal };
    options.onProgress = (part, size) => {
      $("keep-progress").value = part;
      $("keep-status").textContent = `Keeping it … ${bytes(size)} so far.`;
    };
    this.#draw("");
    let trouble = "";
    try {
      navigator.storage?.persist?.(); // so that the browser does not clear it away when it wants room
      this.#label = await keepBook(book, options);
    } catch (error) {
      if (!this.#label) await forgetBook(book.book_id);
      if (!this.#stop.signal.aborted)
        trouble = error.name === "QuotaExceededError" ? "There is not enough room on this device." : error.message;
    }
    this.#stop = null;
    this.#sayConnection();
    await this.#show(trouble);
  }

  async #remove() {
    await forgetBook(this.#book().book_id);
    this.#label = null;
    this.#sayConnection();
    await this.#show();
    $("keep-start").focus();
  }

  async #show(trouble = "") {
    const books = mayKeep ? await keptBooks() : [];
    const own = this.#book()?.book_id;
    this.#label = books.find((label) => label.id === own) ?? null;
    listKept(books.filter((label) => label.id !== own));
    this.#draw(typeof trouble === "string" ? trouble : "");
  }

  #draw(trouble) {
    const keeping = Boolean(this.#stop);
    const book = this.#book();
    $("keep-start").hidden = keeping || Boolean(this.#label) || !mayKeep || !book?.pages.length;
    $("keep-stop").hidden = $("keep-progress").hidden = !keeping;
    $("keep-remove").hidden = keeping || !this.#label;
    if (keeping) $("keep-progress").value = 0;
    if (trouble) $("keep-status").textContent = trouble;
    else if (keeping) $("keep-status").textContent = "Keeping it …";
    else if (this.#label) $("keep-status").textContent = `This book is kept here. It takes ${bytes(this.#label.bytes)}.`;
    else if (!mayKeep) $("keep-status").textContent = "This browser keeps books only over a secure connection (https).";
    else if (book) $("keep-status").textContent = `This book takes about ${bytes(roughBytes(book))}.`;
  }

  #sayConnection() {
    const away = !navigator.onLine;
    $("offline").hidden = !away;
    if (away)
      $("offline").textContent = this.#label
        ? "You are offline. This book is kept on this device: read and listen on."
        : "You are offline. Pages that were not opened yet come when the connection is back.";
  }
}
