"""What people do in Slack, sent as Slack sends it: commands, clicks, forms, mentions; and what comes of each, once."""

import json

import slack
from sender import Sender, serve
from slack import APPROVER, GUEST, REQUESTER, STRANGER, TEAM
from support import Checks, get_text, wait

checks = Checks()
CHANNEL = "C0PLATFORM"
SUBJECT = {"j": "j-0000000000000000", "r": 1, "d": "5f2b0a"}


class Stage:
    """A service, and a Slack that sends to it and is written to."""

    def __init__(self, fake, program):
        self.fake, self.program, self.sender = fake, program, Sender(program, fake.answers)

    def quiet(self):
        """Waits until all that was received is acted on, and all that is to be said is said."""
        def is_quiet():
            lines = dict(line.rsplit(" ", 1) for line in get_text(f"{self.program.address}/metrics").splitlines()
                         if line.startswith(("alpha_inbox", "alpha_outbox")))
            return lines.get("alpha_inbox") == "0" and not any(
                int(count) for name, count in lines.items() if '"pending"' in name or '"unknown"' in name)
        wait("quiet", is_quiet)

    def jobs(self):
        return self.program.run("job", "list")

    def state(self, job):
        return next(one["state"] for one in self.jobs() if one["id"] == job)

    def card(self, job):
        """The message with the buttons for a job, once there is one: its ts, thread and buttons."""
        def posted():
            for message in self.fake.calls("chat.postMessage"):
                buttons = {one["action_id"]: one for block in message.get("blocks", [])
                           if block["type"] == "actions" for one in block["elements"]}
                if "approve" in buttons and job in buttons["approve"]["value"]:
                    return message, buttons
            return None
        return wait("a card", posted)

    def click(self, button, user=APPROVER, trigger=None, **changed):
        """A click, as Slack documents its payload."""
        team = "T0OTHER" if user == STRANGER else TEAM
        payload = {
            "type": "block_actions", "token": "z", "api_app_id": "A0ALPHA",
            "user": {"id": user, "username": "x", "name": "x", "team_id": team},
            "team": {"id": TEAM, "domain": "example"}, "enterprise": None, "is_enterprise_install": False,
            "container": {"type": "message", "message_ts": "1767225600.000300", "channel_id": CHANNEL,
                          "is_ephemeral": False, "thread_ts": "1767225600.000200"},
            "channel": {"id": CHANNEL, "name": "platform"}, "state": {"values": {}},
            "message": {"type": "message", "user": slack.BOT, "bot_id": "B0ALPHA", "ts": "1767225600.000300",
                        "thread_ts": "1767225600.000200", "text": "x", "blocks": []},
            "trigger_id": trigger or self.sender.trigger(), "response_url": f"{self.sender.answers}/actions",
            "actions": [{"type": "button", "block_id": "decide-1", "action_ts": "1767225700.123456", **button}],
            "a_field_of_tomorrow": {"x": [1, None]}, **changed,
        }
        return self.sender.interact(payload)

    def told(self, act):
        """What somebody alone is told because of an act."""
        before = len(self.fake.heard())
        checks.same("  acknowledged", act().pair, (200, ""))
        self.quiet()
        return self.fake.heard()[before:]


def one_job(stage):
    trigger = stage.sender.trigger()
    answers = [stage.sender.command("analyze ci-deployer", trigger=trigger) for _ in range(3)]
    checks.same("a command that came three times is answered each time", [one.status for one in answers], [200] * 3)
    checks.same("and makes one job", len(stage.jobs()), 1)
    job = stage.jobs()[0]["id"]
    checks.ok("which every answer names", all(job in one.said for one in answers), answers)
    again = stage.sender.command("analyze ci-deployer").said
    checks.ok("another command for the same role is told of it", job in again and len(stage.jobs()) == 1, again)
    return job


def odd_commands(stage):
    count = len(stage.jobs())
    raw = ("<", ">", "\u202e", "\u200b")
    for text in (
        "analyze <!channel>", "analyze <!subteam^S1|@admins>", f"analyze <@{REQUESTER}>", "analyze <#C1|x>",
        "analyze 🚀-role", "analyze :tada:", "analyze \u202erole", "analyze ro\u200ble", "analyze *bold*",
        "analyze ../../etc", "analyze <https://example.com|ci-deployer>", "analyze 'ci-deployer",
        "analyze ci-deployer\u0000", "frob <!here>", "analyze", "\u202e",
    ):
        answer = stage.sender.command(text)
        checks.ok(f"{text!r} is answered with nothing that Slack would act on",
                  answer.status == 200 and not any(one in answer.said for one in raw), answer)
    for text, word in (
        ("analyze arn:aws:iam::999988887777:role/ci-deployer", "999988887777"),
        ("analyze arn:aws:iam::111122223333:user/ada", "user"),
        ("analyze arn:aws:sts::111122223333:assumed-role/ci-deployer/session", "role/ci-deployer"),
        ("analyze arn:aws:s3:::bucket", "s3"),
        ("analyze arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/X", "service"),
        ("analyze " + "a" * 65, "64"),
    ):
        said = stage.sender.command(text).said
        checks.ok(f"{text[:70]} is refused for what it is", word in said, said)
    long = stage.sender.command("analyze " + "x" * 10_000)
    checks.ok("a command of 10,000 characters is refused, shortly", long.status == 200 and len(long.said) < 1000, long)
    for user in (GUEST, STRANGER, "U0NOBODY"):
        said = stage.sender.command("analyze web-app", user=user).said
        checks.ok(f"{user} may not ask for an analysis", "Analysing" not in said, said)
    answer = stage.sender.command("whoami", team_id=None, enterprise_id="E0ORG", is_enterprise_install="true")
    checks.ok("a command of a whole organisation's install", answer.status == 200 and "E0ORG" in answer.said, answer)
    said = stage.sender.command("analyze `ci-deployer`").said
    checks.ok("a role that was pasted as code is that role", stage.jobs()[0]["id"] in said, said)
    checks.same("a field of tomorrow", stage.sender.command("help", future="x").status, 200)
    checks.same("none of these made a job", len(stage.jobs()), count)


def clicks(stage, job):
    _, buttons = stage.card(job)
    nowhere = {"action_id": "approve", "value": json.dumps(SUBJECT)}
    answers = stage.told(lambda: stage.click(nowhere))
    checks.ok("a click on a job that isn't there", len(answers) == 1 and "nothing here" in answers[0], answers)
    for user in (GUEST, STRANGER, "U0NOBODY", REQUESTER):
        answers = stage.told(lambda: stage.click(buttons["approve"], user=user))
        checks.ok(f"a click on Approve by {user} is refused, to them alone", len(answers) == 1, answers)
    other = {**buttons["approve"], "value": json.dumps({**json.loads(buttons["approve"]["value"]), "d": "0" * 64})}
    answers = stage.told(lambda: stage.click(other))
    checks.ok("a click with another digest", len(answers) == 1 and "older revision" in answers[0], answers)
    for action, value in (("approve", "approve everything"), ("approve", "{}"), ("deny", "[]"), ("approve", "x" * 3000),
                          ("deny", json.dumps({"j": job})), ("approve", json.dumps({"j": job, "r": 1}))):
        answers = stage.told(lambda: stage.click({"action_id": action, "value": value}))
        checks.ok(f"a click on {action} with the value {value[:20]!r}",
                  len(answers) == 1 and "doesn't say what it is about" in answers[0], answers)
    checks.same("none of them opened a form", stage.fake.calls("views.open"), [])
    checks.same("a click on a button of others", stage.told(lambda: stage.click({"action_id": "x", "value": "y"})), [])
    checks.same("the job waits still", stage.state(job), "AwaitingDecision")


def denial(stage, job):
    _, buttons = stage.card(job)
    trigger = stage.sender.trigger()
    checks.same("a click on Deny", stage.click(buttons["deny"], trigger=trigger).pair, (200, ""))
    opened = wait("a modal", lambda: stage.fake.calls("views.open"))
    checks.same("opens one modal, with the click's trigger", [one["trigger_id"] for one in opened], [trigger])
    view = opened[0]["view"]

    def submit(reason, view_id="V0FORM", digest="1767225800.abc", user=APPROVER, **changed):
        state = {"values": {"reason": {"reason": {"type": "plain_text_input", "value": reason}}}}
        full = {**view, "id": view_id, "team_id": TEAM, "hash": digest, "state": state, "app_id": "A0ALPHA",
                "bot_id": "B0ALPHA", "root_view_id": view_id, "app_installed_team_id": TEAM, **changed}
        return stage.sender.interact({
            "type": "view_submission", "team": None, "user": {"id": user, "username": "ada", "team_id": TEAM},
            "api_app_id": "A0ALPHA", "token": "z", "trigger_id": stage.sender.trigger(), "view": full,
            "response_urls": [], "is_enterprise_install": False, "enterprise": None})

    for name, reason, changed in (("no reason", None, {}), ("blanks", "  ", {}), ("2,001 characters", "x" * 2001, {}),
                                  ("metadata of another kind", "because", {"private_metadata": "x"})):
        answer = submit(reason, **changed)
        refused = json.loads(answer.body or "{}")
        checks.ok(f"a form with {name} stays open and says why", refused.get("response_action") == "errors"
                  and list(refused["errors"]) == ["reason"], answer)
    checks.same("the job waits still", stage.state(job), "AwaitingDecision")
    reason = "It needs <!channel> s3:PutObject at the end of the month. \u202e"
    for _ in range(2):
        checks.same("a form is taken, also if it comes again", submit(reason).pair, (200, ""))
    wait("a denial", lambda: stage.state(job) == "Denied")
    stage.quiet()
    history = stage.program.run("job", "history", job)
    checks.same("and denies once", [one["what"] for one in history].count("denied"), 1)
    posted = [json.dumps(one) for one in stage.fake.calls("chat.postMessage")]
    checks.ok("nobody is mentioned by its reason", not any("<!channel>" in one["text"] for one in
              stage.fake.calls("chat.postMessage") + stage.fake.calls("chat.update")), posted)
    answers = stage.told(lambda: submit("once more", view_id="V1FORM"))
    checks.ok("a second form comes too late", len(answers) == 1 and "Too late" in answers[0], answers)


def approval(stage):
    said = stage.sender.command("analyze ci-deployer").said
    job = next(one["id"] for one in stage.jobs() if one["id"] in said)
    _, buttons = stage.card(job)
    trigger = stage.sender.trigger()
    for _ in range(2):
        answer = stage.click(buttons["approve"], trigger=trigger)
        checks.same("a click on Approve, which comes twice", answer.pair, (200, ""))
    wait("the end of the job", lambda: stage.state(job) in ("Succeeded", "Failed", "RolledBack", "Stuck"), 60)
    checks.same("the change is made", stage.state(job), "Succeeded")
    history = [one["what"] for one in stage.program.run("job", "history", job)]
    checks.ok("and was approved once", history.count("approved") == 1, history)
    org = {"team": None, "enterprise": {"id": "E0ORG", "name": "org"}, "is_enterprise_install": True}
    answers = stage.told(lambda: stage.click(buttons["approve"], **org))
    checks.ok("a click of an organisation's install, too late", len(answers) == 1, answers)


def words(stage):
    before = len(stage.fake.heard())
    mention = {"type": "app_mention", "user": REQUESTER, "text": f"<@{slack.BOT}> whoami", "ts": "1767225900.000100",
               "channel": CHANNEL, "event_ts": "1767225900.000100", "team": TEAM}
    for attempt in range(4):
        headers = [("X-Slack-Retry-Num", str(attempt)), ("X-Slack-Retry-Reason", "http_timeout")] if attempt else []
        answer = stage.sender.event(mention, "Ev1", headers=headers)
        checks.same(f"a mention, attempt {attempt + 1}", answer.pair, (200, ""))
    stage.quiet()
    heard = stage.fake.heard()[before:]
    checks.ok("is answered once", len(heard) == 1 and f"{TEAM}/{REQUESTER}" in heard[0], heard)
    direct = {"type": "message", "channel_type": "im", "channel": "D0REQUEST", "user": REQUESTER, "text": "whoami",
              "ts": "1767225901.000100", "event_ts": "1767225901.000100", "team": TEAM}
    answer = stage.sender.event(direct, "Ev2", headers=[("x-slack-retry-num", "3")])
    checks.same("a direct message, of which only a repetition came", answer.pair, (200, ""))
    wait("an answer", lambda: [one for one in stage.fake.calls("chat.postMessage") if one["channel"] == "D0REQUEST"])
    trigger = stage.sender.trigger()
    shortcut = {"type": "message_action", "token": "z", "callback_id": "ask_alpha", "trigger_id": trigger,
                "action_ts": "1767225902.000001", "team": {"id": TEAM}, "user": {"id": REQUESTER, "team_id": TEAM},
                "channel": {"id": CHANNEL, "name": "platform"}, "message_ts": "1767225600.000300",
                "message": {"type": "message", "ts": "1767225600.000300", "text": "x"},
                "response_url": f"{stage.sender.answers}/shortcut"}
    checks.same("the shortcut", stage.sender.interact(shortcut).pair, (200, ""))
    opened = wait("a modal", lambda: [one for one in stage.fake.calls("views.open") if one["trigger_id"] == trigger])
    checks.same("opens a modal", opened[0]["view"]["callback_id"], "ask")


with slack.Slack() as fake, serve(fake) as program:
    stage = Stage(fake, program)
    job = one_job(stage)
    odd_commands(stage)
    clicks(stage, job)
    denial(stage, job)
    approval(stage)
    words(stage)
checks.finish()
