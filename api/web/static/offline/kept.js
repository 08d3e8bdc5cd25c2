// What can be read without a connection.

import { keptBooks } from "./keep.js";
import { listKept } from "./list.js";

const theme = /(?:^|; )bookwright_theme=(\w+)/.exec(document.cookie);
if (theme) document.documentElement.dataset.theme = theme[1];
const books = await keptBooks();
if (books.length) document.getElementById("kept-status").textContent = "These books are kept on this device.";
listKept(books);
