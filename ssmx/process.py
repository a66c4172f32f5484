"""Which process is which, and how to signal a whole group of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

_PF_EXITING = 0x4  # include/linux/sched.h


def birth(pid: int) -> str:
    """What tells this process from every other that has had its number; empty where it does not live.

    A pid is reused, a pid with its birth is not.
    """
    try:
        fields = _stat(pid)
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except FileNotFoundError:
        return "" if Path("/proc/self/stat").exists() else _birth_by_ps(pid)
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else f"{boot}/{fields[19]}"


def is_ending(pid: int) -> bool:
    """Whether a child of ours has at least begun to end: its connections close before anybody hears of its end.

    Where there is no /proc (macOS) this is not known, and False.
    """
    try:
        return bool(int(_stat(pid)[6]) & _PF_EXITING)
    except (FileNotFoundError, ProcessLookupError):  # it is gone; the latter, where it went while we read
        return Path("/proc/self/stat").exists()
    except OSError:
        return False


def namespace() -> str:
    """What tells the processes that this one sees from those of another container; empty where there is but one."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def signal_process(pid: int, born: str, number: int) -> bool:
    """Send signal `number` to the process with this pid and birth, never to another; whether it lives.

    Raises PermissionError where it is somebody else's.
    """
    handle = None
    try:
        if sys.platform == "linux":
            with suppress(OSError):  # an old kernel, or one that forbids it; a dead process is found below
                handle = os.pidfd_open(pid)
        if not born or birth(pid) != born:
            return False
        if sys.platform == "linux" and handle is not None:
            signal.pidfd_send_signal(handle, number)  # no pid is reused between the look and this
        else:
            os.kill(pid, number)
    except ProcessLookupError:
        return False
    finally:
        if handle is not None:
            os.close(handle)
    return True


def signal_group(pid: int, number: int) -> None:
    """Send signal `number` to the process group that `pid` leads or led, if anybody is left in it.

    A group keeps its number while it has members, so this reaches what a dead leader has left behind.
    """
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def has_the_keys() -> bool:
    """Whether what is typed as Ctrl-C comes to our process group, children that we started included."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def _stat(pid: int) -> list[str]:
    """What proc(5) tells of a process, from its state on. Raises OSError."""
    stat = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
    return stat[stat.rindex(")") + 2 :].split()  # the command, in brackets, may hold anything


def _birth_by_ps(pid: int) -> str:
    """macOS has no /proc. `ps` prints a start time in words, which is enough to tell a reused number."""
    answer = subprocess.run(
        ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C", "TZ": "UTC0"},  # whatever those are of who looks,
    )
    state, _, start = answer.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else start.strip()
