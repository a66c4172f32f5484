"""A server behind the account's endpoints, in a process that ends with this one: started when first wanted."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_STOP_LIMIT = 10.0  # seconds


class NotThere(Exception):
    """There is no such server. The text is for the client."""


class Server:
    """One server, `name` for people; `keeper` is the module that owns it (keeping.py), and is given what
    `installed` finds, which may raise NotThere. `connect` is for the agents' event loop.
    """

    def __init__(self, name: str, keeper: str, installed: Callable[[], Path]) -> None:
        self._name = name
        self._module = keeper
        self._installed = installed
        self._keeper: subprocess.Popen[str] | None = None
        self._socket = ""
        self._starting = threading.Lock()

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to it; raises NotThere, OSError."""
        if self._keeper is None or self._keeper.poll() is not None:
            await asyncio.to_thread(self._start)
        return await asyncio.open_unix_connection(self._socket)

    def check(self) -> None:
        """Raise NotThere where it is not installed."""
        self._installed()

    def stop(self) -> None:
        """End it, if it runs, and wait until its folder is gone. For any thread."""
        with self._starting:
            if self._keeper is not None and self._keeper.stdin is not None:
                self._keeper.stdin.close()
                with suppress(subprocess.TimeoutExpired):
                    self._keeper.wait(_STOP_LIMIT)

    def _start(self) -> None:
        with self._starting:
            if self._keeper is not None and self._keeper.poll() is None:
                return  # somebody else was first
            keeper = subprocess.Popen(
                [sys.executable, "-P", "-m", self._module, str(self._installed())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            assert keeper.stdout is not None
            said = keeper.stdout.readline().strip()
            if not said or said.startswith("!"):
                keeper.kill()
                keeper.wait()
                raise NotThere(f"the sandbox's {self._name} did not start: {said[1:] or 'it said nothing'}")
            self._keeper, self._socket = keeper, said
