// The reader: which page is shown, whether somebody listens, and what follows what.

import { spreadOf } from "./facing.js";
import { Highlight } from "./highlight.js";
import { Pages } from "./pages.js";
import { setText } from "./pagetext.js";
import { Place, linkPage } from "./place.js";
import { Player, SPEEDS } from "./player.js";
import { Timeline } from "./timeline.js";

const BACK_TO_BEGIN_MS = 1500; // "previous sentence" this far into one goes to its own beginning

export class Reader {
  number = 0; // the page shown; 0 is the opening
  listening = false; // wanted by the person; the sound may still be on its way
  trouble = ""; // what the network has refused, for people
  facing = false; // whether two pages are shown, and turned, together
  #asked = 0;
  #broken = false; // the sound did not load
  #shown = null; // the page as the book listed it when it was shown
  #timeline = new Timeline();

  // `view` shows: page(standing, announce), text(turned: 1, 0 or -1), state(), toast(text), progress(part); and says whether
  // somebody wants to hear no further than here: rests(standing, next).
  constructor(book, audio, text, view) {
    this.book = book;
    this.view = view;
    this.text = text;
    this.audio = audio;
    this.pages = new Pages();
    this.place = new Place(book.book_id);
    this.highlight = new Highlight(audio);
    this.player = new Player(audio, {
      ended: () => this.#goOn(),
      refused: () => this.pause(),
      failed: () => this.#soundFailed(),
    });
    const speed = this.place.read().speed;
    this.player.speed = SPEEDS.includes(speed) ? speed : 1;
    for (const event of ["play", "pause", "playing", "waiting"]) audio.addEventListener(event, () => view.state());
    audio.addEventListener("timeupdate", () => this.#moved());
    // Paused by headphones or another app, not by us: the person has stopped listening.
    audio.addEventListener("pause", () => {
      if (!audio.ended && audio.getAttribute("src") && audio.readyState > 0) this.#stopped();
    });
    addEventListener("pagehide", () => this.#remember({ leaving: true }));
    text.addEventListener("click", (event) => this.#pressed(event));
  }

  get standing() {
    return this.book.pages[this.number - 1];
  }

  // A newer look at the book: show what has become of this page.
  renew(book) {
    this.book = book;
    const now = this.standing;
    if (!now || !this.#shown) return;
    if (now.audio_url === this.#shown.audio_url && now.state === this.#shown.state) this.#prefetch();
    else if (!this.player.playing) this.show(this.number, { ms: 0 });
  }

  // Turn to a page. Whoever listens goes on listening there.
  async show(number, { ms = 0, announce = false } = {}) {
    const total = this.book.pages.length;
    if (!total) return;
    const asked = ++this.#asked;
    this.number = Math.min(Math.max(number, 1), total);
    const standing = this.standing;
    const last = this.#shown?.number ?? 0;
    const turned = last && this.#together(last, this.number) ? 0 : this.number - last;
    this.#shown = standing;
    this.trouble = "";
    this.#broken = false;
    this.#timeline = new Timeline();
    this.highlight.follow(null);
    if (!this.#mayBeHeard(standing)) this.listening = false;
    linkPage(this.number);
    // The sound first, and at once: a locked phone lets it go on only from within the end of the page before.
    if (standing.audio_url) this.player.load(this.pages.sound(standing.audio_url), ms, this.listening);
    else this.player.clear();
    this.view.page(standing, announce);
    this.view.state();
    this.#remember();
    this.text.ariaBusy = "true";
    const page = await this.pages.surely(standing, () => asked === this.#asked, (message) => {
      this.trouble = message;
      this.view.state();
    });
    if (!page) return;
    this.trouble = "";
    this.text.ariaBusy = "false";
    this.#timeline = setText(this.text, page);
    this.highlight.follow(this.#timeline);
    if (turned) scrollTo(0, 0);
    this.view.text(Math.sign(turned));
    this.view.state();
    this.#prefetch();
  }

  toggle() {
    if (this.listening) this.pause();
    else this.play();
  }

  play() {
    this.listening = true;
    if (!this.number || this.#broken) this.show(this.number, { ms: this.player.ms });
    else if (this.standing?.audio_url) this.player.play();
    else if (!this.#mayBeHeard(this.standing)) this.#goOn();
    this.view.state();
  }

  pause() {
    this.player.pause();
    this.#stopped();
  }

  seek(ms) {
    this.player.seek(ms);
    this.#remember();
  }

  // The page that turning by one, onward (1) or back (-1), leads to; 0 when there is none.
  leaf(by) {
    const to = this.facing ? spreadOf(this.number) + 2 * by : this.number + by;
    return to >= 1 && to <= this.book.pages.length ? to : 0;
  }

  turn(by) {
    if (this.leaf(by)) this.show(this.leaf(by), { announce: true });
  }

  // To the next (1) or the previous (-1) sentence, over the page's edge too.
  step(by) {
    const { sentences } = this.#timeline;
    const at = this.#timeline.sentenceAt(this.player.ms);
    const into = this.player.ms - (sentences[at]?.begin ?? 0);
    const wanted = by > 0 ? at + 1 : at - (into < BACK_TO_BEGIN_MS ? 1 : 0);
    if (sentences[wanted]) this.seek(sentences[wanted].begin);
    else if (by > 0 && this.number < this.book.pages.length) this.show(this.number + 1, { announce: true });
    else if (by > 0) return;
    else if (at <= 0 && into < BACK_TO_BEGIN_MS && this.number > 1) this.#endOfPage(this.number - 1);
    else this.seek(0);
  }

  speed(by) {
    const index = SPEEDS.indexOf(this.player.speed) + by;
    this.setSpeed(SPEEDS[Math.min(Math.max(index, 0), SPEEDS.length - 1)]);
  }

  setSpeed(value) {
    this.player.speed = value;
    this.view.state();
    this.#remember();
  }

  async #endOfPage(number) {
    const page = await this.pages.text(this.book.pages[number - 1]).catch(() => null);
    const last = page?.paragraphs.at(-1)?.sentences.at(-1);
    this.show(number, { ms: last?.begin_ms ?? 0, announce: true });
  }

  #pressed(event) {
    const index = event.target.closest(".sentence")?.dataset.index;
    if (index === undefined || !getSelection().isCollapsed) return;
    this.listening = true;
    this.seek(this.#timeline.sentences[Number(index)].begin);
    this.player.play();
  }

  // The page has ended, or can't be heard: the next one that can, or that will be.
  #goOn() {
    const rest = this.book.pages.slice(this.number);
    const next = rest.find((page) => this.#mayBeHeard(page));
    if (!next) {
      this.seek(0);
      this.#stopped();
      this.view.toast("You have reached the end of the book.");
      return;
    }
    if (this.view.rests(this.standing, next)) {
      this.listening = false;
      this.show(next.number);
      return;
    }
    const skipped = next.number - this.number - 1;
    const one = `Page ${this.number + 1} can’t be heard and was skipped.`;
    if (skipped) this.view.toast(skipped === 1 ? one : `${skipped} pages can’t be heard and were skipped.`);
    this.show(next.number);
  }

  // Hear a page from one of its sentences on.
  listenFrom(number, ms) {
    this.listening = true;
    this.show(number, { ms });
  }

  #together(one, another) {
    return this.facing ? spreadOf(one) === spreadOf(another) : one === another;
  }

  #mayBeHeard(page) {
    return Boolean(page.audio_url) || (!this.book.closed && page.state !== "failed" && page.state !== "skipped");
  }

  #soundFailed() {
    this.#broken = true;
    this.trouble = "The sound of this page can’t be loaded. Press play to try again.";
    this.#stopped();
  }

  #stopped() {
    this.listening = false;
    this.view.state();
    this.#remember();
  }

  #prefetch() {
    const { pages } = this.book;
    const behind = this.facing ? pages.slice(this.number, spreadOf(this.number) + 3) : [];
    for (const page of behind) this.pages.look(page);
    if (pages[this.number]) this.pages.prefetch(pages[this.number]);
  }

  #moved() {
    const duration = this.standing?.duration_ms;
    if (duration) this.view.progress(this.player.ms / duration);
    if (this.player.playing) this.place.note(this.#here());
  }

  #remember(how) {
    if (this.number) this.place.write(this.#here(), how);
  }

  #here() {
    return { page: this.number, ms: Math.round(this.player.ms), speed: this.player.speed };
  }
}
