"""A process that ends the plugin and its session where ssmx cannot do it any more: after kill -9.

`python -m ssmx.transport.plugin.guard`, in a session of its own. Its standard input is a pipe from ssmx: first a
line of JSON, then either the word `done` or, where ssmx has died, nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ssmx.process import birth

_GRACE = 0.3  # seconds between SIGINT and SIGKILL
_END_SECONDS = 60


class Guard:
    """The process, seen from ssmx. `end` is the command line that ends the session, `folder` what to remove."""

    def __init__(self, *, pid: int, folder: Path, end: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            # -P: a folder called ssmx in the current folder is not ours
            [sys.executable, "-P", "-m", "ssmx.transport.plugin.guard"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        order = {"pid": pid, "birth": birth(pid), "folder": str(folder), "end": list(end)}
        self._say(json.dumps(order))

    def __enter__(self) -> Guard:
        return self

    def __exit__(self, *_: object) -> None:
        """ssmx has done everything itself."""
        self._say("done")
        with suppress(OSError):
            self._process.stdin.close()  # type: ignore[union-attr]  # it is a pipe
        try:
            self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _say(self, line: str) -> None:
        with suppress(OSError):  # somebody has killed it: nothing depends on it while we live
            self._process.stdin.write(line.encode() + b"\n")  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]


def stop(pid: int, born: str) -> None:
    """End the process group that `pid` leads: SIGINT, which the plugin knows, then SIGKILL."""
    if not born or birth(pid) != born:
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGINT)
    deadline = time.monotonic() + _GRACE
    while birth(pid) == born and time.monotonic() < deadline:
        time.sleep(0.02)
    if birth(pid) == born:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def main() -> int:
    """Wait for the end of ssmx; where it came without `done`, clean up."""
    order: dict[str, Any] = json.loads(sys.stdin.readline() or "{}")
    if not order or sys.stdin.readline().strip() == "done":
        return 0
    stop(order["pid"], order["birth"])
    shutil.rmtree(order["folder"], ignore_errors=True)
    ended = subprocess.run(order["end"], stdin=subprocess.DEVNULL, check=False, timeout=_END_SECONDS)
    return ended.returncode


if __name__ == "__main__":
    sys.exit(main())
