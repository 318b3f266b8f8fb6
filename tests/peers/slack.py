"""A Slack on loopback that answers as Slack documents, and remembers what it was asked: written apart from the
program, so that the two can't be wrong together."""

import http.server
import json
import threading
import urllib.parse

TEAM = "T0ALPHA01"
BOT = "U0ALPHA"
REQUESTER, APPROVER, GUEST, STRANGER = "U0REQUEST", "U0APPROVE", "U0GUEST", "U0STRANGE"

APPROVERS = f"""
[[principal]]
id = "ravi"
slack = ["{TEAM}/{REQUESTER}"]
groups = ["developers"]

[[principal]]
id = "ada"
slack = ["{TEAM}/{APPROVER}"]
groups = ["security"]

[[grant]]
group = "developers"
verbs = ["request"]

[[grant]]
group = "security"
verbs = ["request", "approve", "operate"]
max_severity = "high"
"""


def user(name):
    """`users.info`, for the people there are."""
    if name not in (REQUESTER, APPROVER, GUEST, STRANGER, BOT):
        return {"ok": False, "error": "user_not_found"}
    team = "T0OTHER" if name == STRANGER else TEAM
    told = {"id": name, "team_id": team, "name": name.lower(), "deleted": False, "color": "9f69e7",
            "real_name": name.title(), "tz": "Europe/Amsterdam", "tz_label": "CET", "tz_offset": 3600,
            "profile": {"real_name": name.title(), "display_name": name.lower(), "avatar_hash": "ge3b51ca72de",
                        "status_text": "", "status_emoji": "", "team": team},
            "is_admin": False, "is_owner": False, "is_primary_owner": False, "is_restricted": name == GUEST,
            "is_ultra_restricted": False, "is_bot": name == BOT, "is_app_user": False, "updated": 1502138686}
    if name == STRANGER:
        told["is_stranger"] = True
    return {"ok": True, "user": told}


class Slack:
    """Serves the Web API at `url`, and addresses for answers at `answers`."""

    def __enter__(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
                kind = self.headers.get("content-type", "")
                is_json = kind.startswith("application/json") and body
                given = json.loads(body) if is_json else dict(urllib.parse.parse_qsl(body))
                method = self.path.split("?")[0].removeprefix("/api/")
                given.update(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
                answer = json.dumps(outer.answer(method, given)).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json; charset=utf-8")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.asked = []
        self.lock = threading.Lock()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        host = f"http://127.0.0.1:{self.server.server_port}"
        self.url, self.answers = f"{host}/api", f"{host}/answers"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def calls(self, method):
        """What a method was given, in order; structure that was packed into a string is unpacked."""
        with self.lock:
            found = [given for name, given in self.asked if name == method]
        return [{key: json.loads(value) if key in ("blocks", "view", "metadata") and isinstance(value, str) else value
                 for key, value in given.items()} for given in found]

    def heard(self):
        """What people were told alone, by whichever way."""
        with self.lock:
            return [given.get("text", "") for name, given in self.asked
                    if name == "chat.postEphemeral" or name.startswith("/answers")]

    def answer(self, method, given):
        with self.lock:
            self.asked.append((method, given))
            ts = f"1767225600.{len(self.asked):06}"
        channel = given.get("channel")
        match method:
            case "auth.test":
                return {"ok": True, "url": "https://example.slack.com/", "team": "Example", "user": "alpha",
                        "team_id": TEAM, "user_id": BOT, "bot_id": "B0ALPHA", "is_enterprise_install": False}
            case "users.info":
                return user(given["user"])
            case "chat.postMessage" | "chat.update":
                ts = given.get("ts", ts)
                message = {"type": "message", "user": BOT, "bot_id": "B0ALPHA", "ts": ts, "text": given.get("text", "")}
                return {"ok": True, "channel": channel, "ts": ts, "text": given.get("text", ""), "message": message}
            case "chat.postEphemeral":
                return {"ok": True, "message_ts": ts}
            case "chat.getPermalink":
                return {"ok": True, "channel": channel, "permalink": f"https://example.slack.com/archives/{channel}/p1"}
            case "conversations.open":
                return {"ok": True, "channel": {"id": "D0" + given.get("users", "")[2:]}}
            case "conversations.replies" | "conversations.history":
                return {"ok": True, "messages": [], "has_more": False, "response_metadata": {"next_cursor": ""}}
            case "views.open":
                view = json.loads(given["view"]) if isinstance(given["view"], str) else given["view"]
                return {"ok": True, "view": {**view, "id": "V0FORM", "team_id": TEAM, "hash": "1767225800.abc",
                                             "state": {"values": {}}, "app_id": "A0ALPHA", "bot_id": "B0ALPHA",
                                             "root_view_id": "V0FORM", "previous_view_id": None, "external_id": "",
                                             "clear_on_close": False, "notify_on_close": False,
                                             "app_installed_team_id": TEAM}}
            case _:
                return {"ok": True}
