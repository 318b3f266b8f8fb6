"""Sends what Slack sends, signed by Slack's own library, byte by byte as the caller wants it."""

import hashlib
import hmac
import http.client
import itertools
import json
import time
import urllib.parse

from slack_sdk.signature import SignatureVerifier

import slack
from support import Program

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
COMMANDS, INTERACTIONS, EVENTS = "/slack/commands", "/slack/interactions", "/slack/events"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def sign(secret, timestamp, body):
    """A signature. Slack's library has none for an empty secret, which a forger would try."""
    if secret:
        return SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    over = b"v0:" + timestamp.encode() + b":" + (body.encode() if isinstance(body, str) else body)
    return "v0=" + hmac.new(b"", over, hashlib.sha256).hexdigest()


class Answer:
    """What came back."""

    def __init__(self, response):
        self.status = response.status
        self.body = response.read().decode()

    def __repr__(self):
        return f"{self.status} {self.body!r}"

    @property
    def pair(self):
        return self.status, self.body

    @property
    def said(self):
        """The text of an ephemeral answer."""
        answer = json.loads(self.body)
        assert answer["response_type"] == "ephemeral", answer
        return answer["text"]


class Sender:
    """Slack, as far as it sends."""

    def __init__(self, program, answers):
        self.host = urllib.parse.urlsplit(program.address).netloc
        # Answers go to the Slack of these scripts, on loopback.
        self.answers = answers
        self.counter = itertools.count(1)
        self.last = None

    def trigger(self):
        """A `trigger_id` that was not used yet."""
        return f"{next(self.counter)}.{int(time.time())}.0123456789abcdef"

    def send(self, path, body, secret=SECRET, timestamp=None, names=("X-Slack-Request-Timestamp", "X-Slack-Signature"),
             signed=None, chunked=False, declared=None, headers=()):
        """Posts a body. `signed` is what the signature is over, if not the body; a name that is None isn't sent."""
        body = body.encode() if isinstance(body, str) else body
        timestamp = str(int(time.time())) if timestamp is None else str(timestamp)
        over = body if signed is None else signed
        signature = sign(secret, timestamp, over)
        named = [(name, value) for name, value in zip(names, (timestamp, signature)) if name]
        sent = [("Content-Type", JSON if path == EVENTS else FORM), *named, *headers]
        self.last = (body.decode(), sent)
        connection = http.client.HTTPConnection(self.host, timeout=20)
        try:
            connection.putrequest("POST", path)
            for name, value in sent:
                connection.putheader(name, value)
            if chunked:
                connection.putheader("Transfer-Encoding", "chunked")
            else:
                connection.putheader("Content-Length", str(len(body) if declared is None else declared))
            connection.endheaders()
            try:
                if chunked:
                    for start in range(0, len(body), 4000):
                        piece = body[start:start + 4000]
                        connection.send(b"%x\r\n%b\r\n" % (len(piece), piece))
                    connection.send(b"0\r\n\r\n")
                elif declared is None:
                    connection.send(body)
            except OSError:
                pass  # Whoever refuses a body need not read it to its end; the answer is what counts.
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def command(self, text, user=slack.REQUESTER, trigger=None, **changed):
        """A slash command, as Slack documents its form."""
        return self.send(COMMANDS, self.form(text, user, trigger, **changed))

    def form(self, text, user=slack.REQUESTER, trigger=None, **changed):
        """The form of a slash command; a field that is None isn't sent."""
        fields = {"token": "gIkuvaNzQIHg97ATvDxqgjtO", "team_id": slack.TEAM, "team_domain": "example",
                  "channel_id": "C0PLATFORM", "channel_name": "platform", "user_id": user, "user_name": "somebody",
                  "command": "/alpha", "text": text, "api_app_id": "A0ALPHA", "is_enterprise_install": "false",
                  "response_url": f"{self.answers}/commands",
                  "trigger_id": trigger or self.trigger(), **changed}
        return urllib.parse.urlencode({name: value for name, value in fields.items() if value is not None})

    def interact(self, payload, **how):
        """An interaction."""
        return self.send(INTERACTIONS, urllib.parse.urlencode({"payload": json.dumps(payload)}), **how)

    def event(self, event, event_id, **how):
        """An event, in its envelope."""
        envelope = {"token": "z", "team_id": slack.TEAM, "api_app_id": "A0ALPHA", "event": event,
                    "type": "event_callback", "event_id": event_id, "event_time": 1767225600,
                    "authorizations": [{"enterprise_id": None, "team_id": slack.TEAM, "user_id": slack.BOT,
                                        "is_bot": True, "is_enterprise_install": False}],
                    "is_ext_shared_channel": False, "event_context": "4-x"}
        return self.send(EVENTS, json.dumps(envelope), **how)


def serve(fake, **changed):
    """The service, against a Slack of our own."""
    return Program("serve", files={"approvers.toml": slack.APPROVERS}, **{
        "SLACK_SIGNING_SECRET": SECRET, "SLACK_BOT_TOKEN": "xoxb-1", "ALPHA_SLACK_API_URL": fake.url,
        "ALPHA_LISTEN": "127.0.0.1:0", "ALPHA_STORE": "sqlite:{folder}/alpha.db",
        "ALPHA_APPROVERS": "{folder}/approvers.toml", "ALPHA_MIN_CALLS": "1", "ALPHA_SOAK": "sandbox=0s,canary=1s,target=1s", **changed,
    })
