// The sound of one page after another, on one audio element: an element that was started by hand may go on by itself,
// also while the screen is locked.

export const SPEEDS = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.75, 2];

export class Player {
  #audio;
  #speed = 1;
  #startAt = null; // seconds, until the sound is there to be set

  // `on` has the functions ended(), refused() (the browser wants a gesture first) and failed().
  constructor(audio, on) {
    this.#audio = audio;
    audio.preservesPitch = true;
    audio.addEventListener("loadedmetadata", () => this.#seekAtStart());
    audio.addEventListener("ended", on.ended);
    audio.addEventListener("error", () => audio.getAttribute("src") && on.failed());
    this.refused = on.refused;
  }

  get playing() {
    return !this.#audio.paused;
  }

  get ms() {
    return (this.#startAt ?? this.#audio.currentTime) * 1000;
  }

  get speed() {
    return this.#speed;
  }

  set speed(value) {
    this.#speed = value;
    this.#audio.defaultPlaybackRate = this.#audio.playbackRate = value;
  }

  // How loud (0 to 1): what somebody chose, and how much of it while it fades out. Some phones leave this to their keys.
  loud(volume, fade) {
    this.#audio.volume = volume * fade;
  }

  load(url, ms, play) {
    this.#audio.src = url;
    this.#startAt = ms / 1000;
    if (play) this.play();
  }

  // No sound: the page can't be heard.
  clear() {
    this.#audio.pause();
    this.#startAt = null;
    this.#audio.removeAttribute("src");
    this.#audio.load();
  }

  play() {
    this.#audio.play().catch((error) => {
      if (error.name === "NotAllowedError") this.refused();
    });
  }

  pause() {
    this.#audio.pause();
  }

  seek(ms) {
    if (this.#audio.readyState < HTMLMediaElement.HAVE_METADATA) this.#startAt = ms / 1000;
    else this.#audio.currentTime = ms / 1000;
  }

  #seekAtStart() {
    if (this.#startAt) this.#audio.currentTime = this.#startAt;
    this.#startAt = null;
  }
}
