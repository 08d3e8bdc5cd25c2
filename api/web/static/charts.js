// Charts of what happened over time, drawn from the table beside them.

const $ = (selector) => document.querySelector(selector);

// Their colours are those of the page: a probe is asked what a name comes to just now.
const probe = document.createElement("span");
const plots = new Map();
let shown = "";

function colour(name) {
  probe.className = `probe-${name}`;
  return getComputedStyle(probe).color;
}

function rows() {
  const found = [...document.querySelectorAll("#history tbody tr")].map((row) => row.dataset);
  const column = (name) => found.map((row) => (row[name] === "" ? null : Number(row[name])));
  return {
    at: column("at"), done: column("done"), failed: column("failed"), cancelled: column("cancelled"),
    p50: column("p50"), p95: column("p95"), cost: column("cost"), said: [...document.querySelectorAll("#history tbody tr")].map((row) => row.innerText.split(/\t|\n/)),
  };
}

const sum = (...columns) => columns[0].map((_, index) => columns.reduce((all, one) => all + (one[index] ?? 0), 0));
const bars = (name, label) => ({ label, fill: () => colour(name), stroke: () => colour(name), width: 0, points: { show: false }, paths: uPlot.paths.bars({ size: [0.72, 28], radius: 0.18 }) });
const line = (name, label, fill) => ({ label, stroke: () => colour(name), width: 2, fill: fill && (() => colour(fill)), points: { size: 5 }, spanGaps: true });

const CHARTS = {
  ended: {
    series: [bars("none", "cancelled"), bars("bad", "failed"), bars("good", "done")],
    data: (table) => [table.at, sum(table.done, table.failed, table.cancelled), sum(table.done, table.failed), table.done],
    scale: (most) => String(Math.round(most)),
    told: (table, index) => `${table.done[index]} done, ${table.failed[index]} failed, ${table.cancelled[index]} cancelled`,
  },
  took: {
    series: [line("soft", "95 %"), line("accent", "half")],
    data: (table) => [table.at, table.p95, table.p50],
    steps: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400],
    scale: (seconds) => (seconds >= 3600 ? `${+(seconds / 3600).toFixed(1)} h` : seconds >= 60 ? `${+(seconds / 60).toFixed(1)} min` : `${+seconds.toFixed(1)} s`),
    told: (table, index) => (table.p50[index] === null ? "no job was done" : `half within ${table.said[index][4]}, 95 % within ${table.said[index][5]}`),
  },
  cost: {
    series: [bars("accent", "US dollars")],
    data: (table) => [table.at, table.cost],
    scale: (usd) => `$${+usd.toFixed(usd < 1 ? 3 : 2)}`,
    told: (table, index) => table.said[index][6],
  },
};

function made(figure, chart, data) {
  const readout = figure.querySelector(".readout");
  const axis = { stroke: () => colour("soft"), font: "12px system-ui, sans-serif", ticks: { show: false }, grid: { stroke: () => colour("line"), width: 1 } };
  const plot = new uPlot(
    {
      width: figure.clientWidth, height: 170, tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
      padding: [8, 12, 0, 0], legend: { show: false }, cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: { x: { range: (self, first, last) => [first - edge(self.data[0]), last + edge(self.data[0])] }, y: { range: (_, __, most) => [0, most ? most * 1.12 : 1] } },
      axes: [{ ...axis, grid: { show: false }, size: 28, space: 60, values: (_, ticks) => ticks.map(hour) }, { ...axis, size: 62, values: (_, ticks) => ticks.map((tick) => chart.scale(tick)), space: 36, ...(chart.steps && { incrs: chart.steps }) }],
      series: [{}, ...chart.series],
      hooks: { setCursor: [(self) => { readout.textContent = told(chart, self.cursor.idx); }] },
    },
    data,
    figure.querySelector(".plot"),
  );
  new ResizeObserver(() => plot.setSize({ width: figure.clientWidth, height: 170 })).observe(figure);
  return plot;
}

// Half a step: so much room do the first and the last bar need.
function edge(at) {
  return at.length > 1 ? (at[1] - at[0]) / 2 : 1800;
}

function hour(at) {
  const moment = new Date(at * 1000);
  const day = moment.toLocaleDateString("en", { weekday: "short", day: "numeric", timeZone: "UTC" });
  const clock = moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" });
  return $("#history").dataset.span === "week" ? day : clock;
}

function told(chart, index) {
  const table = rows();
  return index === null || index === undefined || !table.said[index] ? "" : `${table.said[index][0]}: ${chart.told(table, index)}`;
}

function draw() {
  const charts = $("#charts");
  const table = rows();
  if (!table.at.length) return; // it is on its way
  const now = JSON.stringify(table);
  if (now === shown) return;
  if (!shown) {
    charts.append(probe);
    charts.hidden = $("#span").hidden = false;
    $("#history").open = false;
  }
  shown = now;
  for (const figure of charts.querySelectorAll("[data-chart]")) {
    const chart = CHARTS[figure.dataset.chart];
    const data = chart.data(table);
    if (plots.has(chart)) plots.get(chart).setData(data);
    else plots.set(chart, made(figure, chart, data));
  }
}

// The table comes closed once there are charts, and as somebody left it after that.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id === "history") document.documentElement.dataset.history = detail.target.open ? "open" : "";
});
document.addEventListener("htmx:afterSwap", () => {
  if ($("#history") && shown) $("#history").open = document.documentElement.dataset.history === "open";
});
$("#span").addEventListener("change", ({ target }) => {
  htmx.ajax("GET", `/admin/jobs/history?span=${target.value}`, { target: "#history", swap: "outerHTML" });
});
const repaint = () => plots.forEach((plot) => plot.redraw(false));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
new MutationObserver(repaint).observe(document.documentElement, { attributeFilter: ["data-theme"] });

document.addEventListener("htmx:afterSettle", draw);
draw();
