"""From exec to the moment the official plugin runs, beside aws. AWS is a stub on loopback, the plugin a script."""

import os
import pty
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.measure import FLEET, RUNS, aws_command, interleaved, lines, whole
from tests.conftest import ROOT
from tests.stub import NODE, Stub

STREAM = "wss://ssmmessages.eu-west-1.amazonaws.com/v1/data-channel/ravi-1?role=publish_subscribe"
PLUGIN = """#!/bin/sh
[ "$1" = --version ] && echo 1.2.896.0 && exit
echo >"$RUNS_NOW"
printf '\\nStarting session with SessionId: ravi-1\\n$ \\n\\nExiting session with sessionId: ravi-1.\\n\\n'
"""


def table():
    """The lines of the table."""
    with tempfile.TemporaryDirectory() as folder, Stub(fleet=FLEET, stream_url=STREAM) as aws:
        plugin = Path(folder) / "session-manager-plugin"
        plugin.write_text(PLUGIN)
        plugin.chmod(0o755)
        path = f"{folder}:{os.environ['PATH']}"
        env = aws.env({"PATH": path, "HOME": folder, "PYTHONPATH": str(ROOT), "TERM": "xterm"})
        ssmx = [sys.executable, "-m", "ssmx", "shell"]
        rows = {
            "session-manager-plugin --version": whole([str(plugin), "--version"], env),
            "ssmx shell ID, to the plugin": _to_plugin([*ssmx, NODE], env),
            "ssmx shell NAME, to the plugin": _to_plugin([*ssmx, "payments-api"], env),
        }
        if command := aws_command():
            start = [command, "ssm", "start-session", "--target", NODE]
            rows["aws ssm start-session by id, to the plugin"] = _to_plugin(start, env)
        yield from lines(interleaved(rows, RUNS), against=list(rows)[-1])


def _to_plugin(command, env):
    def measure():
        # Another home each time: an ssmx that has just started three sessions waits for its turn.
        with tempfile.TemporaryDirectory() as home:
            fifo = Path(home) / "fifo"
            os.mkfifo(fifo)
            heard = os.open(fifo, os.O_RDWR)  # so that nobody waits for a reader
            own = {**env, "HOME": home, "RUNS_NOW": str(fifo)}
            master, slave = pty.openpty()
            start = time.monotonic()
            with subprocess.Popen(
                command, env=own, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
            ):
                os.read(heard, 1)
                taken = time.monotonic() - start
            for descriptor in (heard, master, slave):
                os.close(descriptor)
            return taken

    return measure
