// What is heard besides the words: how loud the narration is, the scene, and when it all ends by itself.

import { volumeWanted, wantVolume } from "./place.js";
import { Sleep } from "./sleep.js";

const GENTLY_S = 8; // the soundscape takes so long to fade when a page or chapter ends the listening
const $ = (id) => document.getElementById(id);

export class Sounds {
  #reader;
  #ambience;
  #sleep;
  #fade = 1;

  constructor(reader, ambience, toast) {
    this.#reader = reader;
    this.#ambience = ambience;
    $("volume").value = String(volumeWanted());
    $("volume").addEventListener("input", () => {
      wantVolume(Number($("volume").value));
      this.#loud();
    });
    this.#sleep = new Sleep({
      fade: (part) => {
        this.#fade = part;
        ambience.fade(part);
        this.#loud();
      },
      stop: () => {
        if (reader.listening) toast("Good night. Your place is kept.");
        reader.pause();
      },
      changed: () => this.#show(),
    });
    for (const radio of document.getElementsByName("sleep"))
      radio.addEventListener("change", () => this.#sleep.choose(radio.value));
    $("sounds").addEventListener("opened", () => this.#show());
    this.#loud();
    this.#show();
  }

  // The page that is shown.
  show(page) {
    $("scene").textContent = page.ambience_url ? (page.scene ?? "") : "";
    $("scene-note").textContent = page.scene ? `The scene: ${page.scene}.` : "";
  }

  // Whether the sleep timer ends the listening here, before the page that would follow.
  restsBefore(next, chapter) {
    const rests = this.#sleep.restsBefore(next, chapter);
    if (rests) this.#ambience.listen(false, GENTLY_S);
    return rests;
  }

  #loud() {
    this.#reader.player.loud(Number($("volume").value) / 100, this.#fade);
  }

  #show() {
    for (const radio of document.getElementsByName("sleep")) radio.checked = radio.value === this.#sleep.kind;
    $("sleep-status").textContent = this.#sleep.words;
    $("open-sounds").dataset.timed = String(Boolean(this.#sleep.kind));
  }
}
