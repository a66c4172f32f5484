"""Waiting for what happens elsewhere."""

import time


def until(true, seconds=15):
    """Wait until something is so; gives what it gave."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, true
        time.sleep(0.02)
    return found
