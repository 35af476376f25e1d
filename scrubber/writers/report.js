"use strict";
(() => {
  const { flags, rules } = JSON.parse(document.getElementById("data").textContent);
  const body = document.querySelector("#table tbody");
  if (!body) return;
  const order = ["reject", "deny", "review", "info", "bypassed", "not_evaluated"];
  const page = 100;
  const search = document.getElementById("search");
  const select = document.getElementById("rule");
  const chips = document.getElementById("chips");
  const more = document.getElementById("more");
  const reset = document.getElementById("reset");
  const status = document.getElementById("shown");
  const money = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
  const number = new Intl.NumberFormat("en-US");
  const state = { severities: new Set(), key: null, down: false, limit: page };
  let found = [];

  const make = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children.filter((child) => child !== null));
    return node;
  };
  const word = (text) => text.replaceAll("_", " ");

  flags.forEach((flag, index) => {
    flag.index = index;
    const title = rules[flag.rule] ? rules[flag.rule].title : "";
    flag.text = [flag.claim, flag.file, flag.rule, flag.case, title, flag.message, flag.fix, flag.dx.join(" "),
      flag.denial, flag.queue].join(" ").toLowerCase();
  });

  const compare = {
    severity: (a, b) => order.indexOf(a.severity) - order.indexOf(b.severity),
    claim: (a, b) => a.claim.localeCompare(b.claim, "en", { numeric: true }),
    line: (a, b) => (a.line ?? 0) - (b.line ?? 0),
    rule: (a, b) => (a.rule < b.rule ? -1 : Number(a.rule > b.rule)),
    cents: (a, b) => a.cents - b.cents,
  };

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = flags.filter((flag) => (!state.severities.size || state.severities.has(flag.severity))
      && (!select.value || flag.rule === select.value) && words.every((part) => flag.text.includes(part)));
    if (state.key) {
      const sign = state.down ? -1 : 1;
      found.sort((a, b) => sign * compare[state.key](a, b) || a.index - b.index);
    }
    found = grouped(found);
    state.limit = page;
    reset.hidden = !(words.length || state.severities.size || select.value);
    draw();
  }

  // What stands under a flag follows it, as long as that flag is shown.
  function grouped(list) {
    const shown = new Set(list.map((flag) => flag.index));
    const under = new Map();
    const tops = [];
    for (const flag of list) {
      flag.nested = flag.under !== null && shown.has(flag.under);
      if (!flag.nested) tops.push(flag);
      else if (under.has(flag.under)) under.get(flag.under).push(flag);
      else under.set(flag.under, [flag]);
    }
    return tops.flatMap((flag) => [flag, ...(under.get(flag.index) ?? [])]);
  }

  function draw() {
    body.replaceChildren(...found.slice(0, state.limit).map(row));
    if (!found.length) {
      body.append(make("tr", {}, make("td", { colspan: "6", class: "quiet" }, "No flag fits these filters.")));
    }
    const claims = new Set(found.map((flag) => `${flag.file}\n${flag.position}`)).size;
    status.textContent = `${number.format(found.length)} of ${number.format(flags.length)} on ${number.format(claims)} `
      + (claims === 1 ? "claim" : "claims");
    more.hidden = found.length <= state.limit;
    more.textContent = `Show ${number.format(Math.min(page, found.length - state.limit))} more of `
      + `${number.format(found.length - state.limit)}`;
  }

  function row(flag) {
    const open = make("button", { type: "button", class: "open", "aria-expanded": "false" }, flag.message);
    const line = make("tr", { class: flag.nested ? "row under" : "row" },
      make("td", {}, make("span", { class: `pill ${flag.severity}` }, word(flag.severity))),
      make("td", {}, make("b", {}, flag.claim || "(no id)"), make("small", {}, `${flag.file}, claim ${flag.position}`)),
      make("td", {}, flag.line === null ? "all" : String(flag.line)),
      make("td", {}, make("b", {}, flag.rule), flag.case ? make("small", {}, word(flag.case)) : null,
        flag.queue && !flag.nested ? make("small", { class: "queue" }, word(flag.queue)) : null),
      make("td", {}, open),
      make("td", { class: "right" }, money.format(flag.cents / 100)));
    line.addEventListener("click", () => {
      if (String(window.getSelection())) return;
      const opened = open.getAttribute("aria-expanded") === "true";
      open.setAttribute("aria-expanded", String(!opened));
      line.classList.toggle("opened", !opened);
      if (opened) line.nextSibling.remove();
      else line.after(make("tr", { class: "details" }, make("td", { colspan: "6" }, details(flag))));
    });
    return line;
  }

  function details(flag) {
    const list = make("dl", { class: "detail" });
    const add = (name, ...content) => list.append(make("dt", {}, name), make("dd", {}, ...content));
    if (flag.reason) add("Because", flag.reason);
    add("Fix", make("span", { class: "fix" }, flag.fix), " ", make("span", { class: "pill" }, flag.class));
    if (flag.ask) add("Ask the clinician", flag.ask);
    if (rules[flag.rule]) add("Why", rules[flag.rule].why);
    if (flag.denial) add("Denied with", flag.denial);
    if (flag.dx.length) add("Diagnoses", flag.dx.join(", "));
    if (flag.related) add("With", flag.related);
    if (flag.evidence.length) add("Evidence", ...flag.evidence.map(evidence));
    if (flag.source.length) add("Source", flag.source.join("; "));
    if (flag.root) add("Follows from", flag.root);
    if (flag.queue) add("Queue", word(flag.queue));
    return list;
  }

  function evidence(item) {
    const pairs = make("dl", {}, ...item.row.map(([name, value]) =>
      make("div", {}, make("dt", {}, word(name)), make("dd", {}, value))));
    const stale = item.stale ? make("span", { class: "pill review" }, `stale${item.to ? `, covers to ${item.to}` : ""}`) : null;
    return make("div", { class: "evidence" }, make("div", { class: "table" }, `${item.table} ${item.edition} `, stale), pairs);
  }

  for (const severity of order.filter((name) => flags.some((flag) => flag.severity === name))) {
    const total = flags.filter((flag) => flag.severity === severity).length;
    const chip = make("button", { type: "button", class: "chip", "aria-pressed": "false" },
      make("span", { class: `dot ${severity}` }), `${word(severity)} ${number.format(total)}`);
    chip.addEventListener("click", () => {
      const pressed = !state.severities.delete(severity);
      if (pressed) state.severities.add(severity);
      chip.setAttribute("aria-pressed", String(pressed));
      filter();
    });
    chips.append(chip);
  }
  for (const id of [...new Set(flags.map((flag) => flag.rule))].sort()) {
    select.append(make("option", { value: id }, rules[id] ? `${id}  ${rules[id].title}` : id));
  }
  for (const head of document.querySelectorAll("#table th.sort")) {
    head.firstElementChild.addEventListener("click", () => {
      const { key } = head.dataset;
      state.down = state.key === key ? !state.down : key === "cents";
      state.key = key;
      for (const other of document.querySelectorAll("#table th.sort")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      filter();
    });
  }
  for (const bar of document.querySelectorAll(".bar")) {
    bar.addEventListener("click", () => {
      select.value = bar.dataset.rule;
      filter();
      document.getElementById("flags").scrollIntoView();
    });
  }
  search.addEventListener("input", filter);
  select.addEventListener("change", filter);
  more.addEventListener("click", () => { state.limit += page; draw(); });
  reset.addEventListener("click", () => {
    search.value = "";
    select.value = "";
    state.severities.clear();
    for (const chip of chips.children) chip.setAttribute("aria-pressed", "false");
    filter();
  });
  window.addEventListener("beforeprint", () => { state.limit = 2000; draw(); });
  filter();
})();
