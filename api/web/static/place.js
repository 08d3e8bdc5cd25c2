// Where somebody is in a book, and how fast they listen: kept in this browser.

const OFTEN_MS = 2000;

export class Place {
  #key;
  #written = 0;

  constructor(book) {
    this.#key = `bookwright.place.${book}`;
  }

  // { page, ms, speed } or what there is of it.
  read() {
    try {
      const place = JSON.parse(localStorage.getItem(this.#key)) ?? {};
      return typeof place === "object" ? place : {};
    } catch {
      return {}; // no storage, or somebody else's: begin anew
    }
  }

  write(place) {
    this.#written = Date.now();
    try {
      localStorage.setItem(this.#key, JSON.stringify(place));
    } catch {
      // A browser that keeps nothing still reads.
    }
  }

  // As `write`, at most every two seconds.
  note(place) {
    if (Date.now() - this.#written >= OFTEN_MS) this.write(place);
  }
}

const KEYS = "bookwright.keys";

export function keysWanted() {
  try {
    return localStorage.getItem(KEYS) !== "off";
  } catch {
    return true;
  }
}

export function wantKeys(on) {
  try {
    localStorage.setItem(KEYS, on ? "on" : "off");
  } catch {
    // Then it holds until the page is left.
  }
}

// The page named in the address (`#page=12`), and where in its sound (`#page=12&t=34.5`, seconds), or null.
export function linkedPlace() {
  const found = /^#page=(\d{1,7})(?:&t=(\d{1,6}(?:\.\d{1,3})?))?$/.exec(location.hash);
  return found ? { page: Number(found[1]), ms: found[2] === undefined ? null : Number(found[2]) * 1000 } : null;
}

export function linkPage(number) {
  history.replaceState(null, "", `#page=${number}`);
}
