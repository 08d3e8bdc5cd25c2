// The sound around a scene, under the narration: off until somebody switches it on, remembered, faded from scene to scene.
// Web Audio, since a phone's own players leave a gap where a sound begins again, and some keep scripts from their volume.

const LEVEL_DB = -40; // of a sound at the middle of the volume, 22 dB below the narration
const RANGE_DB = 12; // that much louder or quieter at its ends; 0 is silence
const FADE_S = 2;
const PAUSE_S = 0.4; // when the narration stops
const OVERLAP_S = 2; // a sound's end and beginning cross, so that any can be looped
const LONGEST_S = 120;
const KEPT = 2;
const KEY = "bookwright.ambience";

export class Ambience {
  #box;
  #on;
  #volume;
  #failed;
  #listening = false;
  #url = null;
  #context = null;
  #out = null;
  #voice = null; // what is heard now: { version, source, gain }
  #asked = null; // the version of what is on its way or heard
  #loops = new Map();
  #loudness = 1; // of what is chosen; less while it fades
  #spoilt = new Set(); // what could not be played; tried again when somebody switches

  // `failed` is called, with words for people, when a sound can't be had.
  constructor(box, on, volume, failed) {
    this.#box = box;
    this.#on = on;
    this.#volume = volume;
    this.#failed = failed;
    const kept = remembered();
    on.checked = kept.on === true;
    if (kept.volume >= 0 && kept.volume <= 100) volume.value = String(kept.volume);
    on.addEventListener("change", () => this.#changed());
    volume.addEventListener("input", () => this.#changed());
    this.#settle(FADE_S);
  }

  toggle() {
    if (this.#box.hidden) return;
    this.#on.checked = !this.#on.checked;
    this.#changed();
  }

  // The page that is shown.
  show(standing) {
    this.#url = standing.ambience_url ?? null;
    this.#box.hidden = !this.#url;
    this.#settle(FADE_S);
  }

  // Ambience sounds only under the narration, and for `fade` seconds more.
  listen(listening, fade = PAUSE_S) {
    this.#listening = listening;
    this.#settle(fade);
  }

  // So much of its loudness (0 to 1).
  fade(part) {
    this.#loudness = part;
    this.#out?.gain.setTargetAtTime(part * amplitude(this.#volume.value), this.#context.currentTime, 0.1);
  }

  #changed() {
    this.#spoilt.clear();
    remember({ on: this.#on.checked, volume: Number(this.#volume.value) });
    this.#out?.gain.setTargetAtTime(this.#loudness * amplitude(this.#volume.value), this.#context.currentTime, 0.05);
    this.#settle(PAUSE_S);
  }

  // Make what is heard what should be heard.
  async #settle(fade) {
    this.#volume.disabled = !this.#on.checked;
    const wanted = this.#on.checked && this.#listening ? this.#url : null;
    // Pages of a scene share a sound, under addresses of their own.
    const version = wanted && (new URL(wanted, location).searchParams.get("v") ?? wanted);
    if (version === this.#asked) return;
    this.#asked = version;
    if (!version || this.#spoilt.has(version)) {
      this.#box.dataset.state = "off";
      this.#leave(fade);
      return;
    }
    this.#box.dataset.state = "loading";
    this.#begin();
    try {
      const loop = await this.#loop(version, wanted);
      if (this.#asked !== version) return;
      this.#leave(FADE_S);
      this.#enter(version, loop);
      this.#box.dataset.state = "on";
    } catch {
      if (this.#asked !== version) return;
      this.#loops.delete(version);
      this.#spoilt.add(version);
      this.#box.dataset.state = "failed";
      this.#leave(FADE_S);
      this.#failed("The soundscape of this page can’t be played.");
    }
  }

  #begin() {
    if (!this.#context) {
      this.#context = new AudioContext();
      this.#out = this.#context.createGain();
      this.#out.gain.value = this.#loudness * amplitude(this.#volume.value);
      this.#out.connect(this.#context.destination);
    }
    this.#context.resume();
  }

  #loop(version, url) {
    const loop = this.#loops.get(version) ?? fetched(this.#context, url);
    this.#loops.delete(version);
    this.#loops.set(version, loop);
    for (const oldest of [...this.#loops.keys()].slice(0, -KEPT)) this.#loops.delete(oldest);
    return loop;
  }

  #enter(version, loop) {
    const source = new AudioBufferSourceNode(this.#context, { buffer: loop, loop: true });
    const gain = new GainNode(this.#context, { gain: 0 });
    source.connect(gain).connect(this.#out);
    gain.gain.setTargetAtTime(1, this.#context.currentTime, FADE_S / 4);
    source.start();
    this.#voice = { version, source, gain };
  }

  #leave(fade) {
    const voice = this.#voice;
    if (!voice) return;
    this.#voice = null;
    const now = this.#context.currentTime;
    voice.gain.gain.cancelScheduledValues(now);
    voice.gain.gain.setTargetAtTime(0, now, fade / 4);
    voice.source.stop(now + 2 * fade);
    voice.source.addEventListener("ended", () => {
      voice.gain.disconnect();
      if (!this.#voice && !this.#asked) this.#context.suspend();
    });
  }
}

function amplitude(volume) {
  const share = Number(volume) / 50 - 1;
  return share > -1 ? 10 ** ((share * RANGE_DB) / 20) : 0;
}

async function fetched(context, url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(String(answer.status));
  return looped(context, await context.decodeAudioData(await answer.arrayBuffer()));
}

// As long a buffer as can be repeated: its last seconds cross over into its first ones. All sounds become equally loud.
function looped(context, sound) {
  const { sampleRate, numberOfChannels } = sound;
  const whole = Math.min(sound.length, LONGEST_S * sampleRate);
  const overlap = Math.min(OVERLAP_S * sampleRate, whole >> 2);
  const loop = context.createBuffer(numberOfChannels, whole - overlap, sampleRate);
  let power = 0;
  for (let side = 0; side < numberOfChannels; side += 1) {
    const from = sound.getChannelData(side);
    const to = loop.getChannelData(side);
    to.set(from.subarray(0, to.length));
    for (let at = 0; at < overlap; at += 1) {
      const turn = ((at / overlap) * Math.PI) / 2;
      to[at] = from[at] * Math.sin(turn) + from[to.length + at] * Math.cos(turn);
    }
    for (const sample of to) power += sample * sample;
  }
  const heard = Math.sqrt((power / loop.length) * (numberOfChannels === 1 ? 2 : 1)); // one side is heard on both
  const gain = Math.min(10 ** (LEVEL_DB / 20) / Math.max(heard, 1e-9), 30);
  for (let side = 0; side < numberOfChannels; side += 1) {
    const samples = loop.getChannelData(side);
    for (let at = 0; at < samples.length; at += 1) samples[at] *= gain;
  }
  return loop;
}

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

function remember(choice) {
  try {
    localStorage.setItem(KEY, JSON.stringify(choice));
  } catch {
    // Then it holds until the page is left.
  }
}
