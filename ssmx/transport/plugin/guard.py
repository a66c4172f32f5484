"""A process that ends the plugin and its session where ssmx cannot do it any more: after kill -9.

`python -m ssmx.transport.plugin.guard`, in a session of its own. Its standard input is a pipe from ssmx with a JSON
object on each line: what to end, the newest credentials, then `{"done": true}` or, where ssmx died, nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ssmx.errors import LocalFault
from ssmx.process import birth, signal_group

_GRACE = 0.3  # seconds between SIGINT and SIGKILL
_END_SECONDS = 60
_KEYS = {
    "AWS_ACCESS_KEY_ID": "AccessKeyId",
    "AWS_SECRET_ACCESS_KEY": "SecretAccessKey",
    "AWS_SESSION_TOKEN": "SessionToken",
}


class Guard:
    """The process, seen from ssmx. `end` is the command line that ends the session, `folder` what to remove.

    `profile` is the AWS profile whose settings that command needs; its keys are those of `keep`. Raises LocalFault
    where the process cannot be started.
    """

    def __init__(self, *, folder: Path, end: Sequence[str], profile: str) -> None:
        try:
            self._process = subprocess.Popen(
                # -P: a folder called ssmx in the current folder is not ours
                [sys.executable, "-P", "-m", "ssmx.transport.plugin.guard"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise LocalFault(f"cannot start a process beside the plugin: {error.strerror}") from error
        self._say({"folder": str(folder), "end": list(end), "profile": profile})

    def __enter__(self) -> Guard:
        return self

    def __exit__(self, *_: object) -> None:
        """ssmx has done everything itself."""
        self._say({"done": True})
        with suppress(OSError):
            self._process.stdin.close()  # type: ignore[union-attr]  # it is a pipe
        try:
            self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def watch(self, pid: int) -> None:
        """The process group to end: the one that `pid` leads."""
        self._say({"pid": pid, "birth": birth(pid)})

    def keep(self, credentials: Mapping[str, str | int]) -> None:
        """The keys to end the session with, as a credential_process prints them; they stay in memory."""
        self._say({"credentials": dict(credentials)})

    def _say(self, body: Mapping[str, Any]) -> None:
        with suppress(OSError):  # somebody has killed it: nothing depends on it while we live
            self._process.stdin.write(json.dumps(body).encode() + b"\n")  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]


def stop(pid: int, born: str) -> None:
    """End the process group that `pid` led: SIGINT, which the plugin knows, then SIGKILL for all that is left."""
    if birth(pid) == born:
        signal_group(pid, signal.SIGINT)
        deadline = time.monotonic() + _GRACE
        while birth(pid) == born and time.monotonic() < deadline:
            time.sleep(0.02)
    signal_group(pid, signal.SIGKILL)


def main() -> int:
    """Wait for the end of ssmx; where it came without `done`, clean up."""
    order: dict[str, Any] = {"credentials": {}}
    for line in sys.stdin:
        order |= json.loads(line)
    if "end" not in order or "done" in order:
        return 0
    if "pid" in order:
        stop(order["pid"], order["birth"])
    shutil.rmtree(order["folder"], ignore_errors=True)
    env = {name: value for name, value in os.environ.items() if name not in ("SSMX_PROFILE", "AWS_PROFILE")}
    # Keys in the environment go before those of a profile that is named there too.
    env |= {"AWS_DEFAULT_PROFILE": order["profile"]} if order["profile"] else {}
    for variable, key in _KEYS.items():
        env.pop(variable, None)
        if found := order["credentials"].get(key):
            env[variable] = found
    ended = subprocess.run(order["end"], env=env, stdin=subprocess.DEVNULL, check=False, timeout=_END_SECONDS)
    return ended.returncode


if __name__ == "__main__":
    sys.exit(main())
