// Slack's own JavaScript client, against the playground's Web API. It sends forms, where the Python one sends JSON.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { WebClient } from "@slack/web-api";

const TOKEN = "xoxb-peers";
const [CHANNEL, ABSENT, RILEY] = ["C0REQUESTS", "C0SECURITY", "U0RILEY"];
const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), "../../target/debug/alpha");
// Refusals are expected here, and the checks say which.
const WORDS = ["debug", "info", "warn", "error", "setLevel", "getLevel", "setName"];
const SILENT = Object.fromEntries(WORDS.map((name) => [name, () => undefined]));
let passed = 0;
let failed = 0;

function same(name, found, expected) {
  if (isDeepStrictEqual(found, expected)) {
    passed += 1;
    console.log(`ok    ${name}`);
  } else {
    failed += 1;
    console.log(`FAIL  ${name}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`);
  }
}

async function refused(name, error, call) {
  const found = await call().then(() => "accepted", (raised) => raised.data?.error ?? raised.message);
  same(name, found, error);
}

// Starts the demo, and gives its address once it says it, or rejects when it ends before or says nothing for too long.
function start(folder) {
  const environment = { PATH: process.env.PATH, ALPHA_DEMO_TOKEN: TOKEN };
  const arguments_ = ["demo", "--listen", "127.0.0.1:0", "--data", join(folder, "demo")];
  const demo = spawn(PROGRAM, arguments_, { cwd: folder, env: environment, stdio: ["ignore", "pipe", "inherit"] });
  const address = new Promise((resolve, reject) => {
    let said = "";
    const deadline = setTimeout(() => reject(new Error(`no address in time: ${said}`)), 30_000);
    demo.on("exit", (status) => reject(new Error(`the demo ended with ${status}: ${said}`)));
    demo.stdout.on("data", (chunk) => {
      said += chunk;
      const found = said.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (found) {
        clearTimeout(deadline);
        resolve(found[0]);
      }
    });
  });
  return [demo, address];
}

async function act(address, what, body) {
  const request = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  return (await fetch(`${address}/playground/${what}`, request)).json();
}

async function log(address, what) {
  const answer = await (await fetch(`${address}/playground/log?after=0`)).json();
  return answer.log.filter((one) => one.what === what);
}

async function messages(client) {
  const me = await client.auth.test();
  same("auth.test", [me.user_id, me.bot_id, me.team_id], ["U0ALPHA", "B0ALPHA", "T0DEMO"]);
  const root = await client.chat.postMessage({ channel: CHANNEL, text: "root", blocks: [{ type: "divider" }] });
  same("chat.postMessage, with blocks in a form", root.message.blocks[0].type, "divider");
  const metadata = { event_type: "delivery", event_payload: { delivery_id: "d1" } };
  const said = { channel: CHANNEL, thread_ts: root.ts, text: "reply & <more>", metadata };
  const { ts } = await client.chat.postMessage(said);
  await client.chat.update({ channel: CHANNEL, ts, text: "new" });
  const asked = { channel: CHANNEL, ts: root.ts, include_all_metadata: true };
  const thread = (await client.conversations.replies(asked)).messages;
  same("chat.update and conversations.replies", [thread[1].text, thread[1].metadata], ["new", metadata]);
  const history = (await client.conversations.history({ channel: CHANNEL, limit: 1 })).messages;
  same("conversations.history", history.map((one) => one.ts), [root.ts]);
  const link = (await client.chat.getPermalink({ channel: CHANNEL, message_ts: ts })).permalink;
  same("chat.getPermalink", link.includes(`thread_ts=${root.ts}`), true);
  const whispered = await client.chat.postEphemeral({ channel: CHANNEL, user: RILEY, text: "psst" });
  same("chat.postEphemeral", typeof whispered.message_ts, "string");
  const reaction = { channel: CHANNEL, timestamp: ts, name: "eyes" };
  same("reactions.add", (await client.reactions.add(reaction)).ok, true);
  await refused("  once", "already_reacted", () => client.reactions.add(reaction));
  same("reactions.remove", (await client.reactions.remove(reaction)).ok, true);
  same("chat.delete", (await client.chat.delete({ channel: CHANNEL, ts })).ts, ts);
  same("conversations.open", (await client.conversations.open({ users: RILEY })).channel.id, "D0RILEY");
  same("users.info", (await client.users.info({ user: "U0GUS" })).user.is_restricted, true);
  const file = { channel_id: CHANNEL, thread_ts: root.ts, filename: "a.diff", content: "-é\n+ü\n", title: "Diff" };
  same("filesUploadV2", (await client.filesUploadV2(file)).files[0].files[0].title, "Diff");
  const shared = (await client.conversations.replies({ channel: CHANNEL, ts: root.ts })).messages;
  same("  is shared in the thread", shared.at(-1).files[0].title, "Diff");
  let pages = 0;
  for await (const page of client.paginate("conversations.replies", { channel: CHANNEL, ts: root.ts, limit: 1 })) {
    pages += page.messages.length;
  }
  same("pages are followed by cursor", pages, 2);
}

async function forms(client, address) {
  const element = { type: "button", action_id: "peers", value: "v", text: { type: "plain_text", text: "Press" } };
  const blocks = [{ type: "actions", block_id: "b", elements: [element] }];
  const { ts } = await client.chat.postMessage({ channel: CHANNEL, text: "press", blocks });
  const click = { user: RILEY, channel: CHANNEL, ts, block_id: "b", action_id: "peers" };
  same("a button is pressed", (await act(address, "click", click)).ok, true);
  const payload = JSON.parse((await log(address, "block_actions peers")).at(-1).asked);
  const view = { type: "modal", title: { type: "plain_text", text: "Hello" }, blocks: [{ type: "divider" }] };
  const trigger_id = payload.trigger_id;
  same("views.open with its trigger", (await client.views.open({ trigger_id, view })).view.title.text, "Hello");
  await refused("  once", "exchanged_trigger_id", () => client.views.open({ trigger_id, view }));
  await refused("a modal without a title", "invalid_arguments",
    () => client.views.open({ trigger_id: "1.2.3", view: { type: "modal", blocks: [] } }));
  const answer = { method: "POST", body: JSON.stringify({ text: "heard", replace_original: true }) };
  same("response_url", (await fetch(payload.response_url, answer)).status, 200);
  const replaced = (await client.conversations.history({ channel: CHANNEL, limit: 1 })).messages[0];
  same("  replaces the message", replaced.text, "heard");
}

async function refusals(client, address) {
  const options = { slackApiUrl: `${address}/api/`, logger: SILENT, retryConfig: { retries: 0 } };
  await refused("another token", "invalid_auth", () => new WebClient("xoxb-other", options).auth.test());
  await refused("no token", "not_authed", () => new WebClient(undefined, options).auth.test());
  const { ts } = await client.chat.postMessage({ channel: CHANNEL, text: "x" });
  const text = { type: "plain_text", text: "x" };
  const said = (changed) => () => client.chat.postMessage({ channel: CHANNEL, text: "x", ...changed });
  await refused("an unknown channel", "channel_not_found", said({ channel: "C0NOWHERE" }));
  await refused("a channel that the bot isn't in", "not_in_channel", said({ channel: ABSENT }));
  await refused("51 blocks", "invalid_blocks", said({ blocks: Array(51).fill({ type: "divider" }) }));
  await refused("a misspelt block", "invalid_blocks", said({ blocks: [{ type: "sectoin", text }] }));
  await refused("blocks that are no JSON", "invalid_blocks_format", said({ blocks: "[" }));
  await refused("an update too long", "msg_too_long",
    () => client.chat.update({ channel: CHANNEL, ts, text: "x".repeat(4001) }));
}

async function faults(client, address) {
  const fault = { kind: "rate_limited", retry_after: 1 };
  await act(address, "faults", { method: "chat.postMessage", times: 1, fault });
  const before = (await log(address, "chat.postMessage")).length;
  same("a rate limit is waited for", (await client.chat.postMessage({ channel: CHANNEL, text: "patient" })).ok, true);
  const calls = (await log(address, "chat.postMessage")).slice(before);
  same("  and tried again", calls.map((one) => one.status), ["429", "200"]);
  await act(address, "faults", { method: "auth.test", times: 1, fault: { kind: "http", status: 503 } });
  same("a failure of HTTP is tried again", (await client.auth.test()).ok, true);
}

const folder = mkdtempSync(join(tmpdir(), "alpha-peers-"));
const [demo, starting] = start(folder);
try {
  const address = await starting;
  const retryConfig = { retries: 3, minTimeout: 10, maxTimeout: 100 };
  const options = { slackApiUrl: `${address}/api/`, logger: SILENT, retryConfig };
  const client = new WebClient(TOKEN, options);
  await messages(client);
  await forms(client, address);
  await refusals(client, address);
  await faults(client, address);
} finally {
  demo.kill("SIGTERM");
  if (demo.exitCode === null && demo.signalCode === null) {
    await new Promise((resolve) => demo.once("exit", resolve));
  }
  rmSync(folder, { recursive: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
