// The voices of a language, each to be heard before it is chosen.

import { ask, element, icon, toast } from "./app.js";

const sound = new Audio();
let playing = null;
let asked = 0;

function stop() {
  sound.pause();
  playing?.setAttribute("aria-pressed", "false");
  playing = null;
}

sound.addEventListener("ended", stop);

async function hear(button, url) {
  const again = playing === button;
  stop();
  if (again) return;
  playing = button;
  button.setAttribute("aria-pressed", "true");
  sound.src = url;
  try {
    await sound.play();
  } catch (error) {
    if (playing !== button || error.name === "AbortError") return;
    stop();
    toast("This voice can’t be heard now. Try another one, or order with it all the same.", "bad");
  }
}

// Show the voices for `language` in `box`, the one called `chosen` picked; `changed` is called with each choice.
export async function showVoices(box, language, changed, chosen = "") {
  stop();
  const mine = ++asked;
  if (!language) {
    box.replaceChildren(element("p", { class: "hint" }, "The best voice of the language that the text turns out to be in."));
    return;
  }
  let found = [];
  try {
    found = (await (await ask(`/api/voices?language=${encodeURIComponent(language)}`)).json()).voices;
  } catch (error) {
    if (mine === asked) box.replaceChildren(element("p", { class: "hint" }, error.message));
    return;
  }
  if (mine !== asked) return;
  const picked = found.some((voice) => voice.id === chosen) ? chosen : found[0]?.id;
  box.replaceChildren(
    ...found.map((voice) => {
      const input = element("input", { type: "radio", name: "voice", value: voice.id, checked: voice.id === picked });
      const by = voice.provider === "espeak" ? "on this machine" : voice.provider;
      const label = element("label", {}, input, element("span", {}, voice.name, " ", element("small", {}, by)));
      const row = element("div", { class: "voice" }, label);
      if (voice.sample_url) {
        const play = element("button", { type: "button", class: "button quiet round", "aria-pressed": "false", "aria-label": `Hear ${voice.name}` }, icon("play"));
        play.addEventListener("click", () => hear(play, voice.sample_url));
        row.append(play);
      }
      return row;
    }),
  );
  if (box.isConnected) changed();
}
