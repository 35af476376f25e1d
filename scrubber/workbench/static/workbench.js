"use strict";
// The page of one claim: what is typed is asked about at once, and the answer is put beside it. Nothing is kept.
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const id = (name) => document.getElementById(name);
  const form = () => id("claim");
  const MOST_ROWS = 50;
  const undo = [];
  let chosen = null;             // id of the flag whose details are shown
  let lastField = null;          // where the cursor was before it went to a flag
  let moved = 0;                 // timer until the other days are asked for
  let asked = null;              // id of the flag whose fix is wanted before its preview is there
  let waiting = null;            // what is done when the next answer stands on the page

  // ---- asking
  function check(typing = "") {
    id("typing").value = typing;
    htmx.trigger(form(), "check");
  }

  function later() {
    if (!id("timeline")) return;
    clearTimeout(moved);
    moved = setTimeout(() => htmx.trigger(id("timeline"), "moved"), 350);
  }

  function room() {
    const lines = all("#lines > tbody");
    const last = lines.at(-1);
    const empty = last && all("input:not([type])", last).every((field) => !field.value.trim());
    if (!empty && lines.length < MOST_ROWS) addLine(last);
    const fields = all("[name=dx]");
    const filled = fields.findLastIndex((field) => field.value.trim());
    const shown = Math.max(4, filled + 2 + ((filled + 2) % 2));
    fields.forEach((field, place) => {
      const gone = place >= shown && !field.value.trim();
      field.disabled = gone;
      field.closest("li").hidden = gone;
    });
  }

  function addLine(after) {
    const keys = all("#lines > tbody").map((line) => Number(line.dataset.row.slice(1)));
    const made = document.createElement("template");
    made.innerHTML = `<table>${id("line").innerHTML.replaceAll("rX", `r${Math.max(0, ...keys) + 1}`)}</table>`;
    const line = made.content.querySelector("tbody");
    if (after) after.after(line);
    else id("lines").append(line);
    return line;
  }

  document.addEventListener("input", (event) => {
    const field = event.target;
    if (field.id === "slider") slide(field);
    else if (field.form === form()) {
      if (field.name === "line_code" || field.name === "dx") upper(field);
      room();
      check(field.id);
      later();
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.form === form()) check();
  });

  function upper(field) {
    const at = field.selectionStart;
    const text = field.value.toUpperCase();
    if (text !== field.value) {
      field.value = text;
      field.setSelectionRange(at, at);
    }
  }

  // ---- the date of service
  const dayAt = (field) => {
    const day = new Date(`${field.dataset.first}T00:00:00Z`);
    day.setUTCDate(day.getUTCDate() + Number(field.value));
    return day.toISOString().slice(0, 10);
  };

  function slide(field) {
    const day = dayAt(field);
    field.setAttribute("aria-valuetext", day);
    id("dos").value = day;
    check();
  }

  // The days that the slider reaches come with the answer about other days.
  function reach() {
    const [slider, span] = [id("slider"), id("span")];
    if (!span) return;
    const { first, last } = span.dataset;
    slider.dataset.first = first;
    slider.max = Math.round((Date.parse(last) - Date.parse(first)) / 86400000);
    id("ends").firstElementChild.textContent = first;
    id("ends").lastElementChild.textContent = last;
    place();
  }

  function place() {
    const slider = id("slider");
    if (!slider) return;
    const days = (Date.parse(id("hint-dos").dataset.day) - Date.parse(slider.dataset.first)) / 86400000;
    if (document.activeElement !== slider && Number.isFinite(days)) slider.value = Math.round(days);
    slider.setAttribute("aria-valuetext", dayAt(slider));
  }

  // ---- flags
  const says = () => all(".say");

  function tab(name) {
    for (const one of all("[role=tab]")) {
      const mine = one.id === `tab-${name}`;
      one.setAttribute("aria-selected", String(mine));
      one.tabIndex = mine ? 0 : -1;
      id(one.getAttribute("aria-controls")).hidden = !mine;
    }
  }

  function choose(flag) {
    chosen = flag ? flag.dataset.flag : null;
    for (const say of says()) say.setAttribute("aria-expanded", String(say === flag));
    for (const card of all(".detail-card")) card.hidden = !flag || card.id !== `d-${chosen}`;
    const tried = flag && id(`t-${chosen}`);
    if (tried) {
      htmx.process(tried);       // it may have come with this answer, and not be looked at yet
      htmx.trigger(tried, "chosen");
    }
  }

  function mark() {
    for (const field of all("[class*='at-']", form())) {
      field.classList.remove("at-reject", "at-deny", "at-review", "at-info", "at-problem");
      field.removeAttribute("aria-invalid");
      if (field.dataset.base) field.setAttribute("aria-describedby", field.dataset.base);
    }
    const order = ["info", "review", "deny", "reject"];
    const flags = all(".flag:not(.dismissed):not(.opportunity)");
    flags.reverse();             // of equally grave ones the first on the page counts
    flags.sort((a, b) => order.indexOf(a.dataset.severity) - order.indexOf(b.dataset.severity));
    for (const flag of flags) {
      const field = id(flag.dataset.field);
      if (!field || field.disabled) continue;
      field.classList.remove("at-info", "at-review", "at-deny");
      field.classList.add(`at-${flag.dataset.severity}`);
      field.dataset.base ??= field.getAttribute("aria-describedby");
      field.setAttribute("aria-describedby", `${$(".say", flag).id} ${field.getAttribute("aria-describedby")}`);
      if (["deny", "reject"].includes(flag.dataset.severity)) field.setAttribute("aria-invalid", "true");
    }
    for (const problem of all(".problems [data-field]")) {
      const field = id(problem.dataset.field);
      if (field) {
        field.classList.add("at-problem");
        field.setAttribute("aria-invalid", "true");
      }
    }
    choose((chosen && id(chosen)) || (flags.length ? $(".say", flags.at(-1)) : says()[0]) || null);
    place();
    if (waiting) waiting();
    waiting = null;
  }

  function step(by) {
    const list = says();
    if (!list.length) return;
    const at = list.indexOf(document.activeElement);
    const next = at < 0 ? (by > 0 ? 0 : list.length - 1) : (at + by + list.length) % list.length;
    if (at < 0) lastField = document.activeElement;
    list[next].focus();
  }

  function toField(flag) {
    const field = id(flag.closest(".flag").dataset.field) || lastField || id("dos");
    field.focus();
  }

  const current = () => (chosen ? id(chosen) : null);

  function dismiss(flag) {
    const { key } = flag.dataset;
    const known = all("#dismissed input").find((field) => field.value === key);
    if (known) known.remove();
    else {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: "dismissed", value: key });
      id("dismissed").append(field);
    }
    const had = flag === document.activeElement;
    if (had) waiting = () => id(flag.id)?.focus();
    check();
  }

  // ---- a fix
  function ask(flag) {
    const card = id(`d-${flag.dataset.flag}`);
    const change = card && $(".change", card);
    const button = card && $("[data-act=apply]", card);
    if (!id(`t-${flag.dataset.flag}`)) tell("This fix is for a person to make; no change is written down.");
    else if (!change) asked = flag.id;               // it is on the way
    if (!change || !button) return;
    const dialog = id("confirm");
    $(".slot", dialog).replaceChildren(change.cloneNode(true));
    id("supported").checked = false;
    $("label span", dialog).textContent = button.dataset.class === "mechanical"
      ? "It is a slip of form: the record already says this." : "The medical record supports this change.";
    dialog.returnValue = "";
    dialog.dataset.key = flag.dataset.key;
    dialog.dataset.field = flag.closest(".flag").dataset.field;
    dialog.dataset.rule = $("b", flag).textContent;
    dialog.showModal();
    id("supported").focus();
  }

  id("confirm").addEventListener("close", (event) => {
    const dialog = event.target;
    if (dialog.returnValue !== "apply" || !id("supported").checked) {
      current()?.focus();
      return;
    }
    keep(`The fix of ${dialog.dataset.rule} was applied.`);
    const { field } = dialog.dataset;
    waiting = () => (id(field) || id("dos")).focus();
    htmx.ajax("POST", "/claim/apply", {
      source: form(), target: "#editor", swap: "outerHTML", values: { flag: dialog.dataset.key, supported: "yes" },
    });
  });

  function keep(text) {
    undo.push(id("editor").cloneNode(true));
    id("undo").hidden = false;
    $("span", id("undo")).textContent = text;
  }

  function forget() {
    keep("The rest of the pasted claim was dropped.");
    for (const field of all("[name=rest], [name=line_rest]", form())) field.value = "";
    id("rest").remove();
    id("dos").focus();
    check();
    later();
  }

  function back() {
    const before = undo.pop();
    if (!before) return;
    id("editor").replaceWith(before);
    htmx.process(before);
    id("undo").hidden = !undo.length;
    check();
    later();
    id("dos").focus();
  }

  // ---- lines
  const lineOf = (node) => node?.closest?.("tbody.line");

  function moveLine(line, by) {
    const other = by < 0 ? line.previousElementSibling : line.nextElementSibling;
    if (!other || !other.matches("tbody.line")) return;
    const field = document.activeElement;
    if (by < 0) other.before(line);
    else other.after(line);
    field.focus();
    room();
    check();
  }

  function removeLine(line) {
    const next = line.nextElementSibling?.matches("tbody.line") ? line.nextElementSibling : line.previousElementSibling;
    line.remove();
    room();
    $("input", next?.matches("tbody.line") ? next : $("#lines > tbody")).focus();
    check();
    later();
  }

  function below(field) {
    const line = lineOf(field);
    if (!line) {
      const fields = all("input:not([type]):not([disabled])", form());
      fields[fields.indexOf(field) + 1]?.focus();
      return;
    }
    const next = line.nextElementSibling;
    if (next?.matches("tbody.line")) $(`[name=${field.name}]`, next).focus();
  }

  // ---- keys
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if ($("dialog[open]")) return;
    const line = lineOf(target);
    const flag = target.matches?.(".say") ? target : null;
    const act = () => event.preventDefault();
    if (key === "F8") { act(); step(event.shiftKey ? -1 : 1); }
    else if (key === "F1") { act(); id("keys").showModal(); }
    else if (key === "F2") { act(); look(target); }
    else if (key === "F9") { act(); tab("why"); id("rule").focus(); id("rule").select(); }
    else if (line && event.altKey && (key === "ArrowUp" || key === "ArrowDown")) { act(); moveLine(line, key === "ArrowUp" ? -1 : 1); }
    else if (line && event.ctrlKey && key === "Delete") { act(); removeLine(line); }
    else if (line && event.ctrlKey && key === "Enter") { act(); $("input", addLine(line)).focus(); room(); }
    else if (target.form === form() && target.matches("input") && key === "Enter") { act(); below(target); }
    else if (target.matches?.("[role=tab]") && (key === "ArrowRight" || key === "ArrowLeft")) {
      act();
      const tabs = all("[role=tab]");
      const next = tabs.at((tabs.indexOf(target) + (key === "ArrowRight" ? 1 : -1)) % tabs.length);
      next.click();
      next.focus();
    }
    else if (flag && !event.ctrlKey && !event.altKey && !event.metaKey) {
      if (key === "a" || key === "A") { act(); ask(flag); }
      else if (key === "d" || key === "D") { act(); dismiss(flag); }
      else if (key === "Escape") { act(); toField(flag); }
      else if (key === "ArrowDown" || key === "ArrowUp") { act(); step(key === "ArrowUp" ? -1 : 1); }
    } else if (key === "Escape" && target.closest(".know")) { act(); (lastField || id("dos")).focus(); }
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.matches(".say")) { tab("flag"); choose(event.target); }
    else if (event.target.form === form()) lastField = event.target;
  });

  function look(field) {
    const code = id("code");
    tab("code");
    const text = field.form === form() && ["line_code", "dx", "line_modifiers"].includes(field.name) ? field.value : "";
    if (text) {
      [code.value] = text.trim().split(/[\s,]+/);
      htmx.trigger(code, "asked");
    } else {
      code.focus();
      code.select();
    }
  }

  // ---- clicks
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const { act, day } = button.dataset;
    const card = button.closest(".detail-card");
    const flag = card ? id(card.id.slice(2)) : null;
    if (day) { id("dos").value = day; check(); }
    else if (button.matches(".say")) { tab("flag"); choose(button); }
    else if (button.matches("[role=tab]")) tab(button.id.slice(4));
    else if (act === "apply" && flag) ask(flag);
    else if (act === "dismiss" && flag) dismiss(flag);
    else if (act === "field" && flag) toField(flag);
    else if (act === "remove") removeLine(lineOf(button));
    else if (act === "undo") back();
    else if (act === "forget") forget();
    else if (act === "keys") id("keys").showModal();
    else if (act === "close") button.closest("dialog").close();
    else if (act === "paste") openPaste("");
    else if (act === "link") {
      $("#link [data-act=copy]").textContent = "Copy";
      id("link").showModal();
      htmx.ajax("POST", "/claim/link", { source: form(), target: "#linked", swap: "innerHTML" });
    } else if (act === "copy") {
      id("address").select();
      navigator.clipboard?.writeText(id("address").value).then(() => { button.textContent = "Copied"; });
    }
  });

  // ---- pasting
  const CLAIM = /^\s*(ISA|CLM|HI|LX|SV1|DTP)[^\w\s]|^\s*[[{<]|\n\s*SV1[^\w\s]|--line[\s=]|^\s*\w{5}(-\w{2})*(:[\d,]+)?[^\n]*\n\s*\w{5}(-\w{2})*(:[\d,]+)?/;
  document.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text") ?? "";
    if (!id("paste") || event.target.form !== form() || !CLAIM.test(text)) return;
    event.preventDefault();
    openPaste(text);
    htmx.trigger(id("paste-form"), "submit");
  });

  function openPaste(text) {
    id("pasted").value = text;
    id("paste-problem").textContent = "";
    if (!id("paste").open) id("paste").showModal();
    id("pasted").focus();
  }

  // ---- answers
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.pathInfo.requestPath === "/claim/fill") waiting = null;
  });
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { fragment, target } = event.detail;
    const made = fragment.firstElementChild ?? fragment;
    // What says the same stays, so that no focus moves and nothing is read out twice.
    if (made.innerHTML?.trim() === target.innerHTML.trim() && made.className === target.className) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const path = event.detail.pathInfo.requestPath;
    if (path === "/claim/fill" && event.detail.xhr.status === 200) {
      keep("The fields were filled in.");
      id("pasted").value = "";
      id("paste").close();
      waiting = () => id("dos").focus();
    }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const path = event.detail.pathInfo?.requestPath;
    if (path === "/claim/fill" || path === "/claim/apply") {
      if (id("said").textContent) $("span", id("undo")).textContent = id("said").textContent;
      id("said").textContent = "";
      room();
      mark();
      later();
    }
    if (path === "/claim/timeline") reach();
    if (path === "/claim/preview" && asked) {
      if (asked === chosen) ask(id(asked));
      asked = null;
    }
    if (path === "/claim/link") {
      const address = id("address");
      if (address) { address.value = location.origin + address.dataset.path; address.focus(); address.select(); }
    }
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.pathInfo?.requestPath === "/claim/check" && event.detail.successful) mark();
  });
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr, pathInfo } = event.detail;
    const text = xhr.getResponseHeader("content-type")?.startsWith("text/html") ? xhr.responseText.trim()
      : "The server did not answer as it should.";
    if (pathInfo.requestPath === "/claim/fill") id("paste-problem").textContent = text;
    else tell(text);
  });
  document.addEventListener("htmx:sendError", () => tell("The server cannot be reached: what you see may be old."));

  function tell(text) {
    id("said").textContent = text;
    id("live").textContent = text;
  }

  // After htmx has looked at the page, which it does when the document is there.
  document.addEventListener("DOMContentLoaded", () => {
    tab($("[role=tab]").id.slice(4));
    room();
    mark();
  });
})();
