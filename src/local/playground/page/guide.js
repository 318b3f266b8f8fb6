// The first steps: what to do next, until somebody has seen enough.

import { byId, el } from "./dom.js";
import { become, open, person, roots, state, thread } from "./state.js";

let box = null;
let shown = "";
const seen = () => { try { return localStorage.getItem("guide") === "seen"; } catch { return false; } };

export function startGuide(composerBox) {
  if (!seen()) box = composerBox;
}

function dismiss() {
  try { localStorage.setItem("guide", "seen"); } catch { /* private windows */ }
  byId("guide").hidden = true;
  box.focus();
  box = null;
}

// The roles of the tour: one that is narrowed, and one whose change is taken back.
const FIRST = "ci-deployer";
const SECOND = "monthly-report";

const home = () => state.channels[0]?.id;
const asks = (m) => m.blocks.some((block) => block.type === "actions" && block.elements.some((one) => one.action_id === "approve"));
const jobs = () => roots(home()).filter((m) => m.author === state.bot && !m.ephemeral && m.blocks.length);
const asked = (role) => jobs().some((m) => JSON.stringify(m.blocks).includes(`"${role}"`));
const request = (role) => `${state.command} analyze ${role}`;

function write(role) {
  if (person(state.user)?.role !== "requester") become("U0RILEY");
  open(home());
  box.value = request(role);
  box.dispatchEvent(new Event("input"));
  box.focus();
}

function step() {
  const root = jobs().findLast((m) => thread(m.channel, m.ts).some(asks));
  const approver = person(state.user)?.role === "approver";
  if (root && !approver) return [`switch ${root.ts}`, ["A proposal waits in a thread, and somebody else has to decide. Switch to Ana."], "Become Ana", () => { become("U0ANA"); open(home(), null, root.ts); }];
  if (root && state.thread !== root.ts) return [`open ${root.ts}`, ["Open the thread, read the proposal, and press Approve."], "Open the thread", () => open(home(), null, root.ts)];
  if (root) return ["approve", ["Read the proposal in the thread, and press Approve. The thread tells what becomes of it."], null, null];
  if (!asked(FIRST)) return ["first", ["Type ", el("code", {}, request(FIRST)), ", then switch to Ana and press Approve."], "Write it for me", () => write(FIRST)];
  if (jobs().some((m) => thread(m.channel, m.ts).length === 1)) return ["wait", ["The app is looking at what the role really uses. Its proposal comes in a thread."], null, null];
  if (!asked(SECOND)) return ["second", ["The role is being narrowed, stage by stage. Now for one that a change would break: as Riley, type ", el("code", {}, request(SECOND)), "."], "Write it for me", () => write(SECOND)];
  return ["done", ["Once that is approved, a call turns up that was missing from the evidence, and the change is taken back by itself. ", el("code", {}, `${state.command} help`), " shows what else there is."], null, null];
}

export function showGuide() {
  if (!box || !state.people.length) return;
  const [key, sentence, label, go] = step();
  if (key === shown) return;
  shown = key;
  byId("guide").hidden = false;
  byId("guide").replaceChildren(
    el("div", {}, el("strong", {}, "First steps"), el("p", {}, sentence)),
    label ? el("button", { type: "button", class: "button primary", onclick: go }, label) : "",
    el("button", { type: "button", class: "button", "aria-label": "Got it: dismiss the first steps", onclick: dismiss }, "Got it"));
}
