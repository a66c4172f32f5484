"""Keep a limit of calls per second over all ssmx processes of this user."""

from __future__ import annotations

import fcntl
import json
import os
import time
from pathlib import Path

# StartSession: 3 a second for an account in a region (AWS General Reference, Systems Manager quotas).
CALLS, SECONDS = 3, 1.0


def wait_turn(path: Path) -> float:
    """Wait until a further call keeps the limit, and count it; gives the seconds waited.

    `path` holds the times of the last calls (wall clock, so that processes agree). A folder that cannot be
    written costs the pacing, not the session: AWS throttles, and throttled calls are repeated.
    """
    waited = 0.0
    while (pause := _claim(path)) > 0:
        time.sleep(pause)
        waited += pause
    return waited


def _claim(path: Path) -> float:
    """Take a place if there is one (0.0), else the seconds until one is free."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return 0.0
    with os.fdopen(descriptor, "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        now = time.time()
        try:
            calls = [at for at in json.loads(file.read() or "[]") if now - SECONDS < at <= now]
        except (ValueError, TypeError):
            calls = []
        if len(calls) >= CALLS:
            return float(max(0.01, min(calls) + SECONDS - now))
        file.seek(0)
        file.truncate()
        json.dump([*calls, now], file)
        return 0.0
