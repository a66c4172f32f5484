"""Which process is which: a pid is reused, a pid with its birth is not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def birth(pid: int) -> str:
    """What tells this process from every other that has had its number; empty where it does not live."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except FileNotFoundError:
        return "" if Path("/proc/self/stat").exists() else _birth_by_ps(pid)
    except OSError:
        return ""
    # The command, in brackets, may hold anything; the fields are counted behind it (man 5 proc).
    fields = stat[stat.rindex(")") + 2 :].split()
    return "" if fields[0] in "ZX" else f"{boot}/{fields[19]}"


def _birth_by_ps(pid: int) -> str:
    """macOS has no /proc. `ps` prints a start time in words, which is enough to tell a reused number."""
    answer = subprocess.run(
        ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )
    state, _, start = answer.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else start.strip()
