// Builds elements. Data becomes text nodes and attributes, never markup.

// Marks that turn the direction of text, and characters that can't be seen, are shown by their number: here they have
// no power over what stands around them.
const UNSEEN = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u061c]/g;
const named = (c) => `⟨U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`;

export const plain = (text) => String(text ?? "").replace(UNSEEN, named);

export function el(tag, given = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.className = value;
    else if (name === "data") for (const [key, one] of Object.entries(value)) { if (one !== undefined && one !== null) node.setAttribute(`data-${key}`, one); }
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else node.setAttribute(name, plain(value));
  }
  add(node, children);
  return node;
}

export function add(node, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(plain(child)));
  }
  return node;
}

export const byId = (id) => document.getElementById(id);

// A link out, or within the page where it leads to a message. Other schemes stay text.
export function link(address, ...children) {
  let url;
  try { url = new URL(address, location.href); } catch { return add(el("span"), children); }
  if (!["http:", "https:", "mailto:"].includes(url.protocol)) return add(el("span"), children);
  const inside = url.origin === location.origin;
  return el("a", { href: url.href, rel: "noopener noreferrer", target: inside ? null : "_blank" }, children);
}

export function toast(sentence) {
  const node = el("div", { class: "toast", data: { testid: "toast" } }, sentence);
  byId("toasts").append(node);
  setTimeout(() => node.remove(), 8000);
}
