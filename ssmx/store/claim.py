"""One process at a time, and not again at once: for what anybody may start. Light, for completion."""

from __future__ import annotations

import fcntl
import os
import time

AGAIN_SECONDS = 60.0  # between two refreshes of the index that nobody has asked for

_held: list[int] = []  # descriptors: a claim is held until the process ends


def claim(path: str, seconds: float) -> bool:
    """Whether this process is the one: no other is, and none has begun for so many seconds. It is until it ends.

    `path` is a file in a private folder, which is made. False as well where that cannot be.
    """
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        about = os.fstat(descriptor)
        if about.st_size and 0 <= time.time() - about.st_mtime < seconds:
            return _leave(descriptor)
        os.pwrite(descriptor, b"\n", 0)
    except OSError:
        return _leave(descriptor)
    _held.append(descriptor)
    return True


def _leave(descriptor: int) -> bool:
    os.close(descriptor)
    return False
