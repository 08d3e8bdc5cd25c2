// Found passages: each is heard from where it begins to where it ends.

import { toast } from "./app.js";

const sound = new Audio();
let playing = null;
let end = Infinity;

function stop() {
  sound.pause();
  if (!playing) return;
  playing.ariaPressed = "false";
  playing.querySelector("use").setAttribute("href", "/static/icons.svg#play");
  playing = null;
}

sound.addEventListener("timeupdate", () => sound.currentTime >= end && stop());
sound.addEventListener("ended", stop);
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-passage]");
  if (!button) return;
  const again = button === playing;
  stop();
  if (again) return;
  playing = button;
  button.ariaPressed = "true";
  button.querySelector("use").setAttribute("href", "/static/icons.svg#pause");
  end = Number(button.dataset.to) || Infinity;
  sound.src = button.dataset.passage;
  sound.currentTime = Number(button.dataset.from);
  try {
    await sound.play();
  } catch (error) {
    if (error.name === "AbortError") return;
    stop();
    toast("This passage can’t be heard now. Try again in a moment.", "bad");
  }
});
