// The service worker: books that somebody keeps on their device are read without a connection, and any other page says so
// and shows which books there are. It is there only for whoever has asked to keep a book. What is kept is in caches of
// their own, one for each book (see keep.js).

const SHELL = "bookwright-shell"; // our own files: pages' scripts, styles, fonts
const BOOK = "bookwright-book-"; // and the book's id
const LOST = "/static/offline/kept.html";
const OURS = /^\/(?:static|fonts)\//;
const OF_BOOK = /^\/api\/books\/[^/]+\/(.+)$/;
const MADE = /^pages\/\d+\/(?:audio|image|ambience)$/; // another take has another address

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  const [, part] = OF_BOOK.exec(url.pathname) ?? [];
  if (OURS.test(url.pathname)) event.respondWith(fresh(event.request, { renew: SHELL }));
  else if (event.request.mode === "navigate") event.respondWith(fresh(event.request, { otherwise: LOST }));
  else if (part && MADE.test(part)) event.respondWith(made(event.request));
  else if (part) event.respondWith(answered(event.request, part));
});

// From the server while it can be reached, else as it was kept.
async function fresh(request, { renew, otherwise } = {}) {
  try {
    const answer = await fetch(request);
    if (renew && answer.ok && (await caches.has(renew))) {
      const cache = await caches.open(renew);
      if (await cache.match(request)) await cache.put(request, answer.clone());
    }
    return answer;
  } catch (trouble) {
    const kept = (await caches.match(bare(request.url), { ignoreVary: true })) ?? (otherwise && (await caches.match(otherwise)));
    if (kept) return kept;
    throw trouble;
  }
}

// An answer of the API. One that says that nobody is signed in any more, or that the book is gone, ends what was kept.
async function answered(request, part) {
  const [, book] = /^\/api\/books\/([^/]+)/.exec(new URL(request.url).pathname);
  const name = BOOK + decodeURIComponent(book);
  const answer = await fresh(request, { renew: name });
  if (answer.status === 401) await forget(() => true);
  if (answer.status === 404 && part === "reader") await forget((one) => one === name);
  return answer;
}

// A sound or a picture: what is kept is what the server would send.
async function made(request) {
  const kept = await caches.match(bare(request.url), { ignoreVary: true });
  if (!kept) return fetch(request);
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "");
  if (!range) return kept;
  const whole = await kept.blob();
  const from = Number(range[1]);
  const to = Math.min(range[2] ? Number(range[2]) : whole.size - 1, whole.size - 1);
  if (from > to) return new Response(null, { status: 416, headers: { "Content-Range": `bytes */${whole.size}` } });
  return new Response(whole.slice(from, to + 1), {
    status: 206,
    headers: {
      "Content-Type": kept.headers.get("Content-Type"),
      "Content-Range": `bytes ${from}-${to}/${whole.size}`,
      "Content-Length": String(to + 1 - from),
      "Accept-Ranges": "bytes",
    },
  });
}

// An address without what signs it, which changes from hour to hour.
function bare(address) {
  const url = new URL(address);
  url.searchParams.delete("signature");
  url.hash = "";
  return url.href;
}

async function forget(which) {
  for (const name of await caches.keys()) if (name.startsWith(BOOK) && which(name)) await caches.delete(name);
}
