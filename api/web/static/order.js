// The order form: what is asked for, the estimate while it is filled in, and the order itself, once.

import { ask, element, toast } from "./app.js";
import { Draft } from "./draft.js";
import { estimated } from "./estimate.js";
import { sendFile } from "./upload.js";
import { showVoices } from "./voices.js";

const WAIT_MS = 600;
const form = document.querySelector("#order");
const $ = (selector) => form.querySelector(selector);
const draft = new Draft("bookwright.order");
const stages = JSON.parse(form.dataset.stages);
let file = null;
let timer = 0;
let asking = null;

const value = (name) => form.elements[name]?.value?.trim() ?? "";
const way = () => form.elements.way.value;
const on = (name) => Boolean(form.elements[name]?.checked && !form.elements[name].disabled);
const set = (object) => Object.fromEntries(Object.entries(object).filter(([, one]) => one !== "" && one !== null));

function tracks() {
  return ["narration", "illustrations", "soundscape"].filter(on);
}

function editions() {
  return [...form.querySelectorAll("[name=editions]:checked")].map((one) => one.value);
}

// What is sent: { url, json } or, of a file, { url, form }.
function wanted() {
  const common = { language: value("language"), voice: on("narration") ? value("voice") : "", budget: value("budget") };
  if (way() === "brief") {
    const names = ["job_type", "character_name", "character_type", "special_ability", "age_group", "story_world"];
    const more = ["adventure_type", "occasion_theme", "character_image_url", "style"];
    const told = Object.fromEntries([...names, ...more].map((name) => [name, value(name)]));
    const how = { pages: Number(value("pages")), tracks: tracks(), editions: editions() };
    const json = set({ ...told, ...common, ...how, review: on("review"), review_sheet: on("review_sheet") });
    return { url: "/api/books/generate", json };
  }
  if (way() === "notes") {
    const names = ["content", "storyKind", "tone", "targetAudience", "title", "author", "style"];
    const told = Object.fromEntries(names.map((name) => [name, value(name)]));
    const how = { numberOfPages: Number(value("numberOfPages")), improveGrammar: on("improveGrammar") };
    const then = { includeAIImages: on("illustrations"), includeAudio: on("narration") };
    const config = set({ ...told, ...common, ...how, ...then, review: on("review") });
    return { url: "/api/jobs/create", json: { type: "story_generation", config } };
  }
  const data = new FormData();
  const fields = { title: value("title"), author: value("author"), ...common, style: value("style") };
  const lists = { tracks: tracks().join(","), editions: editions().join(","), review: String(on("review")) };
  for (const [name, one] of Object.entries(set({ ...fields, ...lists }))) data.append(name, one);
  const text = value("text");
  if (file) data.append("file", file);
  else if (text) data.append("file", new File([text], "text.md", { type: "text/markdown" }));
  return { url: "/api/books/upload/", form: data };
}

// What is missing before anything can be asked: [field, what to do] of each.
function lacking() {
  const found = [...form.elements]
    .filter((one) => one.willValidate && !one.validity.valid)
    .map((one) => [one.name, one.validationMessage]);
  if (way() === "file" && !file && !value("text")) found.push(["file", "Choose a file, or paste the text below."]);
  if (way() !== "notes") {
    if (!tracks().length) found.push(["tracks", "Choose narration, pictures or ambient sound: a book needs one of them."]);
    if (!editions().length) found.push(["editions", "Choose at least one edition."]);
  }
  return found;
}

function showErrors(errors) {
  for (const shown of form.querySelectorAll(".error")) shown.hidden = true;
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  const elsewhere = [];
  let first = null;
  for (const { field, message } of errors) {
    const name = field.split(".").at(-1);
    const place = form.querySelector(`[data-field="${CSS.escape(name)}"]:not([disabled] *)`);
    const shown = place?.querySelector(".error");
    if (!shown) elsewhere.push(message);
    else {
      shown.textContent = message.replace(`${name}: `, "");
      shown.hidden = false;
      const input = place.querySelector("input, select, textarea");
      input?.setAttribute("aria-invalid", "true");
      input?.setAttribute("aria-errormessage", shown.id);
      first ??= input;
    }
  }
  return { first, elsewhere };
}

function trouble(message) {
  $("#trouble").hidden = !message;
  $("#trouble").textContent = message;
}

// The parts of the form that belong to what the book is made from.
function arrange() {
  for (const part of form.querySelectorAll("[data-way]")) {
    const mine = part.dataset.way.split(" ").includes(way());
    part.hidden = !mine;
    if ("disabled" in part) part.disabled = !mine;
    for (const input of part.querySelectorAll("input[type=checkbox]")) input.dataset.away = String(!mine);
  }
  if (way() === "brief" && !value("language")) form.elements.language.value = "en";
  $("#styles").hidden = !on("illustrations");
  $("#voices").closest(".field").hidden = !on("narration");
  form.querySelector("[value='m4b-ambience']").disabled = !on("soundscape");
}

async function estimate() {
  asking?.abort();
  const box = $("#estimate");
  if (lacking().length) {
    box.replaceChildren(element("p", { class: "soft" }, "Fill in the form, and the estimate appears here."));
    return;
  }
  asking = new AbortController();
  box.setAttribute("aria-busy", "true");
  try {
    const { json, form: body } = wanted();
    body?.delete("review");
    const answer = await ask("/api/estimate", { method: "POST", json, body, signal: asking.signal });
    box.replaceChildren(...estimated(await answer.json(), value("budget"), stages));
    showErrors([]);
    trouble("");
  } catch (error) {
    if (error.name === "AbortError") return;
    const { elsewhere } = showErrors(error.errors ?? []);
    const said = elsewhere.length || !error.errors?.length ? error.message : "Look at what is marked in the form.";
    box.replaceChildren(element("p", { class: "soft" }, said));
  }
  box.removeAttribute("aria-busy");
}

function changed() {
  arrange();
  draft.write(form);
  clearTimeout(timer);
  timer = setTimeout(estimate, WAIT_MS);
}

async function place(event) {
  event.preventDefault();
  const found = lacking().map(([field, message]) => ({ field, message }));
  const { first } = showErrors(found);
  trouble("");
  if (found.length) {
    first?.focus();
    return;
  }
  const button = $("#place");
  if (button.disabled) return;
  button.disabled = true;
  button.textContent = "Ordering…";
  try {
    const order = wanted();
    const headers = { "Idempotency-Key": await draft.key(order) };
    const answer = order.form
      ? await sendFile(order.url, order.form, headers, $("#sending"))
      : await (await ask(order.url, { method: "POST", json: order.json, headers })).json();
    draft.forget();
    location.assign(`/books/${encodeURIComponent(answer.book_id ?? answer.storyId)}`);
    return;
  } catch (error) {
    const { first: wrong, elsewhere } = showErrors(error.errors ?? []);
    wrong?.focus();
    const marked = wrong && !elsewhere.length ? "Something in the form needs another look: it is marked." : error.message;
    trouble(error.status ? marked : `${error.message} The form is kept on this device, and nothing is ordered twice.`);
  }
  $("#sending").hidden = true;
  button.disabled = false;
  button.textContent = "Try again";
}

function take(given) {
  file = given ?? null;
  $("#file-name").textContent = file ? file.name : "Choose a file, or drop it here";
  changed();
}

form.addEventListener("submit", place);
form.addEventListener("input", ({ target }) => {
  if (target.type === "range") target.nextElementSibling.value = target.value;
});
form.addEventListener("input", changed);
form.addEventListener("change", ({ target }) => {
  if (target.name === "file") take(target.files[0]);
  if (target.name === "language" || target.name === "way") showVoices($("#voices"), value("language"), changed);
});
const drop = $("#drop");
for (const kind of ["dragenter", "dragover"]) {
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  if (event.dataTransfer.files.length > 1) toast("One file makes one book: the first one was taken.");
  take(event.dataTransfer.files[0]);
});
$("#discard").addEventListener("click", () => {
  draft.forget();
  location.reload();
});
addEventListener("online", () => trouble(""));

$("#draft").hidden = !draft.read(form);
arrange();
showVoices($("#voices"), value("language"), changed, draft.voice).then(estimate);
