"""Every message and modal, rendered by the program and judged by Slack's own Python models, by Slack's own TypeScript
types, and against the limits that neither of them knows."""

import copy
import json

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from support import Checks, alpha, literal, refused, typed

checks = Checks()


def walk(value):
    """Every object in a payload."""
    if isinstance(value, dict):
        yield value
        for one in value.values():
            yield from walk(one)
    elif isinstance(value, list):
        for one in value:
            yield from walk(one)


def parsed(block):
    """What Slack's models make of a block, or why they don't take it. They check as they write."""
    try:
        model = Block.parse(copy.deepcopy(block))
        return "a block that they don't know" if model is None else model.to_dict()
    except Exception as error:  # noqa: BLE001 - the models raise many kinds
        return repr(error)


def excess(payload, modal):
    """The limits that are exceeded."""
    blocks, found = payload["blocks"], []

    def at_most(what, count, limit):
        if count > limit:
            found.append(f"{what}: {count} > {limit}")

    def once(what, ids):
        found.extend(f"{what} {one!r} twice" for one in sorted({one for one in ids if ids.count(one) > 1}))

    at_most("blocks", len(blocks), 100 if modal else 50)
    once("block_id", [block["block_id"] for block in blocks if "block_id" in block])
    for block in blocks:
        # Slack takes an action id twice in one message, if in two blocks; here each has to be told from all others.
        at_most("fields", len(block.get("fields", [])), 10)
        for field in block.get("fields", []):
            at_most("field", len(field["text"]), 2000)
        if block["type"] == "section" and "text" in block:
            at_most("section", len(block["text"]["text"]), 3000)
        if block["type"] == "header":
            at_most("header", len(block["text"]["text"]), 150)
        if block["type"] in ("actions", "context"):
            at_most(block["type"], len(block["elements"]), 25 if block["type"] == "actions" else 10)
    once("action_id", [one["action_id"] for one in walk(blocks) if "action_id" in one])
    for one in walk(payload):
        for name in ("action_id", "block_id", "callback_id"):
            at_most(name, len(one.get(name, "")), 255)
        if one.get("type") == "button":
            at_most("button text", len(one["text"]["text"]), 75)
            at_most("button value", len(one.get("value", "")), 2000)
            for name, limit in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
                at_most(f"confirm {name}", len(one.get("confirm", {}).get(name, {}).get("text", "")), limit)
        if "text" in one and isinstance(one["text"], str) and "type" in one:
            if not one["text"]:
                found.append(f"an empty text: {one}")
    if modal:
        for name in ("title", "submit", "close"):
            at_most(name, len(payload.get(name, {}).get("text", "")), 24)
        at_most("private_metadata", len(payload.get("private_metadata", "")), 3000)
    else:
        at_most("all text", sum(len(one["text"]) for one in walk(blocks) if isinstance(one.get("text"), str)), 9000)
    return found


def judge():
    """The judges do judge: what Slack would refuse, they refuse."""
    text = {"type": "plain_text", "text": "x"}
    button = {"type": "button", "action_id": "a", "text": text}
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}
    misspelt = {"type": "sectoin", "text": text}
    for name, block in (("a section too long", section), ("a misspelt type", misspelt)):
        checks.ok(f"the models refuse {name}", parsed(block) != block)
    bad = {
        "51 blocks": [{"type": "divider"}] * 51,
        "a section of 3,001": [section],
        "a field of 2,001": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2001}]}],
        "an action id twice": [{"type": "actions", "elements": [button, button]}],
        "a block id twice": [{"type": "divider", "block_id": "b"}] * 2,
        "a button text of 76": [{"type": "actions", "elements": [{**button, "text": {**text, "text": "x" * 76}}]}],
    }
    for name, blocks in bad.items():
        checks.same(f"the limits refuse {name}", len(excess({"blocks": blocks}, False)), 1)


judge()
source = 'import type { KnownBlock, ModalView } from "@slack/types";\n'
for entry in alpha("blocks", "list", "--output", "json"):
    name, modal = entry["name"], entry["kind"] == "modal"
    payload = alpha("blocks", "render", name, "--output", "json")
    wrong = [(block, parsed(block)) for block in payload["blocks"] if parsed(block) != block]
    checks.ok(f"{name}: Slack's models give back every block as it is", not wrong, json.dumps(wrong))
    checks.same(f"{name}: within all limits", excess(payload, modal), [])
    if modal:
        checks.same(f"{name}: Slack's model of a modal", View(**copy.deepcopy(payload)).to_dict(), payload)
    constant = name.replace("-", "_")
    source += literal(constant, "ModalView", payload) if modal else literal(constant, "KnownBlock[]", payload["blocks"])

# Where a line that is to be refused is taken, the compiler complains.
for name, kind, value in (
    ("misspelt", "KnownBlock[]", [{"type": "sectoin", "text": {"type": "mrkdwn", "text": "x"}}]),
    ("unknown", "KnownBlock[]", [{"type": "divider", "colour": "red"}]),
    ("untitled", "ModalView", {"type": "modal", "blocks": []}),
):
    source += refused(name, kind, value)
told = typed("blocks", source)
checks.ok("Slack's types take every message and modal, and refuse three mistakes", not told, told)
checks.finish()
