"""Deploys one of the templates of infra/ into an account of an emulator that runs, by the way of infra/deploy_test.py.
Says as JSON what the stack puts out, and the physical ids of what it made."""

import json
import sys

import boto3
from botocore.config import Config

url, account, infra, file, said = sys.argv[1:]
sys.path.insert(0, infra)

from deploy_test import Stack  # noqa: E402


class Account:
    """An emulator's clients, in the name of an account."""

    def client(self, service):
        client = boto3.client(
            service,
            region_name="us-east-1",
            endpoint_url=url,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        )
        client.meta.events.register(
            "before-send", lambda request, **_: request.headers.__setitem__("x-moto-account-id", account)
        )
        return client


stack = Stack(Account(), file, **json.loads(said))
print(json.dumps({"outputs": stack.outputs, "made": stack.made}))
