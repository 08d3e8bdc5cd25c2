// Operators' pages: refresh, and what is done to many jobs at once.

import { takeActions, calmSwaps } from "./actions.js";
import { ask, toast } from "./app.js";

const $ = (selector) => document.querySelector(selector);
const PARTS = ["#standing", "#history", "#jobs", "#health"];

function look() {
  for (const part of PARTS) if ($(part)) htmx.trigger(part, "look");
}

function sayWhen() {
  const when = $("#standing")?.dataset.asOf;
  if (when) $("#as-of").textContent = `as of ${when}`;
}

calmSwaps();
takeActions((button, answer) => {
  if (button.dataset.then === "job" && answer) location.assign(`/admin/jobs/${answer.jobId}`);
  else look();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-refresh]")) look();
});
document.addEventListener("visibilitychange", () => document.hidden || look());
document.addEventListener("htmx:afterSettle", sayWhen);

// What is done to all that match: the count is asked first and confirmed, and a count that has changed is refused.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-bulk]");
  if (!button || button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  try {
    await bulk(button);
  } catch (error) {
    toast(error.message, "bad");
  }
  button.ariaBusy = "false";
});

async function bulk(button) {
  const verb = button.dataset.bulk;
  const wanted = JSON.parse(button.dataset.wanted);
  for (const field of ["since", "until"]) if (wanted[field]) wanted[field] = new Date(`${wanted[field]}Z`).toISOString();
  const url = `/api/admin/jobs/${verb}`;
  const { count } = await (await ask(url, { method: "POST", json: wanted })).json();
  if (!count) {
    toast(`None of these can be ${PAST[verb]} now.`);
    return;
  }
  const jobs = count === 1 ? "1 job" : `${count.toLocaleString("en")} jobs`;
  const text = button.textContent.split(" ")[0];
  if (!(await agreed(`${text} ${jobs}?`, described(wanted), button.dataset.said, `${text} ${jobs}`))) return;
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  await ask(url, { method: "POST", headers, json: { ...wanted, expected: count } });
  toast(`${text} ${jobs}: it is under way.`, "good");
  look();
}

const PAST = { cancel: "cancelled", pause: "paused", resume: "resumed", retry: "retried" };

function described(wanted) {
  const named = { type: "#type", state: "#state" };
  const parts = Object.entries(wanted).map(([name, value]) => {
    const shown = named[name] ? $(named[name]).selectedOptions[0].text : value;
    return `${$(`label[for=${name}]`).textContent}: ${shown}`;
  });
  return `${parts.join(" · ")}. Only those that it can be done to are counted.`;
}

function agreed(title, what, said, yes) {
  const dialog = $("#bulk-template").content.firstElementChild.cloneNode(true);
  dialog.querySelector("h2").textContent = title;
  dialog.querySelector(".bulk-what").textContent = what;
  dialog.querySelector(".bulk-said").textContent = said;
  dialog.querySelector("button[value=yes]").textContent = yes;
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

sayWhen();
