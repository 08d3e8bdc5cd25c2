// The keyboard. Keys that a control in focus wants for itself are left to it.

import { keysWanted, wantKeys } from "./place.js";

const CONTROLS = "button, a, input, select, textarea, summary";

// `actions` has a function for each name used here.
export function listenToKeys(actions, rtl) {
  const box = document.getElementById("keys-on");
  box.checked = keysWanted();
  box.addEventListener("change", () => wantKeys(box.checked));
  const [onward, backward] = rtl ? ["ArrowLeft", "ArrowRight"] : ["ArrowRight", "ArrowLeft"];
  const keys = {
    " ": actions.toggle,
    [onward]: actions.nextSentence,
    [backward]: actions.previousSentence,
    [`Shift+${onward}`]: actions.nextPage,
    [`Shift+${backward}`]: actions.previousPage,
    "[": actions.slower,
    "]": actions.faster,
    c: actions.chapters,
    d: actions.files,
    a: actions.ambience,
    s: actions.sounds,
    "/": actions.find,
    t: actions.look,
    n: actions.night,
    2: actions.facing,
    k: actions.keep,
    l: actions.share,
    "?": actions.help,
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !box.checked) return;
    const arrow = event.key.startsWith("Arrow");
    const name = event.shiftKey && arrow ? `Shift+${event.key}` : event.key;
    if (!Object.hasOwn(keys, name)) return;
    const wanted = event.target.closest?.(CONTROLS);
    if (event.key === " " && wanted && !wanted.matches("[type=range]")) return;
    if (arrow && wanted?.matches("input, select")) return;
    if (wanted?.matches("input:not([type=range], [type=radio], [type=checkbox]), textarea")) return;
    if (document.querySelector("dialog[open]") && (arrow || event.key === " ")) return;
    event.preventDefault();
    keys[name]();
  });
}
