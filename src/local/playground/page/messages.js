// Messages: in the channel, and in the thread beside it.

import { act } from "./act.js";
import { blocks } from "./blocks.js";
import { byId, el, sign } from "./dom.js";
import { moji, words } from "./mrkdwn.js";
import { channel, nameOf, openThread, person, roots, state, thread, titleOf } from "./state.js";

const GROUP = 300;
const plural = (count, one) => (count === 1 ? `1 ${one}` : `${count} ${one}s`);
const at = (m) => new Date(Number(m.ts) * 1000);
const clock = (m) => at(m).toLocaleTimeString([], { timeStyle: "short" });
const size = (text) => `${plural(text.replace(/\n$/, "").split("\n").length, "line")}, ${text.length < 1000 ? `${text.length} bytes` : `${Math.round(text.length / 1000)} kB`}`;

export function avatar(id) {
  const one = person(id);
  const letters = id === "USLACKBOT" ? "⌂" : one?.bot ? "α" : (one?.real_name ?? "?").split(" ").map((word) => word[0]).join("").slice(0, 2);
  return el("span", { class: `avatar tone-${[...id].reduce((sum, c) => sum + c.charCodeAt(0), 0) % 6}${one?.bot ? " bot" : ""}`, "aria-hidden": "true" }, letters);
}

function badges(id) {
  const one = person(id);
  return [
    one?.bot && el("span", { class: "badge" }, "APP"),
    one?.restricted && el("span", { class: "badge" }, "guest"),
    one && one.team !== "T0DEMO" && el("span", { class: "badge warn" }, "other team"),
    one?.deleted && el("span", { class: "badge warn" }, "left"),
  ];
}

function snippet(file) {
  return el("details", { class: "file", data: { "file-id": file.id } },
    el("summary", {}, sign("file"), " ", el("strong", {}, file.title), " ", el("small", {}, size(file.content ?? ""))),
    el("pre", { tabindex: "0" }, file.content),
    el("a", { href: `/playground/files/${encodeURIComponent(file.id)}`, target: "_blank", rel: "noopener" }, "Open as text"));
}

function reactions(m) {
  if (!m.reactions.length) return null;
  return el("div", { class: "reactions" }, m.reactions.map((one) => el("button", {
    type: "button", class: one.users.includes(state.user) ? "reaction mine" : "reaction", data: { reaction: one.name },
    title: `${one.users.map(nameOf).join(", ")} reacted with :${one.name}:`,
    onclick: () => act("react", { channel: m.channel, ts: m.ts, name: one.name }),
  }, moji(one.name), " ", el("span", {}, one.users.length))));
}

function tools(m, inThread) {
  if (m.ephemeral) return null;
  const tool = (label, picture, onclick, data) => el("button", { type: "button", class: "icon", title: label, "aria-label": label, data, onclick }, picture);
  return el("div", { class: "tools", role: "group", "aria-label": "Message actions" },
    [["eyes", "eye"], ["white_check_mark", "check"]].map(([name, picture]) => tool(`React with ${name.replaceAll("_", " ")}`, sign(picture), () => act("react", { channel: m.channel, ts: m.ts, name }))),
    !inThread && tool("Reply in thread", sign("reply"), () => openThread(m.thread_ts ?? m.ts), { reply: m.ts }),
    person(state.user)?.team === "T0DEMO" && tool(`Ask ${nameOf(state.bot)}`, sign("ask"), () => act("shortcut", { channel: m.channel, ts: m.ts, callback_id: "ask_alpha" }), { shortcut: "ask_alpha" }));
}

function replies(m) {
  const all = thread(m.channel, m.ts).filter((one) => one.ts !== m.ts);
  if (!all.length) return null;
  const whole = all.length === 1 ? "1 reply" : `${all.length} replies`;
  return el("button", { type: "button", class: "replies", data: { "open-thread": m.ts }, onclick: () => openThread(m.ts) },
    [...new Set(all.map((one) => one.author))].slice(0, 3).map(avatar), el("strong", {}, whole), el("small", {}, `last ${clock(all.at(-1))}`));
}

function message(m, inThread) {
  const place = { act: (block_id, action_id, choice) => act("click", { channel: m.channel, ts: m.ts, block_id, action_id, choice, values: entered(node) }) };
  const said = m.blocks.length ? blocks(m.blocks, place) : el("div", { class: "keep" }, words(m), m.edited && el("small", { class: "edited" }, " (edited)"));
  const node = el("li", {
    class: m.ephemeral ? "message ephemeral" : "message", tabindex: "-1",
    data: {
      "message-ts": m.ts, channel: m.channel, user: m.author, "thread-ts": m.thread_ts, ephemeral: m.ephemeral ? "true" : null, edited: m.edited ? "true" : null,
    },
  },
    avatar(m.author),
    el("div", { class: "message-body" },
      m.ephemeral && el("p", { class: "only-you" }, sign("eye"), " Only visible to you"),
      el("div", { class: "byline" }, el("strong", { class: "author" }, nameOf(m.author)), badges(m.author), el("time", { datetime: at(m).toISOString(), title: at(m).toLocaleString() }, clock(m))),
      !inThread && m.broadcast && el("p", { class: "only-you" }, "replied to a thread"),
      el("div", { class: "said" }, said),
      m.files.map(snippet), reactions(m), !inThread && replies(m)),
    tools(m, inThread));
  return node;
}

function entered(node) {
  const all = {};
  for (const one of node.querySelectorAll(".block-input [data-action-id]")) if (one.read) (all[one.dataset.blockId] ??= {})[one.dataset.actionId] = one.read();
  return all;
}

const drawn = { list: new Map(), thread: new Map() };

// Only what has changed is drawn anew, so that focus, scroll and open snippets stay.
function draw(list, all, memory, inThread) {
  const kept = new Set();
  let before = null;
  let day = "";
  let at_ = list.firstElementChild;
  for (const m of all) {
    const count = inThread ? 0 : thread(m.channel, m.ts).length;
    const key = `${state.user}/${m.channel}/${m.ts}`;
    const form = `${m.seq}/${count}`;
    const today = at(m).toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
    if (today !== day && !inThread) {
      const name = `day/${m.channel}/${today}`;
      at_ = put(list, at_, memory, name, "", () => el("li", { class: "day" }, el("span", {}, today)));
      kept.add(name);
      day = today;
      before = null;
    }
    at_ = put(list, at_, memory, key, form, () => message(m, inThread));
    kept.add(key);
    const grouped = before && before.author === m.author && before.ephemeral === m.ephemeral && Number(m.ts) - Number(before.ts) < GROUP && !m.broadcast;
    memory.get(key).node.classList.toggle("grouped", Boolean(grouped));
    before = m;
  }
  for (const [key, one] of memory) if (!kept.has(key)) { one.node.remove(); memory.delete(key); }
}

function put(list, before, memory, key, form, make) {
  const known = memory.get(key);
  if (known && known.form === form) {
    if (known.node === before) return before.nextElementSibling;
    list.insertBefore(known.node, before);
    return before;
  }
  const node = make();
  memory.set(key, { node, form });
  if (!known) { list.insertBefore(node, before); return before; }
  const focused = known.node.contains(document.activeElement) ? document.activeElement.dataset.actionId ?? "" : null;
  const open = [...known.node.querySelectorAll("details[open][data-file-id]")].map((one) => one.dataset.fileId);
  const next = known.node === before ? before.nextElementSibling : before;
  known.node.replaceWith(node);
  for (const one of node.querySelectorAll("details[data-file-id]")) one.open = open.includes(one.dataset.fileId);
  if (focused !== null) ([...node.querySelectorAll("[data-action-id]")].find((one) => one.dataset.actionId === focused) ?? node).focus();
  return next;
}

// What is at its end stays there. What has just been opened shows its newest message from the beginning, where that is
// taller than the place for it: it is to be read before anything below it is pressed.
function scrolled(box, list, work, force) {
  const near = box.scrollHeight - box.scrollTop - box.clientHeight < 120;
  work();
  if (near || force) box.scrollTop = box.scrollHeight;
  const last = list.lastElementChild?.getBoundingClientRect();
  const place = box.getBoundingClientRect();
  if (force && last && last.height > place.height) box.scrollTop += last.top - place.top;
}

export function showMessages(moved) {
  const here = channel(state.channel);
  byId("channel-name").textContent = here ? titleOf(here) : "";
  byId("channel-topic").textContent = here?.name === "" ? "A conversation between you and the app" : here?.topic ?? "";
  const all = roots(state.channel);
  scrolled(byId("scroll"), byId("message-list"), () => draw(byId("message-list"), all, drawn.list, false), moved);
  byId("message-list").classList.toggle("empty", all.length === 0);
  const panel = byId("thread");
  panel.hidden = !state.thread;
  document.body.classList.toggle("with-thread", Boolean(state.thread));
  if (state.thread) {
    byId("thread-where").textContent = here ? titleOf(here) : "";
    scrolled(byId("thread-scroll"), byId("thread-list"), () => draw(byId("thread-list"), thread(state.channel, state.thread), drawn.thread, true), moved);
  }
  if (state.target) point();
}

function point() {
  const wanted = state.thread ? byId("thread-list") : byId("message-list");
  const node = [...wanted.children].find((one) => one.dataset.messageTs === state.target);
  if (!node) return;
  state.target = null;
  node.classList.add("pointed");
  node.scrollIntoView({ block: "center" });
  setTimeout(() => node.classList.remove("pointed"), 3000);
}
