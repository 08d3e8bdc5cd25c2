// Wires the page together.

import { Ambience } from "./ambience.js";
import { listenToKeys } from "./keys.js";
import { Place, linkedPlace } from "./place.js";
import { SPEEDS } from "./player.js";
import { Reader } from "./reader.js";
import { startSession } from "./session.js";
import { listChapters, listFiles, openSheet, prepareSheets } from "./sheets.js";
import { Scenery } from "./scenery.js";
import { Strip } from "./strip.js";
import { watch } from "./watch.js";
import { bookStatus, isSpoken, minutes, pageName, pageNote, plural } from "./words.js";

const $ = (id) => document.getElementById(id);
const id = document.body.dataset.book;
const rtl = document.documentElement.dir === "rtl";
const scenery = new Scenery($("page-image"), $("image-note"));
const ambience = new Ambience($("ambience"), $("ambience-on"), $("ambience-volume"), (words) => toast(words));
let reader = null;
let strip = null;
let tellSession = null;

prepareSheets();
const look = watch(id, {
  onBook(book) {
    if (reader) reader.renew(book);
    else if (book.pages.length) begin(book);
    showBook(book);
  },
  onTrouble: (message) => ($("book-status").textContent = `${message} Trying again …`),
  awake: () => !document.hidden || Boolean(reader?.listening),
});

$("sound").addEventListener("play", () => look());

function begin(book) {
  reader = new Reader(book, $("sound"), $("page-text"), {
    page: showPage,
    state: showState,
    toast,
    progress: (part) => strip.progress(reader.number, part),
  });
  const go = (number) => reader.show(number, { announce: true });
  const listen = (action) => () => (isSpoken(reader.book) ? action() : go(reader.number || 1));
  const actions = {
    toggle: listen(() => reader.toggle()),
    play: listen(() => reader.play()),
    pause: () => reader.pause(),
    seek: (ms) => reader.seek(ms),
    nextSentence: () => reader.step(1),
    previousSentence: () => reader.step(-1),
    nextPage: () => reader.turn(1),
    previousPage: () => reader.turn(-1),
    slower: () => reader.speed(-1),
    faster: () => reader.speed(1),
    chapters: () => openSheet("chapters"),
    files: () => openSheet("files"),
    ambience: () => ambience.toggle(),
    help: () => openSheet("help"),
  };
  strip = new Strip($("strip"), go);
  tellSession = startSession(actions);
  listenToKeys(actions, rtl);
  const buttons = { play: "toggle", back: "previousSentence", forward: "nextSentence" };
  Object.assign(buttons, { "previous-page": "previousPage", "next-page": "nextPage", begin: "play" });
  for (const [button, action] of Object.entries(buttons)) $(button).addEventListener("click", actions[action]);
  $("look").addEventListener("click", () => go(1));
  $("speed").append(...SPEEDS.map((speed) => new Option(`${speed}×`, String(speed))));
  $("speed").addEventListener("change", () => reader.setSpeed(Number($("speed").value)));
  addEventListener("hashchange", () => {
    const linked = linkedPlace();
    if (linked && (linked.page !== reader.number || linked.ms !== null))
      reader.show(linked.page, { ms: linked.ms ?? 0, announce: true });
  });
  showBook(book);
  showState();
  const place = new Place(id).read();
  const linked = linkedPlace();
  if (linked && (linked.page !== place.page || linked.ms !== null)) reader.show(linked.page, { ms: linked.ms ?? 0 });
  else if (place.page) reader.show(place.page, { ms: place.ms ?? 0 });
}

function showBook(book) {
  $("title").textContent = book.title;
  $("author").textContent = book.author ?? "";
  for (const image of [$("cover"), $("thumb")]) if (!image.src) image.src = book.cover_url;
  $("book-status").textContent = bookStatus(book);
  document.body.dataset.closed = String(book.closed);
  const heard = book.pages.reduce((sum, page) => sum + page.duration_ms, 0);
  const spoken = isSpoken(book);
  document.body.dataset.spoken = String(spoken);
  $("look").textContent = spoken ? "Read without sound" : "Read";
  const facts = [plural(book.pages.length, "page"), spoken && minutes(heard), language(book.language)];
  $("facts").textContent = book.pages.length ? facts.filter(Boolean).join(" · ") : "";
  $("begin").disabled = $("look").disabled = !book.pages.length;
  if (reader?.number) {
    strip.show(book);
    showScenery(reader.standing);
  }
  showChapters();
  listFiles(book);
}

function showChapters() {
  if (reader) listChapters(reader.book, chapterOf(reader.number)?.number, (page) => reader.show(page, { announce: true }));
}

function showPage(page, announce) {
  const leaving = $("opening").contains(document.activeElement);
  $("opening").hidden = true;
  $("name").hidden = false;
  $("page").hidden = document.querySelector(".player").hidden = false;
  if (leaving) $("page-text").focus({ preventScroll: true }); // the button in focus is gone
  const chapter = chapterOf(page.number);
  const { pages } = reader.book;
  $("chapter").textContent = chapter?.title || `Chapter ${chapter?.number ?? 1}`;
  $("chapter").dataset.opens = String(chapter?.first_page === page.number);
  $("folio").textContent = pageName(page);
  $("where").textContent = `Page ${pageName(page)} of ${pages.length}`;
  $("previous-page").disabled = page.number === 1;
  $("next-page").disabled = page.number === pages.length;
  showScenery(page);
  if (announce) $("announce").textContent = `Page ${pageName(page)} of ${pages.length}`;
  strip.show(reader.book);
  strip.progress(page.number, 0);
  showChapters();
  tellSession({ title: `Page ${pageName(page)}`, book: reader.book, chapter: chapter?.title });
}

function showScenery(page) {
  scenery.show(page);
  ambience.show(page);
  if (!page.image_url) return;
  const described = (text) => page.number === reader.number && scenery.describe(text.image);
  reader.pages.text(page).then(described, () => {}); // whoever shows the text asks again until it is there
}

function showState() {
  const waiting = reader.listening && !reader.player.playing;
  ambience.listen(reader.listening);
  document.body.dataset.player = reader.listening ? (waiting ? "waiting" : "playing") : "paused";
  const label = reader.listening ? "Pause" : "Play";
  $("play").setAttribute("aria-label", label);
  $("play").title = `${label} (space)`;
  $("speed").value = String(reader.player.speed);
  const chapter = chapterOf(reader.number);
  const rest = chapter ? reader.book.pages.slice(reader.number - 1, chapter.last_page) : [];
  const left = rest.reduce((sum, page) => sum + page.duration_ms, 0) / reader.player.speed;
  $("left").textContent = left ? `${minutes(left)} left in the chapter` : "";
  $("page-note").textContent = note(waiting);
}

function note(waiting) {
  if (reader.trouble || !reader.standing) return reader.trouble;
  const about = pageNote(reader.standing, reader.book);
  return about && waiting ? `${about} Listening goes on by itself as soon as it is there.` : about;
}

function chapterOf(number) {
  return reader.book.chapters.find((chapter) => chapter.first_page <= number && number <= chapter.last_page);
}

function language(tag) {
  try {
    return tag === "und" ? "" : new Intl.DisplayNames(["en"], { type: "language" }).of(tag);
  } catch {
    return tag;
  }
}

let toastTimer = 0;
function toast(text) {
  $("toast").textContent = text;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => ($("toast").textContent = ""), 6000);
}
