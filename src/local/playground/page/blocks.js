// Block Kit as elements.

import { el, sign } from "./dom.js";
import { element, text } from "./elements.js";
import { rich } from "./rich.js";

const picture = (one, small) => el("div", { class: small ? "picture small" : "picture", role: "img", "aria-label": one.alt_text, title: one.alt_text },
  sign("picture"), small ? null : el("span", {}, one.title?.text ?? one.alt_text));

function section(block, place) {
  return [
    el("div", { class: "section-body" },
      block.text && el("div", { class: "keep" }, text(block.text)),
      block.fields && el("div", { class: "fields" }, block.fields.map((field) => el("div", { class: "keep" }, text(field))))),
    block.accessory && el("div", { class: "accessory" }, block.accessory.type === "image" ? picture(block.accessory) : element(block.accessory, place)),
  ];
}

function table(block) {
  const [head, ...rows] = block.rows;
  const setting = (index) => block.column_settings?.[index] ?? {};
  const cell = (tag) => (one, index) => el(tag, { class: `align-${setting(index).align ?? "left"}`, scope: tag === "th" ? "col" : null },
    one.type === "raw_text" ? one.text : rich(one));
  return el("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": "Table" },
    el("table", {}, el("thead", {}, el("tr", {}, head.map(cell("th")))), el("tbody", {}, rows.map((row) => el("tr", {}, row.map(cell("td")))))));
}

let drawn = 0;
function inputBlock(block, place) {
  const id = `input-${drawn += 1}`;
  const one = element(block.element, { ...place, id, label: block.label.text });
  one.setAttribute("aria-describedby", `${id}-hint ${id}-error`);
  one.classList.add("entry");
  return [
    el("label", { for: id, class: "input-label" }, text(block.label), block.optional && el("small", {}, " (optional)")),
    one,
    block.hint && el("p", { class: "hint", id: `${id}-hint` }, text(block.hint)),
    el("p", { class: "problem", id: `${id}-error`, role: "alert", hidden: true, data: { "error-for": block.block_id } }),
  ];
}

function inner(block, place) {
  switch (block.type) {
    case "section": return section(block, place);
    case "header": return el("h2", {}, text(block.text));
    case "divider": return el("hr");
    case "context": return block.elements.map((one) => (one.type === "image" ? picture(one, true) : el("span", { class: "keep" }, text(one))));
    case "actions": return block.elements.map((one) => element(one, place));
    case "rich_text": return rich(block);
    case "table": return table(block);
    case "image": return picture(block);
    case "markdown": return el("div", { class: "keep" }, block.text);
    case "input": return inputBlock(block, place);
    default: return el("span", { class: "placeholder" }, `(${block.type} isn't shown here)`);
  }
}

// `place.act(block_id, action_id, choice)` is called when somebody acts.
export function blocks(all, place) {
  return all.map((block) => {
    const act = (action_id, choice) => place.act(block.block_id, action_id, choice);
    const changed = (action_id, choice) => { if (block.type !== "input" || block.dispatch_action) act(action_id, choice); };
    return el("div", { class: `block block-${block.type}`, data: { "block-id": block.block_id, "block-type": block.type } },
      inner(block, { block_id: block.block_id, act, changed }));
  });
}
