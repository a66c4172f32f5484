"""A user at bash, zsh or fish on a real pty, with a home and an index of the test's own, and a stand-in for ssmx.

What is typed ends with Tab and Return: a shell takes one key after the other, so nothing needs to wait for Tab.
"""

import os
import shutil
import time

import pexpect
import pytest

from ssmx.model.pointer import pointer
from tests.conftest import ROOT

# It records how it is called, and answers what Python would.
STANDIN = """#!/bin/sh
case $1 in
    __refresh) echo "$@" >> "$RECORDS/refreshed" ;;
    __complete)
        echo "$@" >> "$RECORDS/asked"
        case $2 in
            profile) printf 'prod\\nstage\\n' ;;
            target) echo box ;;
            alias) echo payday ;;
            running) echo 'tunnel-1' ;;
        esac ;;
    *)
        : > "$RECORDS/argv"
        for each; do printf '%s\\0' "$each" >> "$RECORDS/argv"; done
        echo "ra""n: $#" ;;
esac
"""

START = {
    "bash": (["--norc", "--noprofile", "-i"], "source {script}"),
    "zsh": (["-f", "-i"], "autoload -U compinit; compinit -D -u; source {script}"),
    "fish": (["--no-config", "-i"], "source {script}"),
}


class Index:
    """The index in a home, as ssmx writes it."""

    def __init__(self, home):
        self.folder = home / ".cache" / "ssmx" / "index"

    def write(self, scope, *, stale=None, **lists):
        folder = self.folder / "scopes" / scope
        folder.mkdir(parents=True, exist_ok=True)
        stale = int(time.time()) + 3600 if stale is None else stale
        for kind in ("names", "words", "endpoints", "documents"):
            lines = sorted(lists.get(kind, ()), key=str.encode)
            (folder / kind).write_text("".join(f"{each}\n" for each in (f"ssmx 1 {stale} {len(lines)}", *lines)))

    def point(self, scope, environ=None, **how):
        at = self.folder / "at"
        at.mkdir(parents=True, exist_ok=True)
        (at / pointer(environ or {}, **how)).write_text(f"{scope}\n")


class Terminal:
    """Types into a shell that completes ssmx."""

    def __init__(self, shell, home, environ):
        words, setup = START[shell]
        self.records = home / "records"
        self.records.mkdir(exist_ok=True)
        program = home / "bin" / "ssmx"
        program.parent.mkdir(exist_ok=True)
        program.write_text(STANDIN)
        program.chmod(0o755)
        self.child = pexpect.spawn(
            shell,
            words,
            env={
                "PATH": f"{program.parent}:/usr/bin:/bin",
                "HOME": str(home),
                "RECORDS": str(self.records),
                "TERM": "xterm",
                "LC_ALL": "C.UTF-8",
                **environ,
            },
            cwd=home,
            encoding="utf-8",
            timeout=30,
            dimensions=(30, 200),
        )
        self.child.delaybeforesend = None
        self.does(setup.format(script=f"{ROOT}/completions/ssmx.{shell}"))

    def does(self, line):
        """Run a line and wait until it has ended."""
        self.child.send(f"{line}; printf 'do%s\\n' ne\r")
        self.child.expect("done\r?\n")

    def tab(self, typed):
        """Type `ssmx …`, Tab and Return; gives the words ssmx got."""
        (self.records / "argv").unlink(missing_ok=True)
        self.child.send(f"ssmx {typed}\t\r")
        self.child.expect(r"ran: \d+\r?\n")
        assert "_ssmx" not in self.child.before, "an error of the script was shown"
        return (self.records / "argv").read_text().split("\0")[:-1]

    def recorded(self, name):
        """What the stand-in has recorded, line by line."""
        path = self.records / name
        return path.read_text().splitlines() if path.exists() else []

    def comes(self, name):
        """The same, once there is any."""
        deadline = time.monotonic() + 20
        while not self.recorded(name) and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.recorded(name)


@pytest.fixture(params=START)
def shell(request):
    if not shutil.which(request.param):
        pytest.skip(f"{request.param} is not installed")
    return request.param


@pytest.fixture
def index(tmp_path):
    return Index(tmp_path)


@pytest.fixture
def terminal(shell, tmp_path):
    opened = []

    def start(**environ):
        opened.append(Terminal(shell, tmp_path, environ))
        return opened[-1]

    yield start
    for each in opened:
        each.child.close(force=True)


def as_root():
    return os.geteuid() == 0
