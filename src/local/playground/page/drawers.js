// The request log, and trouble on demand.

import { send } from "./act.js";
import { byId, el, sign } from "./dom.js";
import { nameOf, state, watchLog } from "./state.js";

const METHODS = ["*", "chat.postMessage", "chat.update", "chat.postEphemeral", "reactions.add", "views.open", "users.info", "conversations.open", "conversations.replies", "files.getUploadURLExternal", "upload", "response_url"];
const KINDS = {
  rate_limited: ["answers “too fast” (429)", "seconds to wait", 2, (n) => ({ kind: "rate_limited", retry_after: n })],
  http: ["fails with an HTTP status", "status", 503, (n) => ({ kind: "http", status: n })],
  error: ["refuses with an error", "error code", "channel_not_found", (code) => ({ kind: "error", code })],
  hang: ["does it and answers late", "milliseconds", 4000, (n) => ({ kind: "hang", ms: n })],
  drop: ["does it and drops the connection", "", "", () => ({ kind: "drop" })],
};

let opener = null;
function toggle(id, button, on) {
  for (const other of ["log", "faults"]) byId(other).hidden = other !== id || !on;
  watchLog(id === "log" && on);
  if (on) { opener = button; byId(id).querySelector(".drawer-close").focus(); } else opener?.focus();
}

const head = (id, title) => el("header", {}, el("h2", {}, title),
  el("button", { type: "button", class: "icon drawer-close", "aria-label": `Close: ${title}`, onclick: () => toggle(id, null, false) }, sign("close")));

function pretty(body) {
  try { return JSON.stringify(JSON.parse(body), null, 2); } catch { /* a form, or a text */ }
  if (/^[\w]+=/.test(body)) return [...new URLSearchParams(body)].map(([name, value]) => `${name} = ${value}`).join("\n");
  return body;
}

const entry = (one) => {
  const bad = !/^2/.test(one.status) || /"ok":\s*false/.test(one.answered);
  return el("details", { class: bad ? "entry-log bad" : "entry-log", data: { "log-what": one.what, "log-status": one.status } },
    el("summary", {}, el("span", { class: "way", title: one.way === "to_alpha" ? "Slack calls the app" : "The app calls Slack" }, one.way === "to_alpha" ? "→" : "←"),
      el("span", { class: "log-what" }, one.what), el("span", { class: "log-status" }, one.status), el("small", {}, `${one.took} ms`)),
    el("p", {}, `${new Date(one.at).toLocaleTimeString()} · ${one.way === "to_alpha" ? `for ${nameOf(one.who)}, signed, to the app` : "from the app"}`),
    el("h3", {}, "Asked"), el("pre", { tabindex: "0" }, pretty(one.asked)), el("h3", {}, "Answered"), el("pre", { tabindex: "0" }, pretty(one.answered) || "(nothing)"));
};

let last = 0;
const logList = el("div", { class: "drawer-body", id: "log-entries" });
export function showLog() {
  for (const one of state.log) if (one.n > last || state.log[0].n > last) { logList.prepend(entry(one)); last = one.n; }
  while (logList.children.length > 500) logList.lastElementChild.remove();
}

const waiting = el("div", { "aria-live": "polite" });
const pacing = el("input", { type: "checkbox", id: "pacing", onchange: async () => list(await send("pacing", { on: pacing.checked })) });
function list(answer) {
  if (!answer.ok) return;
  pacing.checked = answer.pacing;
  waiting.replaceChildren(answer.faults.length
    ? el("ul", { class: "faults-list" }, answer.faults.map((one) => el("li", {}, el("code", {}, one.method), ` × ${one.times}: ${KINDS[one.fault.kind][0]} ${Object.values(one.fault).slice(1).join("")}`)))
    : el("p", { class: "hint" }, "Nothing is planned."));
}

function faultsForm() {
  const method = el("select", { class: "field", id: "fault-method" }, METHODS.map((name) => el("option", { value: name }, name === "*" ? "whatever comes next" : name)));
  const kind = el("select", { class: "field", id: "fault-kind", onchange: () => adapt() }, Object.entries(KINDS).map(([name, [label]]) => el("option", { value: name }, label)));
  const detail = el("input", { class: "field", id: "fault-detail" });
  const detailLabel = el("label", { for: "fault-detail" });
  const times = el("input", { class: "field", id: "fault-times", type: "number", min: 1, max: 100, value: 1 });
  const adapt = () => { const [, label, value] = KINDS[kind.value]; detailLabel.textContent = label; detail.value = value; detail.hidden = detailLabel.hidden = !label; };
  adapt();
  return el("form", {
    onsubmit: async (event) => {
      event.preventDefault();
      const number = kind.value === "error" ? detail.value : Number(detail.value);
      list(await send("faults", { method: method.value, times: Number(times.value), fault: KINDS[kind.value][3](number) }));
    },
  }, el("label", { for: "fault-method" }, "Method"), method, el("label", { for: "fault-kind" }, "What happens"), kind, detailLabel, detail,
    el("label", { for: "fault-times" }, "How often"), times,
    el("div", { class: "row" }, el("button", { class: "button primary" }, "Plan it"), el("button", { type: "button", class: "button", onclick: async () => list(await send("faults", null, "DELETE")) }, "Forget all")));
}

export function startDrawers() {
  byId("log").append(head("log", "Request log"), el("p", { class: "hint" }, "→ Slack calls the app; ← the app calls Slack. Tokens are blotted out."), logList);
  byId("faults").append(head("faults", "Trouble on demand"), el("div", { class: "drawer-body" },
    el("p", { class: "hint" }, "Makes the Web API fail, to see how the app copes."), faultsForm(), el("h3", {}, "Planned"), waiting,
    el("label", { class: "row" }, pacing, " One post a second in each channel, as at Slack")));
  for (const id of ["log", "faults"]) {
    const button = byId(`open-${id}`);
    button.addEventListener("click", async () => { toggle(id, button, byId(id).hidden); if (id === "faults") list(await send("faults", null, "GET")); });
    byId(id).addEventListener("keydown", (event) => { if (event.key === "Escape") toggle(id, null, false); });
  }
}
