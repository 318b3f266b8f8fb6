"""Slack's own Python client, against the playground's Web API: every method that the program calls, and every check
of Slack's that the program has to live with."""

import json

from slack_sdk import WebClient
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.webhook import WebhookClient

from support import Checks, Program, get, post

TOKEN = "xoxb-peers"
CHANNEL, ABSENT, RILEY = "C0REQUESTS", "C0SECURITY", "U0RILEY"
BUTTON = [{"type": "actions", "block_id": "b", "elements": [
    {"type": "button", "action_id": "peers", "value": "v", "text": {"type": "plain_text", "text": "Press"}}]}]

checks = Checks()


class Workspace:
    """The playground, and a client of it."""

    def __init__(self, program):
        self.address = program.address
        self.client = WebClient(token=TOKEN, base_url=f"{self.address}/api/")

    def act(self, what, **act):
        return post(f"{self.address}/playground/{what}", act)

    def fault(self, method, times=1, **fault):
        return checks.ok(f"a fault of {method} is planned",
                         self.act("faults", method=method, times=times, fault=fault)["ok"])

    def log(self, what):
        return [one for one in get(f"{self.address}/playground/log?after=0")["log"] if one["what"] == what]

    def press(self, ts):
        """Presses the button of a message, and gives the payload that the click carried."""
        pressed = self.act("click", user=RILEY, channel=CHANNEL, ts=ts, block_id="b", action_id="peers")
        checks.ok("a button is pressed", pressed["ok"], pressed)
        return json.loads(self.log("block_actions peers")[-1]["asked"])


def messages(client):
    me = client.auth_test()
    checks.same("auth.test", (me["user_id"], me["bot_id"], me["team_id"]), ("U0ALPHA", "B0ALPHA", "T0DEMO"))
    root = client.chat_postMessage(channel=CHANNEL, text="root", blocks=[{"type": "divider"}])
    checks.same("chat.postMessage", (root["channel"], root["message"]["text"]), (CHANNEL, "root"))
    checks.same("  with its blocks", root["message"]["blocks"][0]["type"], "divider")
    ts = root["ts"]
    told = {"event_type": "delivery", "event_payload": {"delivery_id": "d1"}}
    reply = client.chat_postMessage(channel=CHANNEL, thread_ts=ts, text="reply", metadata=told)["ts"]
    client.chat_update(channel=CHANNEL, ts=reply, text="new & <better>")
    thread = client.conversations_replies(channel=CHANNEL, ts=ts, include_all_metadata=True)["messages"]
    checks.same("conversations.replies", [one["ts"] for one in thread], [ts, reply])
    checks.same("chat.update keeps the metadata and marks the edit",
                (thread[1].get("metadata"), "edited" in thread[1]), (told, True))
    history = client.conversations_history(channel=CHANNEL, limit=1)["messages"]
    checks.same("conversations.history has roots, the newest first", [one["ts"] for one in history], [ts])
    link = client.chat_getPermalink(channel=CHANNEL, message_ts=reply)["permalink"]
    checks.ok("chat.getPermalink", f"thread_ts={ts}" in link, link)
    checks.ok("chat.postEphemeral",
              client.chat_postEphemeral(channel=CHANNEL, user=RILEY, text="psst", thread_ts=ts)["message_ts"])
    checks.same("  which nobody finds in the thread",
                len(client.conversations_replies(channel=CHANNEL, ts=ts)["messages"]), 2)
    checks.ok("reactions.add", client.reactions_add(channel=CHANNEL, timestamp=ts, name="eyes")["ok"])
    checks.refused("  once", "already_reacted", lambda: client.reactions_add(channel=CHANNEL, timestamp=ts, name="eyes"))
    checks.ok("reactions.remove", client.reactions_remove(channel=CHANNEL, timestamp=ts, name="eyes")["ok"])
    checks.refused("  once", "no_reaction", lambda: client.reactions_remove(channel=CHANNEL, timestamp=ts, name="eyes"))
    checks.same("chat.delete", client.chat_delete(channel=CHANNEL, ts=reply)["ts"], reply)
    checks.refused("  once", "message_not_found", lambda: client.chat_delete(channel=CHANNEL, ts=reply))
    for n in range(5):
        client.chat_postMessage(channel=CHANNEL, thread_ts=ts, text=str(n))
    pages = client.conversations_replies(channel=CHANNEL, ts=ts, limit=2)
    checks.same("pages are followed by cursor", [one["text"] for page in pages for one in page["messages"]],
                ["root", "0", "1", "2", "3", "4"])


def people(client):
    flags = ("is_restricted", "is_stranger", "is_bot", "deleted")
    for name, expected in ((RILEY, (False, None, False, False)), ("U0GUS", (True, None, False, False)),
                           ("U0SAM", (False, True, False, False)), ("U0ALPHA", (False, None, True, False))):
        found = client.users_info(user=name)["user"]
        checks.same(f"users.info of {name}", tuple(found.get(flag) for flag in flags), expected)
    checks.same("conversations.open", client.conversations_open(users=[RILEY])["channel"]["id"], "D0RILEY")
    checks.refused("users.info of nobody", "user_not_found", lambda: client.users_info(user="U0NOBODY"))
    checks.refused("conversations.open with nobody", "user_not_found", lambda: client.conversations_open(users="U0NOBODY"))


def forms(workspace):
    client = workspace.client
    ts = client.chat_postMessage(channel=CHANNEL, text="press", blocks=BUTTON)["ts"]
    payload = workspace.press(ts)
    view = {"type": "modal", "title": {"type": "plain_text", "text": "Hello"}, "blocks": [{"type": "divider"}]}
    opened = client.views_open(trigger_id=payload["trigger_id"], view=view)["view"]
    checks.same("views.open with the trigger of a click", opened["title"]["text"], "Hello")
    checks.refused("  which is used up", "exchanged_trigger_id",
                   lambda: client.views_open(trigger_id=payload["trigger_id"], view=view))
    checks.refused("a trigger that nobody gave out", "invalid_trigger_id",
                   lambda: client.views_open(trigger_id="1.2.3", view=view))
    checks.refused("a modal without a title", "invalid_arguments", lambda: client.views_open(
        trigger_id=workspace.press(ts)["trigger_id"], view={"type": "modal", "blocks": []}))
    stale = workspace.press(ts)["trigger_id"]
    # A fault that hangs is a wait of a known length, longer than a trigger lives.
    workspace.fault("auth.test", kind="hang", ms=3200)
    client.auth_test()
    checks.refused("a trigger of three seconds ago", "expired_trigger_id",
                   lambda: client.views_open(trigger_id=stale, view=view))
    hook = WebhookClient(payload["response_url"])
    for n in range(5):
        answer = hook.send(text=f"answer {n}", response_type="ephemeral")
        checks.same(f"response_url, use {n + 1}", (answer.status_code, answer.body), (200, "ok"))
    answer = hook.send(text="once more")
    checks.ok("response_url, use 6", answer.status_code == 404 and "used_url" in answer.body, answer.body)
    workspace.act("close", user=RILEY, view_id=opened["id"])


def files(workspace):
    client = workspace.client
    ts = client.chat_postMessage(channel=CHANNEL, text="a file")["ts"]
    content = "--- before\n+++ after\n-é\n+ü\n"
    done = client.files_upload_v2(channel=CHANNEL, thread_ts=ts, content=content, filename="a.diff", title="Diff")
    checks.same("files_upload_v2", done["file"]["title"], "Diff")
    shared = client.conversations_replies(channel=CHANNEL, ts=ts)["messages"][1]["files"][0]["id"]
    checks.same("  is shared in the thread", shared, done["file"]["id"])
    checks.refused("a snippet too large", "snippet_too_large", lambda: client.files_upload_v2(
        channel=CHANNEL, content="x" * 1_000_001, filename="a.diff"))


def refusals(workspace):
    client = workspace.client
    ts = client.chat_postMessage(channel=CHANNEL, text="x")["ts"]
    for name, token, error in (("another token", "xoxb-other", "invalid_auth"), ("no token", "", "not_authed")):
        other = WebClient(token=token, base_url=f"{workspace.address}/api/")
        checks.refused(name, error, other.auth_test)

    def said(**changed):
        return lambda: client.chat_postMessage(**{"channel": CHANNEL, "text": "x", **changed})

    text = {"type": "plain_text", "text": "x"}
    button = BUTTON[0]["elements"][0]
    for name, changed, error in (
        ("an unknown channel", {"channel": "C0NOWHERE"}, "channel_not_found"),
        ("a channel that the bot isn't in", {"channel": ABSENT}, "not_in_channel"),
        ("51 blocks", {"blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ("a misspelt block", {"blocks": [{"type": "sectoin", "text": text}]}, "invalid_blocks"),
        ("a section too long", {"blocks": [{"type": "section", "text": {**text, "text": "x" * 3001}}]}, "invalid_blocks"),
        ("an action id twice", {"blocks": [{"type": "actions", "elements": [button, button]}]}, "invalid_blocks"),
        ("a button's text too long", {"blocks": [{"type": "actions", "elements": [
            {**button, "text": {**text, "text": "x" * 76}}]}]}, "invalid_blocks"),
        ("too much text in all", {"blocks": [{"type": "section", "text": {**text, "text": "x" * 2999}}] * 6},
         "msg_blocks_too_long"),
        ("nothing to say", {"text": ""}, "no_text"),
        ("a thread that isn't there", {"thread_ts": "1712345678.000100"}, "thread_not_found"),
    ):
        checks.refused(name, error, said(**changed))
    checks.refused("an update too long", "msg_too_long",
                   lambda: client.chat_update(channel=CHANNEL, ts=ts, text="x" * 4001))
    checks.refused("an update of what isn't there", "message_not_found",
                   lambda: client.chat_update(channel=CHANNEL, ts="1712345678.000100", text="x"))
    checks.refused("an unknown method", "unknown_method", lambda: client.api_call("chat.shout"))


def faults(workspace):
    client = workspace.client
    workspace.fault("chat.postMessage", kind="rate_limited", retry_after=1)
    try:
        client.chat_postMessage(channel=CHANNEL, text="too fast")
        checks.ok("ratelimited", False, "it was accepted")
    except Exception as error:  # noqa: BLE001 - it is looked at
        response = error.response
        found = (response.status_code, response["error"], response.headers["Retry-After"])
        checks.same("ratelimited, with how long to wait", found, (429, "ratelimited", "1"))
    client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=2))
    workspace.fault("chat.postMessage", kind="rate_limited", retry_after=1, times=2)
    before = len(workspace.log("chat.postMessage"))
    checks.ok("the client's own handler waits and tries again", client.chat_postMessage(channel=CHANNEL, text="patient")["ok"])
    statuses = [one["status"] for one in workspace.log("chat.postMessage")][before:]
    checks.same("  twice", statuses, ["429", "429", "200"])
    client.retry_handlers.pop()
    for error in ("internal_error", "fatal_error", "missing_scope"):
        workspace.fault("auth.test", kind="error", code=error)
        checks.refused(error, error, client.auth_test)
    shown = json.dumps(get(f"{workspace.address}/playground/log?after=0"))
    checks.ok("the log of the playground shows no token", TOKEN not in shown)


with Program("demo", "--listen", "127.0.0.1:0", "--data", "{folder}/demo", ALPHA_DEMO_TOKEN=TOKEN) as program:
    workspace = Workspace(program)
    messages(workspace.client)
    people(workspace.client)
    forms(workspace)
    files(workspace)
    refusals(workspace)
    faults(workspace)
checks.finish()
