"""A process of the sandbox that owns a server: it starts one in a folder of its own, and ends both with stdin.

So the server ends with the sandbox, however that ends. The process says one line on stdout: where the server's
socket is, or `!` and why there is none.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

_NOBODY = 65534  # neither PostgreSQL runs as root, nor should anybody's Redis
_STOP_LIMIT = 5.0  # seconds

Process = subprocess.Popen[bytes]


class Failed(Exception):
    """The server does not start."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One server. `start` has the folder and how to start a process that is not root, hands the folder over, and
    starts it; `ready` waits until it serves and gives its socket. Both may raise Failed or OSError.

    `stop` is the signal that ends it at once: nobody will want its data.
    """

    prefix: str
    start: Callable[[Path, dict[str, Any]], Process]
    ready: Callable[[Path, Process], Path]
    stop: signal.Signals


def keep(kept: Kept) -> None:
    """Run until stdin ends."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _leave)
    with ExitStack() as stack:
        # A path of a socket has at most 107 characters: the sandbox's folder may be too deep, or behind a home.
        folder = Path(tempfile.mkdtemp(prefix=kept.prefix, dir="/tmp"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        try:
            server = kept.start(folder, _unprivileged())
            stack.callback(_stop, server, kept.stop)
            stack.callback(_ignore_signals)
            path = kept.ready(folder, server)
        except (OSError, Failed) as error:
            _say(f"!{' '.join(str(error).split())}")
            return
        signal.signal(signal.SIGCHLD, _leave)
        if server.poll() is None:
            _say(str(path))
            sys.stdin.buffer.read()


def hand_over(folder: Path, who: dict[str, Any]) -> None:
    """Give that user what is in the folder, and last the folder: from then on root changes nothing in it."""
    if who:
        for place, _, names in os.walk(folder, topdown=False):
            for each in (*names, ""):
                os.chown(os.path.join(place, each), _NOBODY, _NOBODY, follow_symlinks=False)  # noqa: PTH118


def runs(program: Path, who: dict[str, Any]) -> bool:
    """Whether that user can run it: it may be below a home of root's."""
    with suppress(OSError, subprocess.CalledProcessError):
        subprocess.run([program, "--version"], cwd="/", check=True, stdout=subprocess.DEVNULL, **who)
        return True
    return False


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit


def _ignore_signals() -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL if number == signal.SIGCHLD else signal.SIG_IGN)


def _say(line: str) -> None:
    with suppress(BrokenPipeError):  # the sandbox has gone: so will stdin
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def _unprivileged() -> dict[str, Any]:
    """How to start a process that is not root."""
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def _stop(server: Process, sign: signal.Signals) -> None:
    for number in (sign, signal.SIGKILL):
        server.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            server.wait(_STOP_LIMIT)
            return
