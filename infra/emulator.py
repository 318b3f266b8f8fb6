"""moto as one server on a free port of loopback. The port is the one line that it prints; it serves until its input
ends, so that it never outlives whoever started it.

One thread: with several, moto lets two writers win the same conditional write."""

import logging
import os
import socket
import sys
import threading

sock = socket.create_server(("127.0.0.1", 0))
port = sock.getsockname()[1]
# moto writes addresses of its own into what it answers, and reads which port they have from here.
os.environ["MOTO_PORT"] = str(port)

import waitress  # noqa: E402
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: E402


# They would tell of every kind of resource that is passed by, and of every call that has to wait.
for name in ("moto", "waitress.queue"):
    logging.getLogger(name).setLevel(logging.ERROR)


def end_with_input():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_input, daemon=True).start()
print(port, flush=True)
# Clients keep their connections: at its own limit waitress would let new ones wait until old ones are given up.
waitress.serve(
    DomainDispatcherApplication(create_backend_app),
    sockets=[sock],
    threads=1,
    connection_limit=900,
    asyncore_use_poll=True,
)
