// Links to this book for people without an account.

import { fetchShares, makeShare, revokeShare } from "./api.js";

const DAY_S = 86_400;
const $ = (id) => document.getElementById(id);
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

export function prepareSharing() {
  const form = $("share-form");
  if (!form) return; // a guest, or somebody who may only read
  $("share").addEventListener("opened", list);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const order = {
      expires_in: Number($("share-days").value) * DAY_S,
      note: $("share-note").value.trim(),
      downloads: $("share-downloads").checked,
    };
    await told(async () => {
      const made = await makeShare(order);
      $("share-url").value = made.url;
      $("share-made").hidden = false;
      $("share-note").value = "";
      $("share-url").select();
      await list();
    });
  });
  $("share-copy").addEventListener("click", async () => {
    $("share-url").select();
    try {
      await navigator.clipboard.writeText($("share-url").value);
      $("share-status").textContent = "Copied.";
    } catch {
      $("share-status").textContent = "It is selected: copy it by hand.";
    }
  });
}

async function list() {
  await told(async () => {
    const shares = await fetchShares();
    $("share-heading").hidden = !shares.length;
    $("share-list").replaceChildren(...shares.map(item));
  });
}

function item(share) {
  const line = document.createElement("li");
  const label = Object.assign(document.createElement("span"), { className: "label", dir: "auto" });
  label.textContent = share.note || "A link without a note";
  const until = `until ${day.format(new Date(share.expires_at))}${share.downloads ? ", with downloads" : ""}`;
  const detail = Object.assign(document.createElement("span"), { className: "detail", textContent: until });
  const said = document.createElement("div");
  said.append(label, detail);
  const revoke = Object.assign(document.createElement("button"), { type: "button", className: "quiet" });
  revoke.textContent = "Close";
  revoke.setAttribute("aria-label", `Close the link: ${label.textContent}, ${until}`);
  revoke.addEventListener("click", () =>
    told(async () => {
      await revokeShare(share.share_id);
      $("share-made").hidden = true;
      await list();
      $("share-status").textContent = "Closed. It opens nothing any more.";
    }),
  );
  line.append(said, revoke);
  return line;
}

// Do something and say what went wrong.
async function told(action) {
  $("share-status").textContent = "";
  try {
    await action();
  } catch (error) {
    $("share-status").textContent = error.message;
  }
}
