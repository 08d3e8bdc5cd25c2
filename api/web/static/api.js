// Asking the server. Each function answers data or throws an Error with a message for people.

export async function fetchBook(id) {
  return json(`/api/books/${encodeURIComponent(id)}/reader`, { cache: "no-cache" });
}

export async function fetchPage(id, number) {
  return json(`/api/books/${encodeURIComponent(id)}/pages/${number}`, { cache: "no-cache" });
}

async function json(url, options) {
  let answer;
  try {
    answer = await fetch(url, options);
  } catch {
    throw new Error("The server can’t be reached.");
  }
  if (answer.status === 401) throw new Error("You are signed out. Load this page again.");
  if (!answer.ok) throw new Error(answer.status === 404 ? "This is not here any more." : "The server is in trouble.");
  return answer.json();
}
