// What every page of the application needs: changes with their token, messages, the menu, colours, htmx held tight.

const token = document.querySelector("meta[name=csrf]")?.content ?? "";

// An error of the API with what its problem+json says: `status` (0 when the server can't be reached) and `errors`,
// [{ field, message }].
export class Problem extends Error {
  constructor(status, message, errors = [], body = null) {
    super(message);
    this.status = status;
    this.errors = errors;
    this.body = body;
  }
}

// Ask the API. Answers the Response when it is a success, throws a Problem with a message for people otherwise.
export async function ask(url, { method = "GET", json, body, headers = {}, signal } = {}) {
  const sent = { ...headers };
  if (json !== undefined) sent["Content-Type"] = "application/json";
  if (method !== "GET") sent["X-CSRF-Token"] = token;
  let answer;
  try {
    answer = await fetch(url, { method, headers: sent, body: json === undefined ? body : JSON.stringify(json), signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "The server can’t be reached. Nothing is lost: try again when the connection is back.");
  }
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

// What a refused answer says.
export async function problemOf(answer) {
  if (answer.status === 401) return new Problem(401, "You are signed out. Sign in again in another tab, then go on here.");
  let said = {};
  try {
    said = await answer.json();
  } catch {
    // A proxy's answer, perhaps.
  }
  const message = said.errors?.length === 1 ? said.errors[0].message : (said.detail ?? said.message);
  return new Problem(answer.status, message || "The server is in trouble. Try again in a moment.", said.errors ?? [], said);
}

// Say something to everybody, screen readers included. `tone`: "", "good", "bad".
export function toast(message, tone = "") {
  const box = document.querySelector("#toasts");
  if (!box || [...box.children].some((one) => one.textContent === message)) return;
  const shown = document.createElement("p");
  shown.className = "toast";
  shown.textContent = message;
  if (tone) shown.dataset.tone = tone;
  box.append(shown);
  setTimeout(() => shown.remove(), tone === "bad" ? 9000 : 5000);
}

// An element with attributes (or, where the value is no string, properties) and children; text goes in as text.
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name in made && typeof value !== "string") made[name] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

export function icon(name) {
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("class", "icon");
  made.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/static/icons.svg#${name}`);
  made.append(use);
  return made;
}

// Menus close when somebody presses Escape, or turns to something else.
function closeMenus(turnedTo) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(turnedTo)) menu.open = false;
  }
}
for (const kind of ["click", "focusin"]) document.addEventListener(kind, ({ target }) => closeMenus(target));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

const colours = document.querySelector("[data-theme-choice]");
if (colours) {
  colours.hidden = false;
  colours.addEventListener("change", ({ target }) => {
    const forget = target.value ? "max-age=31536000" : "max-age=0";
    document.cookie = `bookwright_theme=${target.value}; path=/; samesite=lax; ${forget}`;
    if (target.value) document.documentElement.dataset.theme = target.value;
    else delete document.documentElement.dataset.theme;
  });
}

// htmx turns answers of our own server into elements, in a wrapper of its own (2.0.11). Trusted Types let that through and
// no other HTML.
let swapping = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  swapping = event.detail.serverResponse;
});
window.trustedTypes?.createPolicy("default", {
  createHTML: (html) => (html === `<body><template class="internal-htmx-wrapper">${swapping}</template></body>` ? html : null),
});
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") event.detail.headers["X-CSRF-Token"] = token;
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.detail.requestConfig.verb === "get") event.preventDefault(); // nobody looks
});
document.addEventListener("htmx:responseError", async ({ detail: { xhr } }) => {
  const problem = await problemOf(new Response(xhr.responseText || null, { status: xhr.status }));
  toast(problem.message, "bad");
});
document.addEventListener("htmx:sendError", () => toast("The server can’t be reached. This page goes on when it is back.", "bad"));
