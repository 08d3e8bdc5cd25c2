// Marks what is being heard, once a frame while the sound runs.

const HANDS_OFF_MS = 5000; // after somebody has scrolled, their place is theirs for so long

export class Highlight {
  #audio;
  #timeline = null;
  #sentence = -1;
  #word = -1;
  #frame = 0;
  #scrolledAt = -Infinity;

  constructor(audio) {
    this.#audio = audio;
    for (const event of ["play", "playing"]) audio.addEventListener(event, () => this.#run());
    for (const event of ["pause", "seeked", "timeupdate"]) audio.addEventListener(event, () => this.update());
    for (const event of ["wheel", "touchmove"])
      addEventListener(event, () => (this.#scrolledAt = performance.now()), { passive: true });
  }

  // Another page: forget the old one's marks. Nothing is marked until it is heard.
  follow(timeline) {
    this.#mark(-1, -1);
    this.#timeline = timeline;
  }

  get sentence() {
    return this.#sentence;
  }

  // Mark what is heard at this moment.
  update() {
    if (!this.#timeline) return;
    const ms = this.#audio.currentTime * 1000;
    const idle = this.#audio.paused && ms === 0;
    this.#mark(idle ? -1 : this.#timeline.sentenceAt(ms), idle ? -1 : this.#timeline.wordAt(ms));
  }

  #run() {
    cancelAnimationFrame(this.#frame);
    this.update();
    if (!this.#audio.paused) this.#frame = requestAnimationFrame(() => this.#run());
  }

  #mark(sentence, word) {
    if (word !== this.#word) {
      this.#timeline?.words[this.#word]?.element.classList.remove("now");
      this.#timeline?.words[word]?.element.classList.add("now");
      this.#word = word;
    }
    if (sentence !== this.#sentence) {
      this.#timeline?.sentences[this.#sentence]?.element.classList.remove("now");
      const element = this.#timeline?.sentences[sentence]?.element;
      element?.classList.add("now");
      this.#sentence = sentence;
      if (element && !this.#audio.paused) this.#bringIntoView(element);
    }
  }

  #bringIntoView(element) {
    if (performance.now() - this.#scrolledAt < HANDS_OFF_MS) return;
    const { top, bottom } = element.getBoundingClientRect();
    if (top >= innerHeight * 0.12 && bottom <= innerHeight * 0.72) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    element.scrollIntoView({ block: "center", behavior: still ? "auto" : "smooth" });
  }
}
