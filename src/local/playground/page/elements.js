// Interactive elements. `place` says where one stands and what to do when somebody acts on it.

import { el } from "./dom.js";
import { confirmed } from "./modal.js";
import { moji, mrkdwn } from "./mrkdwn.js";
import { state } from "./state.js";

export function text(object) {
  if (!object) return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text);
  if (object.emoji === false) return object.text;
  // Plain text knows emoji, and nothing else.
  return object.text.split(/(:[a-z0-9_+-]+:)/).map((part) => (/^:[a-z0-9_+-]+:$/.test(part) ? moji(part.slice(1, -1)) : part));
}

const ids = (one, place) => ({ "action-id": one.action_id, "block-id": place.block_id });

function button(one, place) {
  const node = el("button", {
    type: "button", class: `button ${one.style ?? ""}`, "aria-label": one.accessibility_label,
    data: { ...ids(one, place), style: one.style ?? "default" },
    onclick: async () => {
      if (node.hasAttribute("aria-busy")) return;
      if (one.confirm && !(await confirmed(one.confirm))) return;
      if (one.url) window.open(one.url, "_blank", "noopener,noreferrer");
      // Busy rather than disabled: what is disabled loses the focus.
      node.setAttribute("aria-busy", "true");
      await place.act(one.action_id);
      node.removeAttribute("aria-busy");
    },
  }, text(one.text));
  return node;
}

const optionNode = (one) => el("option", { value: one.value }, one.text.text);

function select(one, place, multiple) {
  const preset = (one.initial_options ?? [one.initial_option]).filter(Boolean).map((option) => option.value);
  const node = el("select", { class: "field", multiple, id: place.id, "aria-label": place.label ?? one.placeholder?.text ?? "Choose", data: ids(one, place) },
    multiple ? [] : el("option", { value: "" }, one.placeholder?.text ?? "Choose…"),
    (one.options ?? []).map(optionNode),
    (one.option_groups ?? []).map((group) => el("optgroup", { label: group.label.text }, group.options.map(optionNode))));
  for (const option of node.options) option.selected = preset.includes(option.value) || (!preset.length && !multiple && option.value === "");
  node.read = () => (multiple ? [...node.selectedOptions].map((option) => option.value) : node.value || null);
  node.addEventListener("change", () => place.changed?.(one.action_id, node.read()));
  return node;
}

function choices(one, place, kind) {
  const preset = (one.initial_options ?? [one.initial_option]).filter(Boolean).map((option) => option.value);
  const name = `${place.block_id}-${one.action_id}`;
  const node = el("div", { class: "choices", role: kind === "radio" ? "radiogroup" : "group", "aria-label": place.label, data: ids(one, place) },
    one.options.map((option) => el("label", {},
      el("input", { type: kind, name, value: option.value, checked: preset.includes(option.value) }),
      el("span", {}, text(option.text), option.description && el("small", {}, text(option.description))))));
  const picked = () => [...node.querySelectorAll("input:checked")].map((input) => input.value);
  node.read = () => (kind === "radio" ? picked()[0] ?? null : picked());
  node.addEventListener("change", () => place.changed?.(one.action_id, node.read()));
  return node;
}

function overflow(one, place) {
  const menu = el("div", { class: "overflow-menu" }, one.options.map((option) => el("button", {
    type: "button", data: { value: option.value },
    onclick: () => { node.open = false; if (option.url) window.open(option.url, "_blank", "noopener,noreferrer"); place.act(one.action_id, option.value); },
  }, text(option.text))));
  const node = el("details", { class: "overflow", data: ids(one, place) }, el("summary", { class: "button", "aria-label": "More actions" }, "⋯"), menu);
  return node;
}

function input(one, place, type) {
  const long = one.type === "plain_text_input" && one.multiline;
  const node = el(long ? "textarea" : "input", {
    class: "field", id: place.id, type: long ? null : type, rows: long ? 4 : null, placeholder: one.placeholder?.text,
    minlength: one.min_length, maxlength: one.max_length ?? (type === "text" ? 3000 : null), min: one.min_value, max: one.max_value,
    step: one.is_decimal_allowed ? "any" : null, autofocus: one.focus_on_load, data: ids(one, place), "aria-label": place.label ? null : one.placeholder?.text ?? "Text",
  });
  node.value = one.initial_value ?? one.initial_date ?? one.initial_time ?? "";
  node.read = () => node.value || null;
  if (type === "date" || type === "time") node.addEventListener("change", () => place.changed?.(one.action_id, node.read()));
  return node;
}

const as = (one, options, initial) => ({ ...one, options, initial_option: options.find((option) => option.value === initial) });
const people = (one, initial) => as(one, state.people.filter((p) => !p.bot).map((p) => ({ value: p.id, text: { text: p.real_name } })), initial);
const rooms = (one, initial) => as(one, state.channels.filter((c) => c.name).map((c) => ({ value: c.id, text: { text: `#${c.name}` } })), initial);

export function element(one, place) {
  switch (one.type) {
    case "button": return button(one, place);
    case "static_select": return select(one, place, false);
    case "multi_static_select": return select(one, place, true);
    case "users_select": return select(people(one, one.initial_user), place, false);
    case "multi_users_select": return select(people(one), place, true);
    case "channels_select": return select(rooms(one, one.initial_channel), place, false);
    case "conversations_select": return select(rooms(one, one.initial_conversation), place, false);
    case "radio_buttons": return choices(one, place, "radio");
    case "checkboxes": return choices(one, place, "checkbox");
    case "overflow": return overflow(one, place);
    case "plain_text_input": return input(one, place, "text");
    case "email_text_input": return input(one, place, "email");
    case "url_text_input": return input(one, place, "url");
    case "number_input": return input(one, place, "number");
    case "datepicker": return input(one, place, "date");
    case "timepicker": return input(one, place, "time");
    default: return el("span", { class: "placeholder" }, `(${one.type} isn't shown here)`);
  }
}
