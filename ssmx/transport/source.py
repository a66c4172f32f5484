"""Standard input that is no terminal of a session: bytes for the far side, and their end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

_AT_ONCE = 1 << 16


class Source:
    """Standard input, read without blocking the event loop. `took` gets the bytes, and none at the end.

    Made on the event loop. Nothing is read before `flow` says so.
    """

    def __init__(self, took: Callable[[bytes], None]) -> None:
        self._took = took
        self._loop = asyncio.get_running_loop()
        self._flows = False
        self._ended = False
        self._polled = False  # a file is always readable, which is more than epoll can say of it

    def flow(self, *, on: bool) -> None:
        """Read, or leave what comes where it is."""
        if self._ended or on == self._flows:
            return
        self._flows = on
        if not on:
            self._loop.remove_reader(0)
            return
        try:
            self._loop.add_reader(0, self._readable)
        except PermissionError:  # a file, or /dev/null
            if not self._polled:
                self._polled = True
                self._loop.call_soon(self._poll)
        except OSError:  # closed
            self._end()

    def close(self) -> None:
        """Read no more."""
        self.flow(on=False)
        self._ended = True

    def _poll(self) -> None:
        self._polled = False
        if self._flows and not self._ended:
            self._readable()
            if self._flows and not self._ended:
                self._polled = True
                self._loop.call_soon(self._poll)

    def _readable(self) -> None:
        try:
            data = os.read(0, _AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._took(data)
        else:
            self._end()

    def _end(self) -> None:
        self.flow(on=False)
        self._ended = True
        self._took(b"")
