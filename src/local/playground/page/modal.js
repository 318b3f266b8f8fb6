// Modals and questions, as native dialogs.

import { act } from "./act.js";
import { blocks } from "./blocks.js";
import { el, sign } from "./dom.js";
import { text } from "./elements.js";
import { state } from "./state.js";

let shown = null;

function values(dialog) {
  const all = {};
  for (const node of dialog.querySelectorAll("[data-action-id]")) {
    if (node.read) (all[node.dataset.blockId] ??= {})[node.dataset.actionId] = node.read();
  }
  return all;
}

function problems(dialog, errors) {
  for (const node of dialog.querySelectorAll("[data-error-for]")) {
    const sentence = errors?.[node.dataset.errorFor];
    node.hidden = !sentence;
    node.textContent = sentence ?? "";
  }
  const first = dialog.querySelector("[data-error-for]:not([hidden])");
  first?.closest(".block")?.querySelector(".entry")?.focus();
}

function build(view) {
  const close = () => act("close", { view_id: view.id });
  const body = blocks(view.blocks, {
    act: (block_id, action_id, choice) => act("click", { view_id: view.id, block_id, action_id, choice, values: values(dialog) }),
  });
  const submit = view.submit && el("button", { class: "button primary", data: { testid: "modal-submit" } }, text(view.submit));
  const form = el("form", {
    method: "dialog", novalidate: true,
    onsubmit: async (event) => {
      event.preventDefault();
      if (!submit || dialog.hasAttribute("aria-busy")) return;
      dialog.setAttribute("aria-busy", "true");
      const answer = await act("submit", { view_id: view.id, values: values(dialog) });
      dialog.removeAttribute("aria-busy");
      problems(dialog, answer.errors);
    },
  },
    el("header", {}, el("h2", { id: "modal-title" }, text(view.title)),
      el("button", { type: "button", class: "icon", "aria-label": "Close this dialog", data: { testid: "modal-x" }, onclick: close }, sign("close"))),
    el("div", { class: "modal-body" }, body),
    el("footer", {},
      el("button", { type: "button", class: "button", data: { testid: "modal-close" }, onclick: close }, view.close ? text(view.close) : submit ? "Cancel" : "Close"),
      submit));
  const dialog = el("dialog", {
    class: "modal", "aria-labelledby": "modal-title",
    data: { testid: "modal", "view-id": view.id, "callback-id": view.callback_id },
    oncancel: (event) => { event.preventDefault(); close(); },
  }, form);
  return dialog;
}

// What was entered stays where a modal changes under somebody's hands.
function carry(from, to) {
  for (const old of from.querySelectorAll("input.field, textarea.field, select.field")) {
    const same = [...to.querySelectorAll(".field")].find((node) => node.dataset.blockId === old.dataset.blockId && node.dataset.actionId === old.dataset.actionId);
    if (same && same.tagName === old.tagName) same.value = old.value;
  }
}

export function showModal() {
  const view = state.views.at(-1);
  const key = view ? `${view.id}/${view.hash}` : null;
  if (key === (shown?.key ?? null)) return;
  const before = shown;
  shown = null;
  if (view) {
    const dialog = build(view);
    if (before && before.id === view.id) carry(before.dialog, dialog);
    document.body.append(dialog);
    dialog.showModal();
    const first = dialog.querySelector("[autofocus]") ?? dialog.querySelector(".entry") ?? dialog.querySelector("footer button");
    first?.focus();
    shown = { key, id: view.id, dialog };
  }
  if (before) { before.dialog.close(); before.dialog.remove(); }
}

export function confirmed(question) {
  return new Promise((resolve) => {
    const done = (answer) => { dialog.close(); dialog.remove(); resolve(answer); };
    const dialog = el("dialog", { class: "modal confirm", "aria-labelledby": "confirm-title", data: { testid: "confirm" }, oncancel: () => done(false) },
      el("header", {}, el("h2", { id: "confirm-title" }, text(question.title))),
      el("div", { class: "modal-body keep" }, text(question.text)),
      el("footer", {},
        el("button", { type: "button", class: "button", data: { testid: "confirm-deny" }, onclick: () => done(false) }, text(question.deny)),
        el("button", { type: "button", class: `button ${question.style ?? "primary"}`, data: { testid: "confirm-accept" }, onclick: () => done(true) }, text(question.confirm))));
    document.body.append(dialog);
    dialog.showModal();
  });
}
