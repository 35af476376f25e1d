"use strict";
// Draws the tables of figures. Every number of a chart is read from its table, so that the two cannot differ.
(() => {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const ROW = 26;                // pixels of a lying bar
  const drawn = [];

  const tone = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const number = (cell) => (cell.dataset.n === undefined ? null : Number(cell.dataset.n));

  // What stands on an axis of a kind: cents as dollars, parts as percent.
  function tick(kind, value) {
    if (kind === "rate") return `${Math.round(value * 100)}%`;
    if (kind === "money") return `$${(value / 100).toLocaleString("en-US", { maximumFractionDigits: 0 })}`;
    return Number.isInteger(value) ? value.toLocaleString("en-US") : "";
  }

  function read(figure) {
    const table = document.getElementById(figure.dataset.table);
    const heads = [...table.tHead.rows[0].cells];
    const every = [...table.tBodies[0].rows];
    const most = Number(figure.dataset.most);
    const rows = figure.dataset.kind === "line" ? every.slice(-most) : every.slice(0, most);
    const places = figure.dataset.series.split(" ").map(Number);
    const tones = figure.dataset.tones.split(" ");
    return {
      labels: rows.map((row) => row.cells[0].textContent), kind: heads[places[0]].dataset.kind, rows,
      series: places.map((place, at) => ({
        label: heads[place].textContent, tone: tones[at], place, data: rows.map((row) => number(row.cells[place])),
      })),
    };
  }

  function draw(figure) {
    const { labels, kind, rows, series } = read(figure);
    const { kind: shape, stacked } = figure.dataset;
    const lying = shape === "rows";
    figure.hidden = false;
    if (lying) figure.style.height = `${labels.length * ROW + (series.length > 1 ? 76 : 44)}px`;
    const numbers = {
      stacked: stacked !== undefined, beginAtZero: true, max: kind === "rate" && shape !== "bars" ? 1 : undefined,
      grid: { color: tone("rule") }, ticks: { color: tone("soft"), callback: (value) => tick(kind, value), maxTicksLimit: 7 },
    };
    const names = {
      stacked: stacked !== undefined, grid: { display: false }, ticks: { color: tone("soft"), autoSkip: !lying },
    };
    const options = {
      animation: calm.matches ? false : { duration: 250 }, responsive: true, maintainAspectRatio: false,
      indexAxis: lying ? "y" : "x", interaction: { mode: "index", intersect: false, axis: lying ? "y" : "x" },
      scales: lying ? { x: numbers, y: names } : { x: names, y: numbers },
      plugins: {
        legend: { display: series.length > 1, position: "bottom", labels: { color: tone("ink"), boxWidth: 12, boxHeight: 12 } },
        tooltip: { callbacks: {
          label: (item) => `${item.dataset.label}: ${rows[item.dataIndex].cells[series[item.datasetIndex].place].textContent}`,
        } },
      },
    };
    drawn.push(new Chart(figure.querySelector("canvas"), {
      type: shape === "line" ? "line" : "bar", options,
      data: { labels, datasets: series.map((each) => ({
        label: each.label, data: each.data, backgroundColor: tone(each.tone), borderColor: shape === "line" ? tone(each.tone) : tone("card"),
        borderWidth: shape === "line" ? 2 : 1, pointRadius: 3, spanGaps: true, maxBarThickness: 34,
      })) },
    }));
  }

  function all() {
    drawn.splice(0).forEach((chart) => chart.destroy());
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    document.querySelectorAll(".chart").forEach(draw);
  }

  document.querySelectorAll("details.under").forEach((each) => { each.open = false; });
  all();
  for (const query of [dark, calm]) query.addEventListener("change", all);
})();
