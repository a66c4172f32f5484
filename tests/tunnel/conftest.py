"""ssmx as a program that keeps ports open; AWS is the sandbox, and what befalls its sessions is ordered there."""

import json
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager, suppress

import pytest

from tests.conftest import client_of

from .kept import Background


class Tunnel:
    """A running `ssmx … --events json`. `stop` ends it as Ctrl-C does."""

    def __init__(self, env, *words, **changed):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ssmx", *words, "--events", "json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**env, **changed},
            text=True,
        )
        self.events = []
        self._coming = queue.Queue()
        self._said = []
        self._readers = [
            threading.Thread(target=read, args=(stream,), daemon=True)
            for read, stream in ((self._out, self.process.stdout), (self._err, self.process.stderr))
        ]
        for each in self._readers:
            each.start()

    def _out(self, stream):
        for line in stream:
            self._coming.put(json.loads(line))

    def _err(self, stream):
        for line in stream:
            self._said.append(line)

    def event(self, kind, seconds=20):
        """The next event of this kind; those before it are in `events`."""
        while True:
            try:
                event = self._coming.get(timeout=seconds)
            except queue.Empty:
                raise AssertionError(f"no {kind} after {self.events}, but {self.said}") from None
            self.events.append(event)
            if event["event"] == kind:
                return event

    def ready(self):
        """Wait until it is ready; gives the port."""
        event = self.event("ready")
        return event["local_port"]

    @property
    def said(self):
        return "".join(self._said)

    def ends(self, seconds=20):
        """Wait for its end; gives its status. All it has told is in `events` and `said`."""
        status = self.process.wait(seconds)
        for each in self._readers:
            each.join(5)
        while not self._coming.empty():
            self.events.append(self._coming.get())
        self.process.stdout.close()
        self.process.stderr.close()
        return status

    def stop(self, number=signal.SIGINT):
        self.process.send_signal(number)
        return self.ends()

    @property
    def kinds(self):
        return [each["event"] for each in self.events]


@pytest.fixture
def tunnel(env):
    """Start one: `tunnel("forward", "payments-api", "0:7")`."""
    with ExitStack() as stack:

        @contextmanager
        def running(*words, **changed):
            started = Tunnel(env, *words, **changed)
            try:
                yield started
            finally:
                if started.process.poll() is None:
                    started.process.kill()
                    started.ends()

        yield lambda *words, **changed: stack.enter_context(running(*words, **changed))


@pytest.fixture
def free_port():
    """A port that no other test is given, as those that ssmx remembers are."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def connect(port, host="127.0.0.1"):
    return socket.create_connection((host, port), timeout=20)


def connect_early(port, seconds=15):
    """Connect as soon as somebody listens."""
    deadline = time.monotonic() + seconds
    while True:
        with suppress(ConnectionRefusedError):
            return connect(port)
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def in_use(running):
    """A connection that has carried something; gives the event that told the port, and the connection."""
    ready = running.event("ready")
    with connect(ready["local_port"]) as connection:
        assert echoed(connection)
        yield ready, connection


def echoed(connection, text=b"hello"):
    """Whether the far side gives back what it is told."""
    connection.sendall(text)
    data = b""
    while len(data) < len(text):
        more = connection.recv(len(text) - len(data))
        if not more:
            return False
        data += more
    return data == text


@pytest.fixture(scope="session")
def aws(running):
    """The API as another user of the account has it."""
    clients = {name: client_of(running, name) for name in ("ec2", "rds")}
    yield clients
    for each in clients.values():
        each.close()


@pytest.fixture
def launched(aws):
    """Launch a node beside payments-api: `launched("twin")` gives its id. All are terminated at the end."""
    ec2, ids = aws["ec2"], []

    def launch(name, **tags):
        found = ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": ["payments-api"]}])
        like = found["Reservations"][0]["Instances"][0]
        answer = ec2.run_instances(
            ImageId=like["ImageId"],
            InstanceType="t3.micro",
            MinCount=1,
            MaxCount=1,
            SubnetId=like["SubnetId"],
            SecurityGroupIds=[each["GroupId"] for each in like["SecurityGroups"]],
            TagSpecifications=[
                {
                    "ResourceType": "instance",
                    "Tags": [{"Key": key, "Value": value} for key, value in {"Name": name, **tags}.items()],
                }
            ],
        )
        ids.append(answer["Instances"][0]["InstanceId"])
        return ids[-1]

    yield launch
    if ids:
        ec2.terminate_instances(InstanceIds=ids)


@pytest.fixture
def background(ssmx, env, home, none_open):
    """The tunnels that go on without a terminal; at the end none does, and no session is open."""
    made = Background(ssmx, env, home)
    yield made
    made.end()
