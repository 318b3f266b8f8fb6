// Conversations with their unread marks, and who is acting.

import { byId, el } from "./dom.js";
import { become, channel, isDirect, markRead, nameOf, open, person, state, titleOf, unread } from "./state.js";

let key = "";

function entry(one) {
  const count = one.id === state.channel ? 0 : unread(one.id);
  return el("li", {}, el("button", {
    type: "button", class: `room${one.id === state.channel ? " here" : ""}${count ? " unread" : ""}`,
    "aria-current": one.id === state.channel ? "page" : null,
    data: { channel: one.id, unread: count || null }, onclick: () => { open(one.id); close(); },
  }, el("span", { class: "room-sign", "aria-hidden": "true" }, isDirect(one) ? "●" : "#"), el("span", { class: "room-name" }, isDirect(one) ? nameOf(state.bot) : one.name),
    one.shared && el("span", { class: "badge", title: "Shared with another team" }, "shared"),
    count ? el("span", { class: "count" }, count, el("span", { class: "unseen" }, " unread")) : null));
}

export function showSidebar() {
  if (document.visibilityState === "visible" && channel(state.channel)) markRead(state.channel);
  const now = JSON.stringify([state.user, state.channel, state.people, state.channels, state.channels.map((one) => unread(one.id))]);
  if (now === key) return;
  key = now;
  document.body.dataset.user = state.user;
  document.body.dataset.channel = state.channel ?? "";
  const switcher = byId("user-switcher");
  switcher.replaceChildren(...state.people.filter((one) => !one.bot).map((one) =>
    el("option", { value: one.id, data: { user: one.id }, selected: one.id === state.user }, `${one.real_name} · ${one.role}`)));
  switcher.value = state.user;
  const me = person(state.user);
  byId("acting").replaceChildren("You are ", el("strong", {}, me?.real_name.split(" ")[0]), el("span", { class: "acting-role" }, ` · ${me?.role}`));
  const focused = document.activeElement?.closest?.("#channel-list [data-channel]")?.dataset.channel;
  const list = (title, keep) => [el("h2", {}, title), el("ul", {}, state.channels.filter(keep).map(entry))];
  byId("channel-list").replaceChildren(...list("Channels", (one) => !isDirect(one)), ...(state.channels.some(isDirect) ? list("Direct messages", isDirect) : []));
  if (focused) byId("channel-list").querySelector(`[data-channel="${CSS.escape(focused)}"]`)?.focus();
  const total = state.channels.reduce((sum, one) => sum + (one.id === state.channel ? 0 : unread(one.id)), 0);
  document.title = `${total ? `(${total}) ` : ""}${titleOf(channel(state.channel))} · Playground`;
}

export function close() {
  document.body.classList.remove("menu-open");
  byId("scrim").hidden = true;
  byId("open-menu").setAttribute("aria-expanded", "false");
}

export function startSidebar() {
  byId("user-switcher").addEventListener("change", (event) => become(event.target.value));
  byId("open-menu").addEventListener("click", () => {
    document.body.classList.add("menu-open");
    byId("scrim").hidden = false;
    byId("open-menu").setAttribute("aria-expanded", "true");
    byId("user-switcher").focus();
  });
  byId("scrim").addEventListener("click", close);
  byId("sidebar").addEventListener("keydown", (event) => { if (event.key === "Escape") { close(); byId("open-menu").focus(); } });
}
