// What is said about books and pages, in words.

export function minutes(ms) {
  const whole = Math.round(ms / 60000);
  if (whole < 1) return "under a minute";
  if (whole < 60) return `${whole} min`;
  const rest = whole % 60;
  return rest ? `${Math.floor(whole / 60)} h ${rest} min` : `${whole / 60} h`;
}

export function bytes(count) {
  return count < 1e6 ? `${Math.max(1, Math.round(count / 1e3))} kB` : `${(count / 1e6).toFixed(1)} MB`;
}

export const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

export function pageName(page) {
  return page.label ?? String(page.number);
}

// Whether the book is one to be heard, too: no page of a book that is only read has a narration, or waits for one.
export function isSpoken(book) {
  return !book.pages.length || book.pages.some((page) => page.state !== "skipped");
}

// A line about the book as a whole; empty when all is well.
export function bookStatus(book) {
  const total = book.pages.length;
  if (!isSpoken(book)) return readStatus(book);
  const heard = book.pages.filter((page) => page.audio_url).length;
  const why = book.reason ? ` ${sentence(book.reason)}` : "";
  if (book.closed) {
    if (book.state === "failed") return `This book could not be finished.${why}`;
    if (book.state === "cancelled") return `This book was cancelled. ${plural(heard, "page")} of ${total} can be heard.`;
    const missing = total - heard;
    return missing ? `${plural(missing, "page")} of ${total} can’t be heard; the text is all here.` : "";
  }
  if (!total) return "The text of this book is still being read. Its pages will appear here by themselves.";
  if (book.state === "paused") return `The making of this book is paused: ${heard} of ${total} pages can be heard.${why}`;
  return `This book is still being made: ${heard} of ${total} pages can be heard.${why}`;
}

function readStatus(book) {
  const why = book.reason ? ` ${sentence(book.reason)}` : "";
  if (!book.closed) return `This book is still being made.${why}`;
  if (book.state === "failed") return `This book could not be finished.${why}`;
  return book.state === "cancelled" ? "This book was cancelled." : "";
}

// A line about one page; empty when it can be heard, or is only to be read.
export function pageNote(page, book) {
  if (page.audio_url || !isSpoken(book)) return "";
  if (page.state === "failed") return `This page could not be spoken. ${page.error ? sentence(page.error) : ""}`.trim();
  if (page.state === "skipped") return "This page is not spoken.";
  if (book.closed) return "This page was not spoken before the book was closed.";
  return page.state === "processing" ? "This page is being spoken right now." : "This page is not spoken yet.";
}

function sentence(text) {
  const line = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(line) ? line : `${line}.`;
}
