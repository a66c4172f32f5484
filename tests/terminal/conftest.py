"""A user at a terminal: a real pty with a shell in it, in which ssmx is typed."""

import os
import re
import sys
import time

import pexpect
import pytest

PROMPT = "LOCAL> "
REMOTE = r"\[ravi@ip-10-0-12-87 ~\]\$ "


class User:
    """Types at a local bash. `remote` is the prompt of payments-api."""

    remote = REMOTE

    def __init__(self, env):
        self.child = pexpect.spawn(
            "/bin/bash",
            ["--norc", "--noprofile"],
            env={**env, "PS1": PROMPT, "PYTHON": sys.executable},
            encoding="utf-8",
            timeout=20,
            dimensions=(30, 100),
            echo=False,
        )
        self.child.delaybeforesend = None
        self.sees(PROMPT)
        self.types("bind 'set enable-bracketed-paste off'")
        self.sees(PROMPT)
        self.types("stty echo")
        self.sees(PROMPT)
        self.settings = self.stty()

    def types(self, text):
        self.child.send(text + "\r")

    def keys(self, keys):
        self.child.send(keys)

    def sees(self, pattern, timeout=20):
        """Wait until the terminal shows `pattern`; gives what it showed before it."""
        self.child.expect(pattern, timeout=timeout)
        return self.child.before

    def does(self, command):
        """Run a local command and give what it printed."""
        self.types(command)
        return self.sees(re.escape(PROMPT)).partition("\n")[2].strip()

    def runs(self, command):
        """Start a command at the far prompt, and wait until it runs: its echo may come before."""
        self.types(f"(echo $((6*7)); exec {command})")
        self.sees(r"\n42\r\n")

    def stty(self):
        return self.does("stty -g")

    def ssmx(self, words):
        self.types(f"$PYTHON -m ssmx {words}")

    def opens(self, words="shell payments-api"):
        """Open a shell and wait for its prompt."""
        self.ssmx(words)
        self.sees(REMOTE)

    def back(self, timeout=20):
        """Wait for the local prompt; gives the exit status and what was shown before."""
        shown = self.sees(re.escape(PROMPT), timeout)
        return int(self.does("echo $?")), shown

    def ssmx_pid(self):
        """The pid of the ssmx that runs in this terminal."""
        foreground = os.tcgetpgrp(self.child.child_fd)
        assert foreground != self.child.pid
        return foreground


def two_lines(shown):
    """Whether what was shown ends with an error of two lines: what happened, and what to do."""
    *_, first, second = shown.rstrip().replace("\r", "").split("\n")
    return first.startswith("ssmx: ") and second.startswith("  try: ")


@pytest.fixture
def user(env):
    user = User(env)
    yield user
    assert user.stty() == user.settings, "the terminal is not what it was"
    user.child.close(force=True)


@pytest.fixture
def live(levers, none_open):
    """The id of the one open session, once there is one; at the end none may be left."""

    def wait():
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if found := levers.open_sessions():
                return found[-1]["id"]
            time.sleep(0.05)
        raise AssertionError("no session was opened")

    return wait
