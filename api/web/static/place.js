// Where somebody is in a book, and how fast they listen: kept in this browser, and by the server for their other ones.

import { fetchPlace, keepPlace } from "./api.js";

const OFTEN_MS = 2000;
const TELL_MS = 10_000; // the server is told no more often
const mayTell = document.body.dataset.csrf !== "";

export class Place {
  #key;
  #written = 0;
  #told = 0;
  #telling = 0;

  constructor(book) {
    this.#key = `bookwright.place.${book}`;
  }

  // { page, ms, speed, at } or what there is of it.
  read() {
    try {
      const place = JSON.parse(localStorage.getItem(this.#key)) ?? {};
      return typeof place === "object" ? place : {};
    } catch {
      return {}; // no storage, or somebody else's: begin anew
    }
  }

  // `leaving`: nothing can be said later.
  write(place, { leaving = false } = {}) {
    this.#written = Date.now();
    try {
      localStorage.setItem(this.#key, JSON.stringify({ ...place, at: this.#written }));
    } catch {
      // A browser that keeps nothing still reads.
    }
    this.#tellSoon(leaving);
  }

  // As `write`, at most every two seconds.
  note(place) {
    if (Date.now() - this.#written >= OFTEN_MS) this.write(place);
  }

  // Bring this browser's place and the server's together: the newer one counts. Answers it when it is the server's.
  async merge() {
    const own = this.read();
    if (!mayTell) return null;
    try {
      const found = own.at && own.page ? await this.#tell(own) : await fetchPlace();
      return found.page && Date.parse(found.at) > (own.at ?? 0) + OFTEN_MS ? { page: found.page, ms: found.ms } : null;
    } catch {
      return null; // no connection: the next time
    }
  }

  #tellSoon(leaving = false) {
    clearTimeout(this.#telling);
    if (!mayTell) return;
    const wait = this.#told + TELL_MS - Date.now();
    if (wait > 0 && !leaving) this.#telling = setTimeout(() => this.#tellSoon(), wait);
    else this.#tell(this.read()).catch(() => {}); // `merge` says it when the connection is back
  }

  async #tell({ page, ms = 0, at }) {
    this.#told = Date.now();
    return keepPlace({ page, ms: Math.max(0, Math.round(ms)), at: new Date(at).toISOString() });
  }
}

const VOLUME = "bookwright.volume";

// How loud the narration is, 0 to 100.
export function volumeWanted() {
  try {
    const kept = Number(localStorage.getItem(VOLUME) ?? 100);
    return kept >= 0 && kept <= 100 ? kept : 100;
  } catch {
    return 100;
  }
}

export function wantVolume(volume) {
  try {
    localStorage.setItem(VOLUME, String(volume));
  } catch {
    // Then it holds until the page is left.
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
