// Dark, light, or as the system says.

import { byId } from "./dom.js";

const ORDER = ["system", "light", "dark"];
const kept = () => { try { return localStorage.getItem("theme"); } catch { return null; } };

function wear(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  byId("theme").textContent = `Theme: ${theme}`;
  try { localStorage.setItem("theme", theme); } catch { /* private windows */ }
}

export function startTheme() {
  let now = ORDER.includes(kept()) ? kept() : "system";
  wear(now);
  byId("theme").addEventListener("click", () => { now = ORDER[(ORDER.indexOf(now) + 1) % ORDER.length]; wear(now); });
}
