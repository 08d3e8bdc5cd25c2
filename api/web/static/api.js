// Asking the server. Each function answers data or throws an Error with a message for people.

const { folder, csrf } = document.body.dataset;
const shared = "shared" in document.body.dataset;

export const fetchBook = () => json(`${folder}/reader`, { cache: "no-cache" });

export const fetchPage = (number) => json(`${folder}/pages/${number}`, { cache: "no-cache" });

// All pages' texts, as [{ number, text }].
export async function fetchTexts() {
  const { data } = await json(`${folder}/pages/`);
  return data.pages.map((page) => ({ number: page.page_number, text: page.text_content }));
}

export const fetchPlace = () => json(`${folder}/place`, { cache: "no-cache" });

export const keepPlace = (place) => change("PUT", `${folder}/place`, place, { keepalive: true });

export const fetchShares = async () => (await json(`${folder}/shares`)).shares;

export const makeShare = (order) => change("POST", `${folder}/shares`, order);

export const revokeShare = (id) => change("DELETE", `${folder}/shares/${id}`);

function change(method, url, body, options = {}) {
  const headers = { "X-CSRF-Token": csrf };
  if (body) headers["Content-Type"] = "application/json";
  return json(url, { method, headers, body: body && JSON.stringify(body), ...options });
}

async function json(url, options) {
  let answer;
  try {
    answer = await fetch(url, options);
  } catch {
    throw new Error("The server can’t be reached.");
  }
  if (answer.status === 401)
    throw new Error(shared ? "This link has ended, or is to be opened again." : "You are signed out. Load this page again.");
  if (answer.status === 409 || answer.status === 422) throw new Error((await answer.json()).detail);
  if (!answer.ok) throw new Error(answer.status === 404 ? "This is not here any more." : "The server is in trouble.");
  return answer.status === 204 ? null : answer.json();
}
