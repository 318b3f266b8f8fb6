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

// Signs of the page itself, drawn here so that they need no font.
const SIGNS = {
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 6.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6z",
  reply: "M2 3h12v8H7l-3.5 3v-3H2z",
  file: "M4 1.5h5.5L12.5 5v9.5H4zM9.5 1.5V5h3M6 8h4.5M6 10.5h4.5",
  check: "M2.5 8.5l3.5 3.5 7.5-8",
  ask: "M8 1.5l1.6 4.2 4.4.3-3.4 2.8 1.1 4.2L8 10.6 4.3 13l1.1-4.2L2 6l4.4-.3z",
  menu: "M2 4h12M2 8h12M2 12h12",
  close: "M3.5 3.5l9 9M12.5 3.5l-9 9",
  picture: "M2 3h12v10H2zM2 11l3.5-3.5 3 3L11 8l3 3",
};
export function sign(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "sign");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", SIGNS[name]);
  svg.append(path);
  return svg;
}

export function toast(sentence) {
  const node = el("div", { class: "toast", data: { testid: "toast" } }, sentence);
  byId("toasts").append(node);
  setTimeout(() => node.remove(), 8000);
}
