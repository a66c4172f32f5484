"""Which process is which: a pid is reused, a pid with its start time is not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def started(pid: int) -> str:
    """When `pid` started, in the words of the operating system; empty where no such process runs."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        # Field 22, counted behind the command name, which may hold spaces and parentheses (proc(5)).
        return stat.read_text().rpartition(")")[2].split()[19]
    except FileNotFoundError:
        if Path("/proc/self/stat").exists():
            return ""
    except (OSError, IndexError):
        return ""
    asked = subprocess.run(
        ["/bin/ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip()


def me() -> tuple[int, str]:
    """Our own pid and start time."""
    return os.getpid(), started(os.getpid())


def alive(pid: int, start: str) -> bool:
    """Whether the process that had `pid` and `start` still runs."""
    return bool(start) and started(pid) == start
