"""The drop-in as a process on the rig, called as `aws` calls the official plugin."""

import os
import select
import socket
import time
from contextlib import contextmanager

import pexpect

from tests.bench.rig.control import ROOT
from tests.carried import DROPIN, carried, environment, words

FORWARD, STREAM, COMMAND = (
    "AWS-StartPortForwardingSession",
    "AWS-StartSSHSession",
    "AWS-StartNonInteractiveCommand",
)


def dropin(rig, document=None, env=None, **parameters):
    """A process with pipes that carries a session of this document; and the session's id."""
    return carried(rig, document, env, client=DROPIN, **parameters)


def until(process, needle, seconds=20):
    """Read standard output until this is in it; gives all of it."""
    said, end = b"", time.monotonic() + seconds
    while needle not in said:
        readable, _, _ = select.select([process.stdout], [], [], max(0.0, end - time.monotonic()))
        data = os.read(process.stdout.fileno(), 1 << 16) if readable else b""
        assert data, f"{needle!r} is not in {said!r}"
        said += data
    return said


def connect(port, host="127.0.0.1"):
    connection = socket.create_connection((host, port), timeout=20)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def received(connection, size):
    """So many bytes, or what there is of them at the end."""
    data = b""
    while len(data) < size and (block := connection.recv(size - len(data))):
        data += block
    return data


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@contextmanager
def tunnel(rig, far_port, env=None, **parameters):
    """A port session that is ready: the process, its port, the session's id, and what it has said."""
    port = free_port()
    with dropin(rig, FORWARD, env, portNumber=far_port, localPortNumber=port, **parameters) as (
        process,
        session_id,
    ):
        said = until(process, f"Port {port} opened for sessionId {session_id}.\n".encode())
        time.sleep(0.3)  # the official plugin drops what comes while it sets up its mux
        yield process, port, session_id, said


@contextmanager
def terminal(rig, document=None, env=None, **parameters):
    """The same on a terminal of 100 x 30: a pexpect child, and the session's id."""
    request, answer = rig.start(document, **parameters)
    command, *rest = [*DROPIN, *words(request, rig.endpoint)]
    child = pexpect.spawn(
        command,
        rest,
        cwd=str(ROOT),
        env={**environment(answer), **(env or {})},
        dimensions=(30, 100),
        encoding="utf-8",
        timeout=20,
    )
    child.delaybeforesend = None
    try:
        yield child, answer["SessionId"]
    finally:
        child.close(force=True)


def events(rig, session_id):
    """What has happened at the rig's end, by name."""
    return [each["event"] for each in rig.status(session_id)["events"]]


def is_over(rig, session_id, seconds=5):
    """Whether the session ends in time at the service."""
    end = time.monotonic() + seconds
    while not rig.status(session_id)["closing"]:
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
