"""What the ingress lets in and what it refuses: signatures, ages, sizes, kinds; signed by Slack's Python library, and
judged by Slack's framework for apps too, which gets the same bytes."""

import json
import logging
import subprocess
import time

from slack_bolt import App, BoltRequest
from slack_bolt.authorization import AuthorizeResult

import slack
from sender import COMMANDS, EVENTS, INTERACTIONS, SECRET, Sender, serve
from support import PROGRAM, Checks

TIMESTAMP, SIGNATURE = "X-Slack-Request-Timestamp", "X-Slack-Signature"
REFUSED = (401, "")

checks = Checks()
known = AuthorizeResult(enterprise_id=None, team_id=slack.TEAM, bot_token="xoxb-1", bot_id="B1", bot_user_id=slack.BOT)
bolt = App(signing_secret=SECRET, authorize=lambda **_: known)
bolt.command("/alpha")(lambda ack: ack("heard"))
logging.disable(logging.CRITICAL)


def judged(sender):
    """The status with which Slack's framework answers what was sent last."""
    body, headers = sender.last
    return bolt.dispatch(BoltRequest(body=body, headers={name: [value] for name, value in headers})).status


def at(sender, offset):
    """What comes of a request whose time lies so far from now, with the second unchanged from end to end."""
    while True:
        now = int(time.time())
        answer = sender.send(COMMANDS, sender.form("help"), timestamp=now + offset)
        if int(time.time()) == now:
            return answer


def signatures(sender):
    body = sender.form("help")
    checks.ok("a good signature is heard", "analyze" in sender.send(COMMANDS, body).said)
    checks.same("  by Slack's framework too", judged(sender), 200)
    for name, names in (
        ("lower case", (TIMESTAMP.lower(), SIGNATURE.lower())),
        ("upper case", (TIMESTAMP.upper(), SIGNATURE.upper())),
        ("odd case", ("x-SLACK-request-TIMESTAMP", "X-slack-sIGNATURE")),
    ):
        checks.same(f"headers in {name}", sender.send(COMMANDS, body, names=names).status, 200)
    for name, how in (
        ("another secret", {"secret": "f" * 32}),
        ("an empty secret", {"secret": ""}),
        ("a body altered after signing", {"signed": body + "&x=1"}),
        ("a body with its fields in another order", {"signed": "&".join(reversed(body.split("&")))}),
        ("no signature", {"names": (TIMESTAMP, None)}),
        ("no timestamp", {"names": (None, SIGNATURE)}),
        ("neither", {"names": (None, None)}),
        ("a timestamp that is no number", {"timestamp": "now"}),
        ("an empty timestamp", {"timestamp": ""}),
        ("a timestamp in milliseconds", {"timestamp": int(time.time() * 1000)}),
        ("the signature where the timestamp should be", {"names": (SIGNATURE, TIMESTAMP)}),
    ):
        for path in (COMMANDS, INTERACTIONS, EVENTS):
            checks.same(f"{path}: {name}", sender.send(path, body, **how).pair, REFUSED)
        sender.send(COMMANDS, body, **how)
        # What is no number makes the framework fail, which is a refusal too.
        checks.ok("  refused by Slack's framework too", judged(sender) in (401, 500), judged(sender))
    for offset, status in ((-301, 401), (-300, 200), (300, 200), (301, 401), (-86_400, 401), (86_400, 401)):
        checks.same(f"{offset:+} s from now", at(sender, offset).status, status)


def sizes(sender):
    for path, cap in ((COMMANDS, 65_536), (INTERACTIONS, 262_144), (EVENTS, 262_144)):
        declared = sender.send(path, b"", declared=cap + 1)
        checks.same(f"{path}: declared one byte too large", declared.pair, (413, ""))
        large = b"payload=" + b"x" * cap
        checks.same(f"{path}: too large", sender.send(path, large).pair, (413, ""))
        checks.same(f"{path}: streamed too large", sender.send(path, large, chunked=True).pair, (413, ""))
    fits = sender.form("help") + "&padding="
    fits += "x" * (65_536 - len(fits))
    checks.same("a command of exactly 64 KiB", sender.send(COMMANDS, fits).status, 200)
    checks.same("the same, streamed", sender.send(COMMANDS, fits, chunked=True).status, 200)


def handshakes(sender):
    check = "token=gIkuvaNzQIHg97ATvDxqgjtO&ssl_check=1"
    for name, how in (
        ("signed", {}), ("unsigned", {"names": (None, None)}), ("with another secret", {"secret": "f" * 32}),
        ("out of date", {"timestamp": 1}), ("unsigned and streamed", {"names": (None, None), "chunked": True}),
    ):
        checks.same(f"ssl_check, {name}", sender.send(COMMANDS, check, **how).pair, (200, ""))
        checks.same("  judged alike by Slack's framework", judged(sender), 200)
    for path in (INTERACTIONS, EVENTS):
        checks.same(f"ssl_check, unsigned, at {path}", sender.send(path, check, names=(None, None)).pair, REFUSED)
    large = check + "&padding=" + "x" * 10_000
    checks.same("ssl_check, unsigned, large", sender.send(COMMANDS, large, names=(None, None)).pair, REFUSED)
    challenge = json.dumps({"token": "z", "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P",
                            "type": "url_verification"})
    echoed = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"
    checks.same("url_verification echoes the challenge", sender.send(EVENTS, challenge).pair, (200, echoed))
    checks.same("but not unsigned", sender.send(EVENTS, challenge, names=(None, None)).pair, REFUSED)


def kinds(sender):
    user = {"id": slack.APPROVER, "username": "ada", "team_id": slack.TEAM}
    for kind in ("block_suggestion", "workflow_step_edit", "dialog_submission", "interactive_message", "brand_new"):
        payload = {"type": kind, "user": user, "team": {"id": slack.TEAM}, "trigger_id": sender.trigger()}
        checks.same(f"an interaction of kind {kind}", sender.interact(payload).pair, (200, ""))
    closed = {"type": "view_closed", "user": user, "team": None, "is_cleared": False,
              "view": {"id": "V1", "callback_id": "deny"}}
    checks.same("a form that was closed", sender.interact(closed).pair, (200, ""))
    limited = {"type": "app_rate_limited", "token": "z", "team_id": slack.TEAM, "minute_rate_limited": 1518467820}
    checks.same("app_rate_limited", sender.send(EVENTS, json.dumps(limited)).pair, (200, ""))
    channel = {"id": "C1", "name": "fun", "created": 1360782804}
    for kind, about in (
        ("reaction_added", {"user": slack.APPROVER, "item": {"type": "message", "channel": "C1", "ts": "1.1"}}),
        ("team_join", {"user": user}), ("user_change", {"user": user, "cache_ts": 1648596421}),
        ("channel_created", {"channel": channel}), ("channel_rename", {"channel": channel}),
        ("tokens_revoked", {"tokens": {"oauth": ["U1"], "bot": []}}), ("app_uninstalled", {}),
        ("brand_new", {"user": 1, "channel": [], "text": {}}),
    ):
        answer = sender.event({"type": kind, **about}, f"Ev-{kind}")
        checks.same(f"an event of kind {kind}", answer.pair, (200, ""))
    for odd in ({"type": "brand_new", "user": "U1"}, {"type": "function_executed", "channel": "C1", "message": "x"}):
        checks.same(f"an interaction of another form: {odd}", sender.interact(odd).pair, (200, ""))
    own = {"type": "message", "channel_type": "im", "channel": "D1", "user": slack.BOT, "text": "help", "ts": "1.1"}
    for name, told in (("our own message", own), ("a bot's", {**own, "user": "U0BOT", "bot_id": "B1"}),
                       ("a change", {**own, "subtype": "message_changed"})):
        checks.same(f"an event of {name}", sender.event(told, f"Ev-{name}").pair, (200, ""))
    for path, body in ((COMMANDS, "text=help"), (INTERACTIONS, "payload=%7B"), (INTERACTIONS, "text=x"), (EVENTS, "[]")):
        checks.same(f"{path}: signed, and no sense in it: {body}", sender.send(path, body).pair, (400, ""))


def start(secret):
    """How a start ends with such a secret."""
    done = subprocess.run([PROGRAM, "serve", "--listen", "127.0.0.1:0"], capture_output=True, text=True, timeout=20,
                          env={"SLACK_SIGNING_SECRET": secret, "SLACK_BOT_TOKEN": "xoxb-1"}, cwd="/", check=False)
    return done.returncode, "SLACK_SIGNING_SECRET" in done.stderr


with slack.Slack() as fake, serve(fake) as program:
    sender = Sender(program, fake.answers)
    signatures(sender)
    sizes(sender)
    handshakes(sender)
    kinds(sender)
    checks.same("nothing of all that made a job", program.run("job", "list"), [])
    checks.ok("nothing of all that was said", not fake.calls("chat.postMessage") and not fake.heard(), fake.asked)
    said = program.said()
    checks.ok("the log shows no secret and no body", "8f742231" not in said and "xoxb-1" not in said, said)
for secret in ("", "  "):
    checks.same(f"the service doesn't start with the secret {secret!r}", start(secret), (2, True))
checks.finish()
