// Rich text as elements.

import { el, link } from "./dom.js";
import { broadcast, mention, moji, moment, room } from "./mrkdwn.js";

const WRAPS = [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"], ["underline", "u"]];

function inline(one) {
  let node = leaf(one);
  for (const [name, tag] of WRAPS) if (one.style?.[name]) node = el(tag, {}, node);
  return node;
}

function leaf(one) {
  switch (one.type) {
    case "text": return one.text;
    case "link": return link(one.url, one.text || one.url);
    case "user": return mention(one.user_id);
    case "channel": return room(one.channel_id);
    case "usergroup": return el("span", { class: "mention" }, "@iam-approvers");
    case "broadcast": return broadcast(one.range);
    case "emoji": return moji(one.name);
    case "date": return moment(one.timestamp, one.format) ?? one.fallback;
    case "color": return el("code", {}, one.value);
    default: return "";
  }
}

function part(one) {
  const inner = (one.elements ?? []).map(inline);
  switch (one.type) {
    case "rich_text_preformatted": return el("pre", {}, inner);
    case "rich_text_quote": return el("blockquote", { class: "keep" }, inner);
    case "rich_text_list": {
      const items = one.elements.map((item) => el("li", {}, item.elements.map(inline)));
      const start = one.style === "ordered" && one.offset ? one.offset + 1 : null;
      return el(one.style === "ordered" ? "ol" : "ul", { class: `rich-list indent-${one.indent ?? 0}`, start }, items);
    }
    default: return el("div", { class: "rich-section keep" }, inner);
  }
}

export const rich = (block) => (block.elements ?? []).map(part);
