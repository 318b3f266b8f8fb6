"""moto as one server on a free port of loopback. The port is the one line that it prints; it serves until its input
ends, so that it never outlives whoever started it.

One thread: with several, moto lets two writers win the same conditional write."""

import json
import logging
import os
import socket
import sys
import threading
import urllib.parse

sock = socket.create_server(("127.0.0.1", 0))
port = sock.getsockname()[1]
# moto writes addresses of its own into what it answers, and reads which port they have from here.
os.environ["MOTO_PORT"] = str(port)
# AWS's own policies are there, as in any account.
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"

import waitress  # noqa: E402
from moto.cloudformation import parsing  # noqa: E402
from moto.core.common_models import CloudFormationModel  # noqa: E402
from moto.iam.models import iam_backends  # noqa: E402
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: E402
from moto.secretsmanager.models import secretsmanager_backends  # noqa: E402


TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)

# They would tell of every kind of resource that is passed by, and of every call that has to wait.
for name in ("moto", "waitress.queue"):
    logging.getLogger(name).setLevel(logging.ERROR)


class Secret(CloudFormationModel):
    """A secret without a value, as CloudFormation makes it; moto's own makes none."""

    __module__ = "moto.secretsmanager.cloudformation"

    def __init__(self, arn):
        self.physical_resource_id = arn

    @staticmethod
    def cloudformation_name_type():
        return "Name"

    @staticmethod
    def cloudformation_type():
        return "AWS::SecretsManager::Secret"

    @classmethod
    def has_cfn_attr(cls, attr):
        return attr == "Id"

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_):
        about = cloudformation_json.get("Properties", {})
        made = secretsmanager_backends[account_id][region_name].create_secret(
            resource_name, None, None, about.get("Description"), None, None, None, [], False
        )
        return cls(json.loads(made)["ARN"])


load_parameters = parsing.ResourceMap.load_parameters


def load_with_defaults(self):
    """Moto splits a list that is said, and not one that is a default: so that all are said."""
    for name, slot in self._template.get("Parameters", {}).items():
        if slot.get("Type", "").startswith(("CommaDelimited", "List")) and "Default" in slot:
            self.input_parameters.setdefault(name, str(slot["Default"]))
    load_parameters(self)


parsing.ResourceMap.load_parameters = load_with_defaults
clean_json = parsing.clean_json


def clean_of_nothing(resource_json, resources_map):
    """Moto leaves nothing, where a list was to lose an entry."""
    cleaned = clean_json(resource_json, resources_map)
    return [one for one in cleaned if one is not None] if isinstance(cleaned, list) else cleaned


parsing.clean_json = clean_of_nothing


def end_with_input():
    sys.stdin.read()
    os._exit(0)


def with_crowds(application):
    """Makes thousands of roles by one call, which would take half a minute one by one."""

    def answer(environ, start_response):
        if environ["PATH_INFO"] != "/crowd":
            return application(environ, start_response)
        asked = dict(urllib.parse.parse_qsl(environ["QUERY_STRING"]))
        backend = iam_backends[asked["account"]]["aws"]
        for number in range(int(asked["count"])):
            backend.create_role(f"crowd-{number}", TRUST, "/crowd/", None, "", [], "3600")
        start_response("200 OK", [])
        return [b""]

    return answer


threading.Thread(target=end_with_input, daemon=True).start()
print(port, flush=True)
application = with_crowds(DomainDispatcherApplication(create_backend_app))
# Clients keep their connections: at its own limit waitress would let new ones wait until old ones are given up.
waitress.serve(
    application,
    sockets=[sock],
    threads=1,
    connection_limit=900,
    asyncore_use_poll=True,
)
