// Wires the page together.

import { Ambience } from "./ambience.js";
import { Facing } from "./facing.js";
import { Finding } from "./finding.js";
import { listenToKeys } from "./keys.js";
import { Look } from "./look.js";
import { Keeping } from "./offline/keeping.js";
import { linkedPlace } from "./place.js";
import { SPEEDS } from "./player.js";
import { Reader } from "./reader.js";
import { startSession } from "./session.js";
import { prepareSharing } from "./sharing.js";
import { listChapters, listFiles, openSheet, prepareSheets } from "./sheets.js";
import { Scenery } from "./scenery.js";
import { Sounds } from "./sounds.js";
import { Strip } from "./strip.js";
import { listenToHands } from "./turning.js";
import { watch } from "./watch.js";
import { bookStatus, isSpoken, minutes, pageName, pageNote, plural } from "./words.js";

const $ = (id) => document.getElementById(id);
const rtl = document.documentElement.dir === "rtl";
const scenery = new Scenery($("page-image"), $("image-note"));
const ambience = new Ambience($("ambience"), $("ambience-on"), $("ambience-volume"), (words) => toast(words));
const keeping = new Keeping(() => reader?.book);
const look = new Look(() => layOut());
const finding = new Finding(
  () => reader.book,
  (number) => reader.show(number, { announce: true }),
);
let reader = null;
let strip = null;
let sounds = null;
let facing = null;
let tellSession = null;

prepareSheets();
prepareSharing();
const lookAgain = watch({
  onBook(book) {
    if (reader) reader.renew(book);
    else if (book.pages.length) begin(book);
    showBook(book);
    finding.forget();
    keeping.renew(book);
  },
  onTrouble: (message) => ($("book-status").textContent = `${message} Trying again …`),
  awake: () => !document.hidden || Boolean(reader?.listening),
});

$("sound").addEventListener("play", () => lookAgain());

function begin(book) {
  reader = new Reader(book, $("sound"), $("page-text"), {
    page: showPage,
    text(turned) {
      finding.mark();
      if (turned) facing.turn(turned);
    },
    state: showState,
    toast,
    rests: (standing, next) => sounds.restsBefore(next, chapterOf(standing.number)),
    progress: (part) => strip.progress(reader.number, part),
  });
  reader.facing = look.facing(book);
  facing = new Facing($("leaves"), reader.pages, (number, ms) => reader.listenFrom(number, ms));
  sounds = new Sounds(reader, ambience, toast);
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
    sounds: () => openSheet("sounds"),
    find: () => openSheet("find"),
    look: () => openSheet("appearance"),
    night: () => look.toggleNight(),
    facing: () => look.toggleFacing(reader.book),
    keep: () => openSheet("keep"),
    share: () => openSheet("share"),
    help: () => openSheet("help"),
  };
  strip = new Strip($("strip"), go);
  tellSession = startSession(actions);
  listenToKeys(actions, rtl);
  listenToHands($("leaves"), rtl, actions);
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
  const place = reader.place.read();
  const linked = linkedPlace();
  if (linked && (linked.page !== place.page || linked.ms !== null)) reader.show(linked.page, { ms: linked.ms ?? 0 });
  else {
    if (place.page) reader.show(place.page, { ms: place.ms ?? 0 });
    goOnFromElsewhere();
  }
  addEventListener("online", goOnFromElsewhere);
}

// Where somebody read on another device, if that was later, and they do not read here by now.
async function goOnFromElsewhere() {
  const before = reader.number;
  const place = await reader.place.merge();
  if (!place || reader.number !== before || reader.listening || place.page === before) return;
  if (before) toast(`You go on at page ${pageName(reader.book.pages[place.page - 1])}, where you were on another device.`);
  reader.show(place.page, { ms: place.ms });
}

// One page or two: as the window, the book and the reader want it.
function layOut() {
  if (!reader) return;
  reader.facing = look.facing(reader.book);
  if (reader.number) showPage(reader.standing);
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
    reader.facing = look.facing(book);
    facing.show(book, reader.number, reader.facing);
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
  $("leaves").hidden = document.querySelector(".player").hidden = false;
  if (leaving) $("page-text").focus({ preventScroll: true }); // the button in focus is gone
  const chapter = chapterOf(page.number);
  const { pages } = reader.book;
  $("chapter").textContent = chapter?.title || `Chapter ${chapter?.number ?? 1}`;
  $("chapter").dataset.opens = String(chapter?.first_page === page.number);
  $("folio").textContent = pageName(page);
  $("where").textContent = `Page ${pageName(page)} of ${pages.length}`;
  for (const [name, by] of [["previous", -1], ["next", 1]])
    $(`${name}-page`).disabled = $(`edge-${name}`).disabled = !reader.leaf(by);
  facing.show(reader.book, page.number, reader.facing).then(() => finding.mark());
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
  sounds.show(page);
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
  $("left").textContent = left ? `${minutes(left)} left in chapter` : "";
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
