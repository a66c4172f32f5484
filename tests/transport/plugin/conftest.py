"""ssmx on a pty with a plugin of the test's own; AWS is a stub whose StreamUrl is one of AWS's own."""

import sys

import pexpect
import pytest

from tests.pty import ended
from tests.standin import EXITING, STARTING, StandIn
from tests.stub import NODE, Stub

AWS = "ssmmessages.eu-west-1.amazonaws.com"
STREAM = f"wss://{AWS}/v1/data-channel/ravi-1?role=publish_subscribe&cell-number=AA+b/c=="
TOKEN = "t" * 40
GOOD = [("say", STARTING), ("say", "hello\r\n"), ("say", EXITING)]


class Shell:
    """`ssmx shell` on a terminal."""

    def __init__(self, env, words, size):
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "ssmx", "shell", NODE, *words],
            env=env,
            encoding="utf-8",
            timeout=30,
            dimensions=size,
            codec_errors="replace",
        )
        self.child.delaybeforesend = None

    @property
    def pid(self):
        return self.child.pid

    def sees(self, text):
        self.child.expect(text)
        return self.child.before

    def keys(self, text):
        self.child.send(text)

    def resize(self, rows, columns):
        self.child.setwinsize(rows, columns)

    def raw(self):
        """Wait until the terminal is the session's: keys are not echoed by it any more."""
        assert self.child.waitnoecho(timeout=20)

    def ends(self):
        """Its exit status and what it showed since it was last looked at."""
        status = ended(self.child)
        return status, self.child.before.replace("\r\n", "\n")


@pytest.fixture
def aws():
    with Stub(stream_url=STREAM) as stub:
        yield stub


@pytest.fixture
def plugin(tmp_path):
    return StandIn(tmp_path / "bin", *GOOD)


@pytest.fixture
def shell(env, aws, plugin, scratch):
    """Start `ssmx shell WORDS…` with the stand-in configured and at the front of PATH; no file may be left.

    Without SSMX_PLUGIN, what this machine has installed may be found behind it.
    """
    started = []

    def start(*words, size=(30, 100), **changed):
        # Nothing answers there: our own client cannot reach AWS.
        proxy = {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}
        chosen = {"SSMX_PLUGIN": str(plugin.path), "XDG_RUNTIME_DIR": str(scratch)}
        own = {**aws.env(env), **plugin.env, **proxy, **chosen, **changed}
        started.append(Shell(own, words, size))
        return started[-1]

    yield start
    for each in started:
        each.child.close(force=True)
