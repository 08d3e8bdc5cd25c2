// A book's page while the book is made: its events say what has changed, and that is fetched and put in place.

import { takeActions, takeHearing, calmSwaps } from "./actions.js";
import { ask, toast } from "./app.js";

const GATHER_MS = 700;
const AT_ONCE = 48;
const LOOK_AGAIN_MS = 4000;
const $ = (selector) => document.querySelector(selector);
const now = () => $("#now");
const book = now().dataset.book;
const opened = Date.now();
let events = null;
let followed = "";
let timer = 0;
let dirty = new Set();
let all = false;

function look() {
  clearTimeout(timer);
  timer = 0;
  const pages = [...dirty].filter((page) => all || document.getElementById(`page-${page}`)).sort((a, b) => a - b);
  dirty = new Set();
  htmx.trigger("#now", "look");
  if (all) {
    all = false;
    htmx.ajax("GET", `/books/${book}/cards`, { target: "#pages", swap: "innerHTML" });
    return;
  }
  while (pages.length) {
    const first = pages[0];
    const run = pages.filter((page) => page < first + AT_ONCE);
    pages.splice(0, run.length);
    htmx.ajax("GET", `/books/${book}/cards?swap=true&first=${first}&last=${run.at(-1)}`, { target: "#no-pages", swap: "none" });
  }
}

function soon() {
  timer ||= setTimeout(look, GATHER_MS);
}

function heard({ kind, data, at }) {
  // What happened before the page was shown is on it.
  if (kind !== "closed" && new Date(at).getTime() < opened - 5000) return;
  if (kind === "page") dirty.add(data.page);
  else if (kind === "pages" && data.first) for (let page = data.first; page <= data.last; page += 1) dirty.add(page);
  else if (kind === "pages" && data.pages) for (const page of data.pages) dirty.add(page);
  else if (kind === "source") all = true;
  soon();
}

// Follow the newest job of the book, from one to the next.
function follow() {
  const { job, open } = now().dataset;
  if (open !== "true" || job === followed) return;
  events?.close();
  followed = job;
  events = new EventSource(`/api/jobs/${job}/events`);
  for (const kind of ["accepted", "started", "requeued", "source", "stage", "pages", "page", "file", "hold", "budget", "closed"]) {
    events.addEventListener(kind, (event) => heard(JSON.parse(event.data)));
  }
  events.addEventListener("closed", () => {
    events.close();
    setTimeout(soon, LOOK_AGAIN_MS); // another job may follow
  });
}

takeActions(async (button, answer) => {
  if (button.id === "feed" && answer) {
    $("#feed-url").value = answer.url;
    $("#feed-address").showModal();
    $("#feed-url").select();
    return;
  }
  document.querySelector("details[data-menu][open]")?.removeAttribute("open");
  look();
});
const showHearing = takeHearing($("#sound"));
calmSwaps();

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const { budget, approve } = form.dataset;
  if (!budget && !approve) return;
  event.preventDefault();
  const sheet = [...form.querySelectorAll(".character")].map((one) => ({
    name: one.dataset.name,
    looks: one.querySelector("textarea").value.trim(),
  }));
  try {
    await ask(budget ?? approve, { method: "POST", json: budget ? { cap: form.cap.value.trim().replace("$", "") } : { sheet } });
    toast(budget ? "The limit is raised: the book goes on." : "Approved: the story is written now.", "good");
    form.reset();
    document.activeElement?.blur();
    look();
  } catch (error) {
    const shown = form.querySelector(".error");
    if (!shown) toast(error.message, "bad");
    else {
      shown.textContent = error.message;
      shown.hidden = false;
    }
  }
});
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  showHearing();
  if (detail.target.id === "now" || detail.elt.id === "now") {
    if (Number(now().dataset.pages) && !$("#pages").children.length) {
      all = true;
      soon();
    }
    follow();
  }
  $("#no-pages").hidden = $("#pages").children.length > 0;
});
follow();
