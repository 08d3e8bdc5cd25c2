// Looks after a book that is still being made, until it is closed.

import { fetchBook } from "./api.js";

const EVERY_MS = 2000;
const IN_TROUBLE_MS = 6000;

// Calls `onBook(book)` with each answer and `onTrouble(message)` when there is none. Rests while nobody looks or
// listens (`awake()`), and looks at once when they are back, or when the
// function that this answers is called.
export function watch({ onBook, onTrouble, awake }) {
  let timer = 0;
  let asking = false;
  let closed = false;

  async function look() {
    clearTimeout(timer);
    if (asking || closed) return;
    asking = true;
    let wait = EVERY_MS;
    try {
      const book = await fetchBook();
      closed = book.closed;
      onBook(book);
    } catch (error) {
      wait = IN_TROUBLE_MS;
      onTrouble(error.message);
    }
    asking = false;
    if (!closed && awake()) timer = setTimeout(look, wait);
  }

  for (const event of ["visibilitychange", "online", "pageshow"]) {
    (event === "visibilitychange" ? document : window).addEventListener(event, () => awake() && look());
  }
  look();
  return look;
}
