// Buttons that change something: data-verb, data-url, data-json, data-match (the version that was seen), data-said (what
// to say when it is done), data-confirm (what to ask first), data-goto (where to go then).

import { ask, element, toast } from "./app.js";

const keys = new Map();

// One key for each press that is meant: a press that is repeated because the connection was lost is the same one.
function keyOf(button) {
  const what = `${button.dataset.url} ${button.dataset.json ?? ""}`;
  if (!keys.has(what)) keys.set(what, crypto.randomUUID());
  return [what, keys.get(what)];
}

async function act(button, done) {
  const { verb, url, json, match, said, confirm: question, goto } = button.dataset;
  if (button.ariaBusy === "true") return;
  if (question && !(await agreed(question, button.textContent))) return;
  button.ariaBusy = "true";
  const [what, key] = keyOf(button);
  const headers = verb === "POST" ? { "Idempotency-Key": key } : {};
  if (match) headers["If-Match"] = `"${match}"`;
  try {
    const answer = await ask(url, { method: verb, headers, json: json ? JSON.parse(json) : undefined });
    keys.delete(what);
    if (goto) {
      location.assign(goto);
      return;
    }
    if (said) toast(said, "good");
    await done(button, answer.status === 204 ? null : await answer.json());
  } catch (error) {
    if (error.status) keys.delete(what);
    toast(error.status === 412 ? "It has changed since you looked: it is shown as it is now." : error.message, "bad");
    await done(button, null);
  }
  button.ariaBusy = "false";
}

// Ask in a dialog; `text` is what the button says that was pressed.
function agreed(question, text) {
  const dialog = element(
    "dialog",
    { class: "sheet", "aria-label": text.trim() },
    element(
      "form",
      { method: "dialog", class: "inside" },
      element("p", {}, question),
      element(
        "footer",
        {},
        element("button", { class: "button", value: "no" }, "No, leave it"),
        element("button", { class: "button danger", value: "yes" }, text.trim()),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

// Take presses anywhere on the page, also of buttons that come later; `done(button, answer)` follows each.
export function takeActions(done) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-verb]");
    if (button) act(button, done);
  });
}

// Sound of one page at a time, by buttons with data-hear.
export function takeHearing(sound) {
  let url = "";
  const show = () => {
    for (const button of document.querySelectorAll("[data-hear]")) {
      const on = button.dataset.hear === url && !sound.paused;
      button.ariaPressed = String(on);
      button.querySelector("use").setAttribute("href", `/static/icons.svg#${on ? "pause" : "play"}`);
    }
  };
  for (const kind of ["play", "pause", "ended"]) sound.addEventListener(kind, show);
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-hear]");
    if (!button) return;
    if (button.dataset.hear === url && !sound.paused) {
      sound.pause();
      return;
    }
    if (url !== button.dataset.hear) {
      url = button.dataset.hear;
      sound.src = url;
    }
    try {
      await sound.play();
    } catch (error) {
      if (error.name !== "AbortError") toast("This can’t be heard now. Try again in a moment.", "bad");
    }
  });
  return show;
}

// Swaps of a part that somebody is busy with wait, and those that change nothing are left out: focus stays where it is.
export function calmSwaps() {
  const shown = new Map();
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, serverResponse } = event.detail;
    if (!target.id || event.detail.isError) return;
    const typing = target.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");
    const typed = [...target.querySelectorAll("input, textarea")].some((one) => one.value !== one.defaultValue);
    const busy = typing || typed || target.querySelector("details[data-menu][open], form[data-busy]") !== null;
    if (busy || shown.get(target.id) === serverResponse) event.detail.shouldSwap = false;
    else shown.set(target.id, serverResponse);
  });
}
