// How pages look to whoever reads: light, type, size, one page or two. Remembered in this browser.

const KEY = "bookwright.look";
const USUAL = { font: "serif", size: "1", layout: "auto" };
const WIDE = matchMedia("(min-width: 60rem) and (min-aspect-ratio: 5/4)");
const root = document.documentElement;

export class Look {
  #choice;
  #changed;

  // `changed` is called when pages may have to be laid out anew.
  constructor(changed) {
    this.#choice = { ...USUAL, ...remembered() };
    this.#changed = changed;
    for (const name of Object.keys(USUAL)) this.#offer(name);
    this.#offerLight();
    this.#apply();
    WIDE.addEventListener("change", () => this.#changed());
  }

  // Whether two pages of this book are shown side by side.
  facing(book) {
    const { layout } = this.#choice;
    return WIDE.matches && book.pages.length > 1 && (layout === "two" || (layout === "auto" && isPictureBook(book)));
  }

  // Two pages instead of one, or the other way round.
  toggleFacing(book) {
    this.#choose("layout", this.facing(book) ? "one" : "two");
  }

  // Night, or what was before it.
  toggleNight() {
    const night = root.dataset.theme === "night";
    setLight(night ? (this.#choice.before ?? "") : "night", (before) => this.#remember({ before }));
    this.#offerLight();
  }

  #offer(name) {
    for (const radio of document.getElementsByName(name)) {
      radio.checked = radio.value === this.#choice[name];
      radio.addEventListener("change", () => this.#choose(name, radio.value));
    }
  }

  #offerLight() {
    for (const radio of document.getElementsByName("theme")) {
      radio.checked = radio.value === (root.dataset.theme ?? "");
      radio.onchange = () => setLight(radio.value, (before) => this.#remember({ before }));
    }
  }

  #choose(name, value) {
    this.#remember({ [name]: value });
    for (const radio of document.getElementsByName(name)) radio.checked = radio.value === value;
    this.#apply();
    this.#changed();
  }

  #apply() {
    root.dataset.font = this.#choice.font;
    root.dataset.size = this.#choice.size;
  }

  #remember(change) {
    Object.assign(this.#choice, change);
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#choice));
    } catch {
      // Then it holds until the page is left.
    }
  }
}

// A cookie, so that every page comes in its colours from the start.
function setLight(theme, rememberBefore) {
  rememberBefore(root.dataset.theme ?? "");
  document.cookie = `bookwright_theme=${theme}; path=/; samesite=lax; max-age=${theme ? 31536000 : 0}`;
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
}

function isPictureBook(book) {
  return book.pages.filter((page) => page.image_url).length * 2 >= book.pages.length;
}

function remembered() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY));
    return kept && typeof kept === "object" ? kept : {};
  } catch {
    return {};
  }
}
