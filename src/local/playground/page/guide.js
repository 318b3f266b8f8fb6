// The first steps: what to do next, until somebody has seen enough.

import { byId, el } from "./dom.js";
import { become, openThread, person, roots, state, thread } from "./state.js";

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

const asks = (m) => m.blocks.some((block) => block.type === "actions");

// The newest message of the app with a thread that has buttons.
function waiting() {
  return roots(state.channel).filter((m) => m.author === state.bot)
    .findLast((m) => thread(m.channel, m.ts).some((one) => one.ts !== m.ts && asks(one)));
}

function step() {
  const root = waiting();
  const approver = person(state.user)?.role === "approver";
  if (!root) {
    const write = () => { box.value = `${state.command} analyze ci-deployer`; box.dispatchEvent(new Event("input")); box.focus(); };
    return ["write", ["Type ", el("code", {}, `${state.command} analyze ci-deployer`), ", then switch to Ana and press Approve."], "Write it for me", write];
  }
  if (!approver) return [`switch ${root.ts}`, ["A proposal waits in a thread, and somebody else has to decide. Switch to Ana."], "Become Ana", () => { become("U0ANA"); openThread(root.ts); }];
  if (!state.thread || !thread(state.channel, state.thread).some(asks)) return [`open ${root.ts}`, ["Open the thread, read the proposal, and press Approve."], "Open the thread", () => openThread(root.ts)];
  return ["approve", ["Read the proposal in the thread, and press Approve. The thread tells what becomes of it."], null, null];
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
