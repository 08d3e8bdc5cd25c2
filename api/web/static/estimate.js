// An estimate of the API, in words.

import { element } from "./app.js";

export function dollars(text) {
  const amount = Number(text);
  return amount > 0 && amount < 0.01 ? "less than $0.01" : `$${amount.toFixed(2)}`;
}

export function duration(seconds) {
  if (seconds < 60) return "under a minute";
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} ${minutes === 1 ? "minute" : "minutes"}`;
  const hours = seconds / 3600;
  return `${hours < 10 ? hours.toFixed(1).replace(".0", "") : Math.round(hours)} hours`;
}

function price(low, high) {
  if (Number(high) === 0) return "Nothing";
  return dollars(low) === dollars(high) ? dollars(high) : `${dollars(low)} – ${dollars(high)}`;
}

// What is shown of an estimate; `budget` is what may be spent at most, as it was typed, `names` those of stages.
export function estimated(figures, budget, names) {
  const facts = element("dl", { class: "facts" });
  const say = (name, text) => facts.append(element("dt", {}, name), element("dd", {}, text));
  const [short, long] = [duration(figures.seconds_low), duration(figures.seconds_high)];
  say("Time", short === long ? long : `${short} to ${long}`);
  say("Pages", String(figures.pages));
  if (figures.audio_seconds) say("To hear", duration(figures.audio_seconds));
  const rows = figures.stages.map((stage) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, names[stage.name] ?? stage.name),
      element("td", { class: "number" }, Number(stage.cost_high_usd) ? price(stage.cost_low_usd, stage.cost_high_usd) : "–"),
    ),
  );
  const shown = [
    element("p", { class: "price" }, price(figures.cost_low_usd, figures.cost_high_usd)),
    element("p", { class: "small soft" }, Number(figures.cost_high_usd) ? "from the usual to the most it can cost" : "It is made on this machine."),
    facts,
    element("details", {}, element("summary", {}, "Step by step"), element("table", {}, element("tbody", {}, ...rows))),
  ];
  if (budget && Number(budget) < Number(figures.cost_high_usd)) {
    const often = Number(budget) < Number(figures.cost_low_usd) ? "is less than it usually costs" : "may not be enough";
    shown.push(element("p", { class: "notice", "data-tone": "warn" }, `Your limit of ${dollars(budget)} ${often}: the book would wait for you.`));
  }
  return shown;
}
