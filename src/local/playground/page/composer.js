// Where people type, with a list of what they may want to type.

import { act } from "./act.js";
import { el } from "./dom.js";
import { channel, nameOf, state, titleOf } from "./state.js";

const VERBS = [
  ["analyze", "<role name or ARN> [--days N]", "propose a narrower policy for a role"],
  ["status", "[job]", "where a job stands"],
  ["pending", "", "what waits for a decision"],
  ["diff", "<job>", "the whole change of a job"],
  ["cancel", "<job>", "call a job off"],
  ["history", "<role>", "what was done to a role"],
  ["rollback", "<job>", "take a change back"],
  ["whoami", "", "who the bot thinks you are"],
  ["help", "", "all verbs"],
];

function hints(typed, before) {
  const { command } = state;
  if (typed.startsWith("/")) {
    if (!typed.includes(" ")) return command.startsWith(typed) ? [{ whole: `${command} `, name: command, args: "<verb>", what: `talk to ${nameOf(state.bot)}` }] : [];
    const [head, verb, ...rest] = typed.split(/\s+/);
    if (head !== command || rest.length) return [];
    return VERBS.filter(([name]) => name.startsWith(verb ?? "")).map(([name, args, what]) => ({ whole: `${command} ${name}${args ? " " : ""}`, name: `${command} ${name}`, args, what }));
  }
  const at = /(^|\s)@(\w*)$/.exec(before);
  if (!at) return [];
  return state.people.filter((one) => one.name.startsWith(at[2].toLowerCase())).map((one) => {
    const handle = one.bot ? one.real_name : one.name;
    return { whole: `${before.slice(0, before.length - at[2].length)}${handle} ${typed.slice(before.length)}`, name: `@${handle}`, args: "", what: one.real_name };
  });
}

export function composer(id, testid, where) {
  let found = [];
  let chosen = -1;
  const label = () => (where.thread() ? "Reply in the thread" : `Message ${titleOf(channel(state.channel))}`);
  const list = el("ul", { class: "hints", id: `${id}-hints`, role: "listbox", "aria-label": "Suggestions", hidden: true });
  const box = el("textarea", {
    id, rows: 1, class: "composer-text", data: { testid }, "aria-autocomplete": "list", "aria-controls": `${id}-hints`,
    spellcheck: "true", autocomplete: "off",
  });
  const button = el("button", { class: "button primary", data: { testid: testid === "composer" ? "send" : "thread-send" } }, "Send");

  const grow = () => { box.style.height = "auto"; box.style.height = `${Math.min(box.scrollHeight + 2, 180)}px`; };
  function show() {
    const here = document.activeElement === box && !(where.thread() && box.value.startsWith("/"));
    found = here ? hints(box.value, box.value.slice(0, box.selectionStart)) : [];
    if (found.length === 1 && found[0].whole.trim() === box.value.trim()) found = [];
    chosen = Math.min(chosen, found.length - 1);
    list.hidden = !found.length;
    list.replaceChildren(...found.map((hint, index) => el("li", {
      role: "option", id: `${id}-hint-${index}`, "aria-selected": String(index === chosen), class: index === chosen ? "chosen" : null,
      onmousedown: (event) => { event.preventDefault(); take(index); },
    }, el("strong", {}, hint.name), " ", el("code", {}, hint.args), el("span", {}, hint.what))));
    if (chosen >= 0) box.setAttribute("aria-activedescendant", `${id}-hint-${chosen}`); else box.removeAttribute("aria-activedescendant");
  }
  function take(index) {
    box.value = found[index].whole;
    chosen = -1;
    grow();
    show();
  }
  async function submit() {
    const text = box.value.trim();
    if (!text) return;
    box.value = "";
    chosen = -1;
    grow();
    show();
    form.setAttribute("aria-busy", "true");
    const answer = await act("say", { channel: state.channel, thread_ts: where.thread(), text });
    form.removeAttribute("aria-busy");
    if (!answer.ok && !answer.status && !box.value) { box.value = text; grow(); }
  }
  box.addEventListener("input", () => { chosen = -1; grow(); show(); });
  box.addEventListener("focus", show);
  box.addEventListener("blur", show);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (found.length && step) { event.preventDefault(); chosen = (chosen + step + found.length) % found.length; show(); }
    else if (found.length && event.key === "Tab" && !event.shiftKey && box.value) { event.preventDefault(); take(Math.max(chosen, 0)); }
    else if (event.key === "Enter" && chosen >= 0 && found.length) { event.preventDefault(); take(chosen); }
    else if (event.key === "Escape" && found.length) { event.stopPropagation(); found = []; list.hidden = true; chosen = -1; }
    else if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); submit(); }
  });
  const form = el("form", { class: "composer", onsubmit: (event) => { event.preventDefault(); submit(); } }, list, box, button);
  const refresh = () => { box.placeholder = `${label()}, or ${state.command} …`; if (where.thread()) box.placeholder = label(); box.setAttribute("aria-label", label()); };
  return { form, box, refresh };
}
