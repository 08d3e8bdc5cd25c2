// The picture beside the text.

export class Scenery {
  #image;
  #note;

  constructor(image, note) {
    this.#image = image;
    this.#note = note;
  }

  // The page that is shown. Its picture's description comes with its text.
  show(standing) {
    const url = standing.image_url ?? null;
    if (this.#image.getAttribute("src") !== url) {
      this.#image.alt = this.#image.title = "";
      if (url) this.#image.src = url;
      else this.#image.removeAttribute("src");
    }
    this.#image.hidden = !url;
    this.#note.textContent = standing.image_note ? `The picture is not quite right: ${standing.image_note}.` : "";
  }

  describe(picture) {
    if (!picture) return;
    this.#image.alt = picture.alt;
    if (picture.made_by) this.#image.title = `Drawn by ${picture.made_by}`;
    this.#image.width = picture.width;
    this.#image.height = picture.height;
  }
}
