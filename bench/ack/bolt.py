"""The same two commands with Bolt for Python, asynchronous: signatures verified, nothing stored, nobody called."""
import itertools
import logging
import os

from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

logging.disable(logging.WARNING)
with open(os.environ["HELP"], encoding="utf-8") as file:
    HELP = file.read()
AUTHORIZED = AuthorizeResult(
    enterprise_id=None, team_id="T0ALPHA01", bot_token="xoxb-race", bot_id="B0ALPHA", bot_user_id="U0ALPHA"
)
numbers = itertools.count(1)


async def authorize():
    return AUTHORIZED


app = AsyncApp(signing_secret=os.environ["SLACK_SIGNING_SECRET"], authorize=authorize)


@app.command("/alpha")
async def alpha(command, ack):
    verb, _, role = command["text"].partition(" ")
    if verb == "analyze":
        job = f"job-{next(numbers)}"
        text = f"Analysing {role} over 90 days, as {job}. The thread that opens now shows how far it is."
        await ack(response_type="ephemeral", text=text)
    else:
        await ack(response_type="ephemeral", text=HELP)


api = AsyncSlackRequestHandler(app, path="/slack/commands")
