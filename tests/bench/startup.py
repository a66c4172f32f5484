"""What a user waits for before anything happens. Whole processes; AWS is a stub of canned answers on loopback."""

import os
import pty
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.measure import interleaved, lines
from tests.conftest import ROOT
from tests.stub import NODE, Stub

RUNS = int(os.environ.get("RUNS", "11"))
FLEET = {"payments-api": [int(NODE[2:], 16)], "worker": list(range(1, 200))}


def table():
    """The lines of the table."""
    with tempfile.TemporaryDirectory() as home, Stub(fleet=FLEET) as aws:
        env = aws.env({"PATH": os.environ["PATH"], "HOME": home, "PYTHONPATH": str(ROOT), "TERM": "xterm"})
        python, ssmx = [sys.executable], [sys.executable, "-m", "ssmx"]
        rows = {
            "python -c pass": _whole([*python, "-c", "pass"], env),
            "python -c 'import click'": _whole([*python, "-c", "import click"], env),
            "ssmx --version": _whole([*ssmx, "--version"], env),
            "ssmx --help": _whole([*ssmx, "--help"], env),
            "ssmx resolve NAME (200 nodes)": _whole([*ssmx, "resolve", "payments-api"], env),
            "ssmx shell NAME, to StartSession": _to_start([*ssmx, "shell", "payments-api"], env, aws),
        }
        command = os.environ.get("SSMX_TEST_AWS") or str(ROOT / ".venv-aws" / "bin" / "aws")
        if Path(command).exists():
            start = [command, "ssm", "start-session", "--target", NODE]
            rows["aws ssm start-session by id, to StartSession"] = _to_start(start, env, aws)
        against = list(rows)[-1] if Path(command).exists() else "python -c pass"
        yield from lines(interleaved(rows, RUNS), against=against)


def _whole(command, env):
    def measure():
        start = time.monotonic()
        subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=True)
        return time.monotonic() - start

    return measure


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
