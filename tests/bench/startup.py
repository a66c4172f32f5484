"""What a user waits for before anything happens. Whole processes; AWS is a stub of canned answers on loopback."""

import os
import pty
import subprocess
import sys
import tempfile
import time

from tests.bench.measure import FLEET, RUNS, aws_command, interleaved, lines, whole
from tests.conftest import ROOT
from tests.stub import NODE, Stub


def table():
    """The lines of the table."""
    with tempfile.TemporaryDirectory() as home, Stub(fleet=FLEET) as aws:
        env = aws.env({"PATH": os.environ["PATH"], "HOME": home, "PYTHONPATH": str(ROOT), "TERM": "xterm"})
        python, ssmx = [sys.executable], [sys.executable, "-m", "ssmx"]
        rows = {
            "python -c pass": whole([*python, "-c", "pass"], env),
            "python -c 'import click'": whole([*python, "-c", "import click"], env),
            "ssmx --version": whole([*ssmx, "--version"], env),
            "ssmx --help": whole([*ssmx, "--help"], env),
            "ssmx resolve NAME (200 nodes)": whole([*ssmx, "resolve", "payments-api"], env),
            "ssmx shell NAME, to StartSession": _to_start([*ssmx, "shell", "payments-api"], env, aws),
        }
        against = "python -c pass"
        if command := aws_command():
            against = "aws ssm start-session by id, to StartSession"
            rows[against] = _to_start([command, "ssm", "start-session", "--target", NODE], env, aws)
        yield from lines(interleaved(rows, RUNS), against=against)


def _to_start(command, env, aws):
    """From exec to the arrival of the StartSession call, which the stub refuses; on a terminal of its own."""

    def measure():
        # Another home each time: an ssmx that has just started three sessions waits for its turn.
        with tempfile.TemporaryDirectory() as home:
            aws.calls.clear()
            master, slave = pty.openpty()
            start = time.monotonic()
            with subprocess.Popen(
                command, env={**env, "HOME": home}, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
            ):
                pass
            os.close(master)
            os.close(slave)
            (arrived,) = [at for operation, at in aws.calls if operation == "StartSession"][:1]
            return arrived - start

    return measure
