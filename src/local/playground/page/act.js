// Acts of the person whose turn it is.

import { toast } from "./dom.js";
import { state } from "./state.js";

export async function send(path, body, method = "POST") {
  try {
    const response = await fetch(`/playground/${path}`, {
      method,
      headers: { "content-type": "application/json" },
      body: method === "GET" ? undefined : JSON.stringify(body ?? {}),
    });
    return await response.json();
  } catch {
    return { ok: false, error: "The playground doesn't answer. Is it still running?" };
  }
}

export async function act(path, body) {
  const answer = await send(path, { user: state.user, ...body });
  if (!answer.ok && answer.error) toast(answer.error);
  return answer;
}
