// Slack's mrkdwn as elements. What the sender escaped stays text: only bare <...> is a mention or a link.

import { add, el, link } from "./dom.js";
import { emoji } from "./emoji.js";
import { channel, nameOf, person, state } from "./state.js";

const decode = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

export function mention(id, label) {
  const name = person(id) ? nameOf(id) : (label || id);
  return el("span", { class: id === state.user ? "mention me" : "mention", data: { mention: id } }, `@${name}`);
}

export const room = (id, label) => {
  const known = channel(id);
  const name = `#${known?.name || label || id}`;
  return known ? link(`/archives/${id}/`, name) : el("span", { class: "mention" }, name);
};

export const broadcast = (range) => el("span", { class: "mention loud", data: { broadcast: range } }, `@${range}`);

export const moji = (name) => {
  const picture = emoji(name);
  return picture ? el("span", { class: "emoji", role: "img", "aria-label": name.replaceAll("_", " "), title: `:${name}:` }, picture) : `:${name}:`;
};

function marked(inner) {
  const [what, ...rest] = inner.split("|");
  const label = rest.length ? decode(rest.join("|")) : "";
  if (what.startsWith("@")) return mention(what.slice(1), label);
  if (what.startsWith("#")) return room(what.slice(1), label);
  if (/^!(channel|here|everyone)$/.test(what)) return broadcast(what.slice(1));
  if (what.startsWith("!subteam^")) return el("span", { class: "mention" }, label || "@iam-approvers");
  if (what.startsWith("!date^")) return date(what, label);
  if (/^(https?:|mailto:)/.test(what)) return link(decode(what), label || decode(what).replace(/^mailto:/, ""));
  return `<${decode(inner)}>`;
}

function date(what, fallback) {
  const [, seconds, format] = what.split("^");
  return moment(Number(seconds), format) ?? fallback;
}

export function moment(seconds, format) {
  const at = new Date(seconds * 1000);
  if (Number.isNaN(at.getTime())) return null;
  const day = at.toLocaleDateString([], { dateStyle: "medium" });
  const text = (format || "{date_pretty} at {time}")
    .replace(/\{date[a-z_]*\}/g, day)
    .replace(/\{time_secs\}/g, at.toLocaleTimeString())
    .replace(/\{time\}/g, at.toLocaleTimeString([], { timeStyle: "short" }))
    .replace(/\{ago\}/g, day);
  return el("time", { datetime: at.toISOString(), title: at.toLocaleString() }, text);
}

const STYLES = { "*": "strong", _: "em", "~": "s" };
const wordish = (c) => c !== undefined && /[\p{L}\p{N}]/u.test(c);

function inline(text) {
  const out = [];
  let literal = "";
  const flush = () => { if (literal) out.push(decode(literal)); literal = ""; };
  for (let at = 0; at < text.length;) {
    const rest = text.slice(at);
    const c = text[at];
    let found;
    if (c === "<" && (found = /^<([^<>\n]+)>/.exec(rest))) { flush(); out.push(marked(found[1])); }
    else if (c === "`" && (found = /^`([^`\n]+)`/.exec(rest))) { flush(); out.push(el("code", {}, codeText(found[1]))); }
    else if (c === ":" && (found = /^:([a-z0-9_+-]+(?:::skin-tone-\d)?):/.exec(rest)) && emoji(found[1])) { flush(); out.push(moji(found[1])); }
    else if (STYLES[c] && !wordish(text[at - 1]) && (found = styled(c, rest)) && !wordish(rest[found[0].length])) {
      flush();
      out.push(el(STYLES[c], {}, inline(found[1])));
    }
    if (found && !literal) at += found[0].length;
    else { literal += c; at += 1; }
  }
  flush();
  return out;
}

function styled(sign, rest) {
  const s = sign === "*" ? "\\*" : sign;
  return new RegExp(`^${s}(?!\\s)([^${s}\\n]*[^${s}\\s])${s}`).exec(rest);
}

// Inside code a link shows as its address or label.
const codeText = (text) => decode(text.replace(/<([^<>|\n]+)(?:\|([^<>\n]*))?>/g, (_, what, label) => label || what));

function lines(text) {
  const out = [];
  let quote = null;
  for (const line of text.split("\n")) {
    const quoted = /^(?:&gt;|>) ?(.*)$/.exec(line);
    if (quoted) {
      if (!quote) { quote = el("blockquote"); out.push(quote); } else { quote.append(el("br")); }
      add(quote, inline(quoted[1]));
    } else {
      if (out.length && !quote) out.push(el("br"));
      quote = null;
      out.push(...inline(line));
    }
  }
  return out;
}

export function mrkdwn(text) {
  const out = [];
  String(text ?? "").split("```").forEach((part, index, all) => {
    const closed = index % 2 === 1 && index < all.length - 1;
    if (closed) out.push(el("pre", {}, codeText(part.replace(/^\n/, "").replace(/\n$/, ""))));
    else if (index % 2 === 1) out.push(...lines("```" + part));
    else if (part.trim() || all.length === 1) out.push(...lines(part.replace(index ? /^\n/ : /^$/, "")));
  });
  return out;
}

// Without formatting: mentions and links are that still, and everything else reads as it is.
const unformatted = (text) => String(text ?? "").split(/(<[^<>\n]+>)/).map((part, index) => (index % 2 ? marked(part.slice(1, -1)) : decode(part)));

export const words = (m) => (m.plain ? unformatted(m.text) : mrkdwn(m.text));

// For notifications and screen readers: no marks, no markup.
export const spoken = (m) => add(el("span"), words(m)).textContent;
