"""Interleaved runs, so that a noisy moment of the machine strikes every row alike."""

import os
import subprocess
import time
from pathlib import Path
from statistics import median

from tests.conftest import ROOT
from tests.stub import NODE

RUNS = int(os.environ.get("RUNS", "11"))
FLEET = {"payments-api": [int(NODE[2:], 16)], "worker": list(range(1, 200))}


def aws_command():
    """The `aws` to compare with: SSMX_TEST_AWS, or that of `.ci/run`; empty where there is none."""
    command = os.environ.get("SSMX_TEST_AWS") or str(ROOT / ".venv-aws" / "bin" / "aws")
    return command if Path(command).exists() else ""


def whole(command, env):
    """Measure a process from exec to its end."""

    def measure():
        start = time.monotonic()
        subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=True)
        return time.monotonic() - start

    return measure


def interleaved(rows, runs):
    """Run each measurement of `rows` (name → function that gives seconds) in turn; name → list of seconds."""
    times = {name: [] for name in rows}
    for turn in range(runs + 1):
        for name, measure in rows.items():
            seconds = measure()
            if turn:  # the first round fills the disk cache
                times[name].append(seconds)
    return times


def lines(times, *, against):
    """The table: median, minimum and maximum in milliseconds, and the ratio to the median of `against`."""
    unit = median(times[against])
    yield f"| what | median ms | min | max | x {against} |"
    yield "|---|---:|---:|---:|---:|"
    for name, seconds in times.items():
        shown = (f"{each * 1000:.0f}" for each in (median(seconds), min(seconds), max(seconds)))
        yield f"| {name} | {' | '.join(shown)} | {median(seconds) / unit:.2f} |"


class Used:
    """What `process`, a Popen, has used; for classes that have one."""

    @property
    def cpu(self):
        """Seconds of CPU, of both kinds."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def peak(self):
        """MB of memory at most."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
