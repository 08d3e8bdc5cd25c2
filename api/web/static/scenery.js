// What stands beside the text: the page's picture, and the ambient sound under it, which is off until it is switched on.

const QUIET = 0.1; // of full volume: 20 dB below

export class Scenery {
  #image;
  #ambience;
  #on;
  #listening = false;
  #url = null;

  constructor(image, ambience, label, on) {
    this.#image = image;
    this.#ambience = ambience;
    this.#on = on;
    this.label = label;
    ambience.volume = QUIET;
    on.checked = false;
    on.addEventListener("change", () => this.#play());
  }

  // The page that is shown. Its picture's description comes with its text.
  show(standing) {
    const url = standing.image_url ?? null;
    if (this.#image.getAttribute("src") !== url) {
      this.#image.alt = "";
      if (url) this.#image.src = url;
      else this.#image.removeAttribute("src");
    }
    this.#image.hidden = !url;
    this.#url = standing.ambience_url ?? null;
    this.label.hidden = !this.#url;
    this.#play();
  }

  describe(picture) {
    if (!picture) return;
    this.#image.alt = picture.alt;
    this.#image.width = picture.width;
    this.#image.height = picture.height;
  }

  // Ambience sounds only under the narration.
  listen(listening) {
    this.#listening = listening;
    this.#play();
  }

  #play() {
    if (!this.#url || !this.#on.checked || !this.#listening) {
      this.#ambience.pause();
      return;
    }
    const version = new URL(this.#url, location).searchParams.get("v"); // pages share a sound, under addresses of their own
    if (this.#ambience.dataset.version !== version) {
      this.#ambience.dataset.version = version;
      this.#ambience.src = this.#url;
    }
    if (this.#ambience.paused) this.#ambience.play().catch(() => {});
  }
}
