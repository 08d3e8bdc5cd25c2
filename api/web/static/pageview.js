// One page of a book: its text edited, its takes compared and chosen.

import { calmSwaps, takeActions, takeHearing } from "./actions.js";
import { ask, toast } from "./app.js";

const $ = (selector) => document.querySelector(selector);
const view = () => $("#view");
let seen = "";

function edit(on) {
  const form = $("#editor");
  form.hidden = !on;
  $("#shown-text").hidden = on;
  $("#edit").hidden = on;
  form.toggleAttribute("data-busy", on);
  if (on) {
    seen = view().dataset.version;
    $("#new-text").focus();
  } else form.reset(); // what is left in a form counts as being written
  $("#clash").hidden = true;
  $("#editor-error").hidden = true;
}

async function save(match) {
  const text = $("#new-text").value;
  const shown = $("#editor-error");
  shown.hidden = true;
  $("#save").disabled = true;
  try {
    await ask(view().dataset.page, { method: "PATCH", json: { text }, headers: { "If-Match": `"${match}"` } });
    edit(false);
    toast("Saved. The old text is kept as a version.", "good");
    htmx.trigger("#view", "look");
  } catch (error) {
    if (error.status === 412) await clash(text);
    else {
      shown.textContent = error.status ? error.message : `${error.message} Your text is still here.`;
      shown.hidden = false;
    }
  }
  $("#save").disabled = false;
}

// The page was changed meanwhile: both texts, side by side.
async function clash(mine) {
  const answer = await ask(view().dataset.page);
  const version = /^(?:W\/)?"(\d+)/.exec(answer.headers.get("ETag"))[1];
  const theirs = (await answer.json()).text;
  $("#theirs").textContent = theirs;
  $("#mine").textContent = mine;
  $("#clash").hidden = false;
  $("#take-mine").onclick = () => save(version);
  $("#take-theirs").onclick = () => {
    edit(false);
    htmx.trigger("#view", "look");
  };
  $("#take-theirs").focus();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("#edit")) edit(true);
  if (event.target.closest("#leave")) edit(false);
});
document.addEventListener("submit", (event) => {
  if (event.target.id !== "editor") return;
  event.preventDefault();
  save(seen);
});
addEventListener("beforeunload", (event) => {
  const field = $("#new-text");
  if (!$("#editor").hidden && field.value !== field.defaultValue) event.preventDefault();
});
takeActions(async () => htmx.trigger("#view", "look"));
const showHearing = takeHearing($("#sound"));
calmSwaps();
document.addEventListener("htmx:afterSettle", showHearing);
