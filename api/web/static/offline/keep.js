// Books that are kept on this device, for reading without a connection: fetched into a cache each, from which the
// service worker (worker.js) answers.

const SHELL = "bookwright-shell";
const BOOK = "bookwright-book-";
const LABEL = "/kept"; // the entry of a cache that says what is in it: put last, so it is there when all else is
const WORKER = "/read-worker.js";
const AT_ONCE = 3;
const NAMED = /(?:from|src=|href=) ?"([./][^"]+\.(?:js|css|svg))"/g; // what a script or a page loads
const SHELL_PAGES = ["/static/offline/kept.html"];

// Trusted Types: this is the one address that a script is loaded from by name.
const policy = window.trustedTypes?.createPolicy("bookwright-worker", { createScriptURL: () => WORKER });

export const mayKeep = Boolean(window.caches && navigator.serviceWorker);

// What is kept: [{ id, title, language, url, user, bytes, at }], newest first.
export async function keptBooks() {
  const labels = [];
  for (const name of (await caches.keys()).filter((one) => one.startsWith(BOOK))) {
    const label = await (await caches.open(name)).match(LABEL);
    if (label) labels.push(await label.json());
    else await caches.delete(name); // somebody left while it was fetched
  }
  return labels.sort((one, another) => another.at - one.at);
}

export async function forgetBook(id) {
  await caches.delete(BOOK + id);
}

// Drop the books of everybody but this user: several people may use one browser.
export async function forgetOthers(user) {
  for (const label of await keptBooks()) if (label.user !== user) await forgetBook(label.id);
}

// Keep a book as it stands now, or bring what is kept of it up to date. Answers its label. `onProgress(part, bytes)`.
export async function keepBook(book, { folder, user, signal, onProgress }) {
  await navigator.serviceWorker.register(policy?.createScriptURL(WORKER) ?? WORKER, { scope: "/" });
  const name = BOOK + book.book_id;
  const cache = await caches.open(name);
  const there = new Set((await cache.keys()).map((request) => bare(request.url)));
  const wanted = [
    ...(await shell()).map((url) => ({ url, into: SHELL, again: true })),
    ...pagesOf(book, folder, there).map((one) => ({ ...one, into: name })),
  ];
  let done = 0;
  let bytes = 0;
  const queue = [...wanted];
  async function work() {
    for (let one = queue.shift(); one; one = queue.shift()) {
      bytes += await keepOne(one, signal);
      done += 1;
      onProgress?.(done / wanted.length, bytes);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const current = new Set(wanted.map(({ url }) => bare(url)));
  for (const request of await cache.keys())
    if (!current.has(bare(request.url)) && new URL(request.url).pathname !== LABEL) await cache.delete(request);
  const { book_id: id, title, language } = book;
  const label = { id, title, language, url: `/read/${id}`, user, bytes, at: Date.now() };
  await cache.put(LABEL, Response.json(label));
  return label;
}

// What a book takes, about: speech at 64 kbit/s, and pictures and soundscapes as they usually are.
export function roughBytes(book) {
  const pictures = book.pages.filter((page) => page.image_url).length;
  const scenes = new Set(book.pages.flatMap((page) => (page.ambience_url ? [version(page.ambience_url)] : []))).size;
  const seconds = book.pages.reduce((sum, page) => sum + page.duration_ms, 0) / 1000;
  return Math.round(seconds * 8_000 + pictures * 90_000 + scenes * 1_500_000 + book.pages.length * 4_000 + 400_000);
}

// All that is fetched of a book of which this is `there`: of what there is, what may have changed. Spoken pages as MP3, a
// tenth of what the reader usually plays, where they can be had.
function pagesOf(book, folder, there) {
  const wanted = [`/read/${book.book_id}`, location.pathname, `${folder}/reader`, `${folder}/pages/`, book.cover_url];
  const list = [...new Set(wanted)].map((url) => ({ url, again: true }));
  for (const page of book.pages) {
    const made = [page.audio_url, page.image_url, page.ambience_url].filter(Boolean);
    const changed = !made.every((url) => there.has(bare(url)));
    list.push({ url: `${folder}/pages/${page.number}`, again: changed });
    if (page.audio_url) {
      const small = `${folder}/audio/page_${String(page.number).padStart(4, "0")}.mp3?v=${version(page.audio_url)}`;
      list.push({ url: page.audio_url, rather: small });
    }
    for (const url of [page.image_url, page.ambience_url]) if (url) list.push({ url });
  }
  return list;
}

// The files of the reader itself: what this page names, and what its scripts import.
async function shell() {
  const linked = [...document.querySelectorAll("link[href], script[src]")].map((one) => one.href || one.src);
  const fonts = performance.getEntriesByType("resource").map((entry) => entry.name);
  const urls = new Set([...linked, ...fonts.filter((url) => new URL(url).pathname.startsWith("/fonts/"))]);
  for (const page of SHELL_PAGES) urls.add(new URL(page, location).href);
  for (const url of urls) {
    const own = new URL(url);
    if (own.origin !== location.origin) urls.delete(url);
    else if (/\.(?:js|html)$/.test(own.pathname)) {
      const text = await (await fetch(url)).text();
      for (const [, found] of text.matchAll(NAMED)) urls.add(new URL(found, url).href);
    }
  }
  return [...urls];
}

// Fetch one, unless it is there and can't have changed. Answers its size in bytes.
async function keepOne({ url, into, again = false, rather }, signal) {
  const cache = await caches.open(into);
  const key = bare(url);
  let answer = again ? null : await cache.match(key);
  if (!answer) {
    const small = rather && (await fetch(rather, { signal }).catch((error) => (signal?.aborted ? Promise.reject(error) : null)));
    answer = small?.ok ? small : await fetch(url, { signal, cache: again ? "no-cache" : "default" });
    if (!answer.ok || answer.redirected) throw new Error("Not everything could be fetched. Try again.");
    await cache.put(key, answer.clone());
  }
  return (await answer.blob()).size;
}

const version = (url) => new URL(url, location).searchParams.get("v");

function bare(address) {
  const url = new URL(address, location);
  url.searchParams.delete("signature");
  url.hash = "";
  return url.href;
}
