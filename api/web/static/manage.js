// Forms whose fields are sent as JSON: data-send="VERB /url", data-goto (where to go then; {name} is a field of the
// answer), data-secret (the field of the answer that is shown this once). A field's name may have a dot
// (limits.month_usd); data-as says what it is: text and number (null when empty), list (ticked boxes), days from now.

import { ask, element, toast } from "./app.js";
import { takeActions } from "./actions.js";

takeActions(() => {});

const DAY_MS = 86_400_000;
const READ = {
  text: (control) => control.value.trim() || null,
  number: (control) => (control.value.trim() ? Number(control.value) || control.value.trim() : null),
  days: (control) => (control.value ? new Date(Date.now() + Number(control.value) * DAY_MS).toISOString() : null),
};

function bodyOf(form) {
  const body = {};
  for (const control of form.elements) {
    if (!control.name) continue;
    const path = control.name.split(".");
    const last = path.pop();
    const inside = path.reduce((found, name) => (found[name] ??= {}), body);
    if (control.dataset.as === "list") {
      inside[last] ??= [];
      if (control.checked) inside[last].push(control.value);
    } else inside[last] = (READ[control.dataset.as] ?? ((one) => one.value.trim()))(control);
  }
  return body;
}

// Say each error at its field; those of no field to everybody.
function show(form, errors) {
  for (const place of form.querySelectorAll(".error")) place.hidden = true;
  for (const control of form.elements) control.removeAttribute("aria-invalid");
  let first = null;
  for (const { field, message } of errors) {
    const id = field.replaceAll(".", "-").replace(/-\d+$/, "");
    const place = form.querySelector(`#${CSS.escape(id)}-error`);
    if (!place) {
      toast(message, "bad");
      continue;
    }
    place.textContent = message;
    place.hidden = false;
    const control = form.elements[field] ?? form.querySelector(`#${CSS.escape(id)}`);
    control?.setAttribute?.("aria-invalid", "true");
    first ??= control?.focus ? control : null;
  }
  first?.focus();
}

// Show what can't be shown again; answers when it was put away.
function showOnce(secret) {
  const box = element("input", { class: "input", value: secret, readonly: true, "aria-label": "The key" });
  const copy = element("button", { class: "button primary", type: "button" }, "Copy");
  const done = element("button", { class: "button", value: "kept" }, "I have kept it");
  copy.addEventListener("click", async () => {
    box.select();
    try {
      await navigator.clipboard.writeText(secret);
      toast("Copied.", "good");
    } catch {
      toast("It is selected: copy it with your keyboard.");
    }
  });
  const title = element("h2", { id: "secret-title" }, "Your new key");
  const said = element("p", {}, "Copy it now: it is shown this once, and nobody can look it up later.");
  const form = element("form", { class: "inside", method: "dialog" }, title, said, element("div", { class: "secret" }, box, copy), element("footer", {}, done));
  const dialog = element("dialog", { class: "sheet", "aria-labelledby": "secret-title" }, form);
  dialog.addEventListener("cancel", (event) => event.preventDefault()); // Escape would lose it
  document.body.append(dialog);
  dialog.showModal();
  box.select();
  return new Promise((resolve) => dialog.addEventListener("close", resolve));
}

async function send(form) {
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  const [method, url] = form.dataset.send.split(" ");
  try {
    const answer = await (await ask(url, { method, json: bodyOf(form) })).json();
    show(form, []);
    if (form.dataset.secret) await showOnce(answer[form.dataset.secret]);
    location.assign(form.dataset.goto.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(answer[name])));
  } catch (error) {
    show(form, error.errors?.length ? error.errors : [{ field: "", message: error.message }]);
    form.ariaBusy = "false";
  }
}

for (const form of document.querySelectorAll("form[data-send]"))
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
