// What the page knows, and how it learns more: a request that waits for news, again and again.

const listeners = [];
const stored = (key) => { try { return sessionStorage.getItem(key); } catch { return null; } };
const store = (key, value) => { try { sessionStorage.setItem(key, value); } catch { /* private windows */ } };
const asked = new URLSearchParams(location.search);

export const state = {
  user: asked.get("user") || stored("user") || "U0RILEY",
  channel: asked.get("channel") || stored("channel") || "C0REQUESTS",
  thread: asked.get("thread"),
  target: asked.get("ts"),
  bot: "U0ALPHA",
  command: "/alpha",
  people: [],
  channels: [],
  views: [],
  log: [],
  messages: new Map(),
  online: true,
};

let epoch = "";
let since = 0;
let logged = 0;
let wantLog = false;
let turn = 0;
let waiting = new AbortController();
let read = JSON.parse(stored("read") || "{}");

export const person = (id) => state.people.find((one) => one.id === id);
export const channel = (id) => state.channels.find((one) => one.id === id);
export const nameOf = (id) => person(id)?.real_name ?? (id === "USLACKBOT" ? "Workspace" : id);
export const isDirect = (one) => one?.name === "";
export const titleOf = (one) => (isDirect(one) ? nameOf(state.bot) : `#${one?.name ?? "?"}`);
export const onChange = (listener) => listeners.push(listener);
export const tell = (what) => listeners.forEach((listener) => listener(what));

export const roots = (id) => inOrder((m) => m.channel === id && (!m.thread_ts || m.thread_ts === m.ts || m.broadcast));
export const thread = (id, ts) => inOrder((m) => m.channel === id && (m.ts === ts || m.thread_ts === ts));
const inOrder = (keep) => [...state.messages.values()].filter(keep).sort((a, b) => (a.ts < b.ts ? -1 : 1));

export function unread(id) {
  const last = read[state.user]?.[id] ?? "";
  let count = 0;
  for (const m of state.messages.values()) if (m.channel === id && m.author !== state.user && m.ts > last) count += 1;
  return count;
}

export function markRead(id) {
  const newest = [...state.messages.values()].filter((m) => m.channel === id).map((m) => m.ts).sort().pop();
  if (!newest || read[state.user]?.[id] === newest) return;
  (read[state.user] ??= {})[id] = newest;
  store("read", JSON.stringify(read));
}

export function become(user) {
  state.user = user;
  store("user", user);
  restart();
}

export function open(id, ts, threadTs) {
  state.channel = id;
  state.thread = threadTs ?? null;
  state.target = ts ?? null;
  store("channel", id);
  tell({ moved: true });
}

export function openThread(ts) {
  state.thread = ts;
  tell({ moved: true });
}

export function watchLog(on) {
  wantLog = on;
  waiting.abort();
}

function restart() {
  epoch = "";
  since = 0;
  turn += 1;
  state.messages.clear();
  state.views = [];
  waiting.abort();
}

export async function listen() {
  for (;;) {
    const mine = turn;
    waiting = new AbortController();
    const query = new URLSearchParams({ user: state.user, epoch, since });
    if (wantLog) query.set("log", logged);
    try {
      const response = await fetch(`/playground/changes?${query}`, { signal: waiting.signal });
      const news = await response.json();
      if (mine !== turn) continue;
      if (news.ok === false) { state.user = "U0RILEY"; restart(); continue; }
      learn(news);
    } catch {
      if (waiting.signal.aborted) continue;
      if (state.online) { state.online = false; tell({ offline: true }); }
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

function learn(news) {
  const back = !state.online;
  state.online = true;
  if (news.fresh) { state.messages.clear(); }
  if (news.epoch !== epoch && epoch !== "") logged = 0;
  epoch = news.epoch;
  since = news.seq;
  const fresh = [];
  for (const m of news.messages) {
    const key = `${m.channel}/${m.ts}`;
    if (!state.messages.has(key) && !news.fresh) fresh.push(m);
    state.messages.set(key, m);
  }
  for (const one of news.gone) state.messages.delete(`${one.channel}/${one.ts}`);
  Object.assign(state, { people: news.people, channels: news.channels, bot: news.bot, views: news.views, command: news.command });
  if (news.log?.length) {
    state.log = [...state.log, ...news.log].slice(-500);
    logged = news.log.at(-1).n;
  }
  if (!channel(state.channel)) { state.channel = state.channels[0]?.id; state.thread = null; }
  tell({ fresh, moved: news.fresh, back, log: Boolean(news.log?.length) });
}
