"""Three calls a second, over all processes."""

import subprocess
import sys
import time

from ssmx.store.pace import CALLS, SECONDS, wait_turn

CALLER = """
import sys, time
from pathlib import Path
from ssmx.store.pace import wait_turn
for _ in range(3):
    wait_turn(Path(sys.argv[1]))
    print(time.time())
"""


def test_processes_share_one_pace(tmp_path):
    path = tmp_path / "pace.json"
    callers = [
        subprocess.Popen([sys.executable, "-c", CALLER, str(path)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    moments = sorted(float(line) for caller in callers for line in caller.communicate(timeout=30)[0].split())
    assert len(moments) == 9
    # A call is counted before it prints its time, which it does some milliseconds late.
    for first, fourth in zip(moments, moments[CALLS:], strict=False):
        assert fourth - first > SECONDS * 0.8


def test_the_first_calls_do_not_wait(tmp_path):
    assert [wait_turn(tmp_path / "p") for _ in range(CALLS)] == [0.0] * CALLS
    assert wait_turn(tmp_path / "p") > 0


def test_a_spoilt_file_or_a_clock_that_jumped_back_is_forgotten(tmp_path):
    (tmp_path / "p").write_text("[1, ")
    assert wait_turn(tmp_path / "p") == 0.0
    (tmp_path / "p").write_text(str([time.time() + 3600] * 3))
    assert wait_turn(tmp_path / "p") == 0.0


def test_the_file_is_private(tmp_path):
    wait_turn(tmp_path / "p")
    assert (tmp_path / "p").stat().st_mode & 0o777 == 0o600
