// Puts the page together.

import { composer } from "./composer.js";
import { byId, sign, toast } from "./dom.js";
import { showLog, startDrawers } from "./drawers.js";
import { showGuide, startGuide } from "./guide.js";
import { showMessages } from "./messages.js";
import { showModal } from "./modal.js";
import { spoken } from "./mrkdwn.js";
import { channel, listen, nameOf, onChange, open, openThread, state, titleOf } from "./state.js";
import { showSidebar, startSidebar } from "./sidebar.js";
import { startTheme } from "./theme.js";

const main = composer("composer", "composer", { thread: () => null });
const side = composer("thread-composer", "thread-composer", { thread: () => state.thread });

function announce(fresh) {
  const others = fresh.filter((m) => m.author !== state.user);
  if (!others.length) return;
  const m = others.at(-1);
  const more = others.length > 1 ? ` and ${others.length - 1} more` : "";
  byId("live").textContent = `${m.ephemeral ? "Only to you, " : ""}${nameOf(m.author)} in ${titleOf(channel(m.channel))}: ${spoken(m)}${more}`;
}

// A permalink within the page leads to its message without loading anything.
function follow(event) {
  const anchor = event.target.closest?.("a[href]");
  if (!anchor || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const url = new URL(anchor.href);
  const found = url.origin === location.origin && /^\/archives\/(\w+)\/(?:p(\d{10})(\d{6}))?$/.exec(url.pathname);
  if (!found) return;
  event.preventDefault();
  const ts = found[2] && `${found[2]}.${found[3]}`;
  const known = ts && state.messages.get(`${found[1]}/${ts}`);
  const root = url.searchParams.get("thread_ts") ?? (known?.thread_ts !== ts ? known?.thread_ts : null);
  if (channel(found[1])) open(found[1], ts, root); else toast("You aren't in that conversation.");
}

onChange((what) => {
  if (what.offline) { toast("The playground doesn't answer; trying again…"); return; }
  if (what.back) toast("The playground is back.");
  showMessages(Boolean(what.moved));
  showSidebar();
  showModal();
  if (what.log) showLog();
  showGuide();
  main.refresh();
  side.refresh();
  if (what.fresh?.length) announce(what.fresh);
});

byId("composer-place").append(main.form);
byId("open-menu").append(sign("menu"));
byId("thread-close").append(sign("close"));
byId("thread-composer-place").append(side.form);
byId("thread-close").addEventListener("click", () => { openThread(null); main.box.focus(); });
byId("thread").addEventListener("keydown", (event) => { if (event.key === "Escape") { openThread(null); main.box.focus(); } });
document.addEventListener("click", follow);
document.addEventListener("visibilitychange", showSidebar);
startTheme();
startSidebar();
startDrawers();
startGuide(main.box);
if (location.search) history.replaceState(null, "", "/");
listen();
