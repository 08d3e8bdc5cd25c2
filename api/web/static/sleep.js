// The sleep timer: listening ends by itself, after a while or where a page or chapter does, and not with a jolt.

const FADE_MS = 20_000;
const STEP_MS = 250;
const MINUTE_MS = 60_000;

export class Sleep {
  #kind = "";
  #until = 0;
  #timer = 0;
  #on;

  // `on` has fade(part) (1 is as loud as ever), stop() and changed().
  constructor(on) {
    this.#on = on;
  }

  // "" for never, minutes, "page" or "chapter".
  choose(kind) {
    clearTimeout(this.#timer);
    this.#kind = kind;
    this.#on.fade(1);
    if (/^\d+$/.test(kind)) {
      this.#until = Date.now() + Number(kind) * MINUTE_MS;
      this.#wait();
    }
    this.#on.changed();
  }

  get kind() {
    return this.#kind;
  }

  // What it will do, in words; empty when nothing.
  get words() {
    if (!this.#kind) return "";
    if (this.#kind === "page") return "Stops at the end of this page.";
    if (this.#kind === "chapter") return "Stops at the end of this chapter.";
    const left = Math.max(1, Math.ceil((this.#until - Date.now()) / MINUTE_MS));
    return `Stops in ${left} ${left === 1 ? "minute" : "minutes"}.`;
  }

  // A page has ended and `next` would follow: whether to rest here. That fulfils the wish.
  restsBefore(next, chapter) {
    const rests = this.#kind === "page" || (this.#kind === "chapter" && next.number > (chapter?.last_page ?? 0));
    if (rests) this.choose("");
    return rests;
  }

  #wait() {
    const left = this.#until - Date.now();
    if (left <= 0) {
      this.#on.stop();
      this.choose("");
      return;
    }
    if (left <= FADE_MS) this.#on.fade(left / FADE_MS);
    else this.#on.changed();
    this.#timer = setTimeout(() => this.#wait(), left <= FADE_MS ? STEP_MS : Math.min(left - FADE_MS, MINUTE_MS));
  }
}
