// Pages already fetched, and the next page's sound, so that going on needs no network.

import { fetchPage } from "./api.js";

const KEPT = 12;
const RETRY_MS = 3000;
const LONGEST_AHEAD_MS = 15 * 60 * 1000;

export class Pages {
  #texts = new Map(); // by page number, in order of use: { key, text (a promise) }
  #ahead = null; // { url, blob (an object URL, once fetched), stop }
  #playing = null; // the object URL that plays now: the element reads from it all the time

  // The page's text and times. `standing` is the page as the book lists it: when that changes, it is fetched anew.
  text(standing) {
    const key = `${standing.audio_url ?? standing.state} ${standing.image_url ?? ""}`;
    const known = this.#texts.get(standing.number);
    this.#texts.delete(standing.number);
    const entry = known?.key === key ? known : { key, text: fetchPage(standing.number) };
    this.#texts.set(standing.number, entry);
    entry.text.catch(() => this.#texts.get(standing.number) === entry && this.#texts.delete(standing.number));
    if (this.#texts.size > KEPT) this.#texts.delete(this.#texts.keys().next().value);
    return entry.text;
  }

  // The same, however long the network is away; null when it is not `wanted` any more.
  async surely(standing, wanted, onTrouble) {
    while (wanted()) {
      try {
        const page = await this.text(standing);
        return wanted() ? page : null;
      } catch (error) {
        if (!wanted()) return null;
        onTrouble(`${error.message} Trying again …`);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    return null;
  }

  // What to play for this address from now on: the sound fetched ahead, or the address itself.
  sound(url) {
    const ready = this.#ahead?.url === url ? this.#ahead.blob : null;
    if (this.#playing && this.#playing !== ready) URL.revokeObjectURL(this.#playing);
    this.#playing = ready;
    return ready ?? url;
  }

  // Fetch a page's text and picture before they are wanted.
  look(standing) {
    this.text(standing).catch(() => {});
    if (standing.image_url) new Image().src = standing.image_url;
  }

  // Fetch its sound, too. One sound is kept.
  prefetch(standing) {
    this.look(standing);
    const url = standing.audio_url;
    if (!url || this.#ahead?.url === url || standing.duration_ms > LONGEST_AHEAD_MS) return;
    const old = this.#ahead;
    const ahead = { url, blob: null, stop: new AbortController() };
    this.#ahead = ahead;
    fetch(url, { signal: ahead.stop.signal, priority: "low" })
      .then((answer) => (answer.ok ? answer.blob() : Promise.reject()))
      .then((blob) => {
        if (this.#ahead === ahead) ahead.blob = URL.createObjectURL(blob);
      })
      .catch(() => {
        if (this.#ahead === ahead) this.#ahead = null;
      });
    old?.stop.abort();
    if (old?.blob && old.blob !== this.#playing) URL.revokeObjectURL(old.blob);
  }
}
