// The books that are kept on this device, as links.

import { bytes } from "../words.js";

export function listKept(books) {
  const items = books.map((book) => {
    const link = Object.assign(document.createElement("a"), { href: book.url, className: "choice" });
    const label = Object.assign(document.createElement("span"), { className: "label", lang: book.language, dir: "auto" });
    label.textContent = book.title;
    const detail = Object.assign(document.createElement("span"), { className: "detail", textContent: bytes(book.bytes) });
    link.append(label, detail);
    const item = document.createElement("li");
    item.append(link);
    return item;
  });
  document.getElementById("kept-list").replaceChildren(...items);
}
