"use strict";
// The lists of the work, and the keys of a claim's page. Everything works without it, by links and buttons.
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ---- lists: up and down from row to row
  function step(from, by) {
    const rows = all("a.row");
    rows[rows.indexOf(from) + by]?.focus();
  }

  // ---- claims that are ticked
  function count() {
    const ticked = all("[name=claim]:checked").length;
    const told = $("[data-count]");
    if (told) told.textContent = ticked ? `(${ticked})` : "";
    const whole = $("[data-all]");
    if (whole) {
      const boxes = all("[name=claim]").length;
      whole.checked = ticked > 0 && ticked === boxes;
      whole.indeterminate = ticked > 0 && ticked < boxes;
    }
  }

  document.addEventListener("change", (event) => {
    const field = event.target;
    if (field.matches("[data-all]")) for (const box of all("[name=claim]")) box.checked = field.checked;
    if (field.matches("[data-all], [name=claim]")) count();
  });
  document.addEventListener("htmx:afterSettle", count);

  // ---- keys
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if ($("dialog[open]")) return;
    const act = () => event.preventDefault();
    if (target.matches?.("a.row") && (key === "ArrowDown" || key === "ArrowUp")) { act(); step(target, key === "ArrowDown" ? 1 : -1); }
    else if (event.altKey && !event.ctrlKey && (event.code === "KeyJ" || event.code === "KeyK")) {
      const link = $(`[data-step="${event.code === "KeyJ" ? 1 : -1}"]`);
      if (link) { act(); link.click(); }
    } else if (event.altKey && event.code === "KeyW") {
      const piece = $(".piece");
      if (piece) { act(); $("#tab-work")?.click(); piece.focus(); }
    } else if (event.ctrlKey && event.code === "KeyS") {
      const save = $("[data-key=s]");
      if (save) { act(); save.click(); }
    } else if (key === "F1" && $("#keys")) { act(); if (!$("#keys").open) $("#keys").showModal(); }
    else if (target.matches?.(".piece") && (key === "ArrowDown" || key === "ArrowUp")) {
      const pieces = all(".piece");
      act();
      pieces[pieces.indexOf(target) + (key === "ArrowDown" ? 1 : -1)]?.focus();
    }
  });

  // A form that was sent is not sent again by a second press.
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post" || event.defaultPrevented) return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => { for (const form of all("form[data-sent]")) delete form.dataset.sent; });

  document.addEventListener("DOMContentLoaded", () => {
    count();
    const open = $(".piece details[open] textarea, .piece details[open] select");
    const row = $("a.row");
    const told = $(".told");     // what came of an act is where one goes on from
    if (open) open.focus();
    else if (told) told.focus({ preventScroll: true });
    else if (row) row.focus({ preventScroll: true });
  });
})();
