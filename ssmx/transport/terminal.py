"""The user's terminal: raw while a session runs, and afterwards bit for bit what it was."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from ssmx.errors import NoTerminal

_ROOM = 1 << 18  # bytes waiting for a slow terminal before we stop taking more from the node


def require_terminal() -> None:
    """Raise NoTerminal where no keyboard is attached; ask before a session is started."""
    if not os.isatty(0):
        raise NoTerminal(
            "a shell needs a terminal, and standard input is none",
            hint="`ssmx run`, which needs no terminal, comes with a later version",
        )


def size() -> tuple[int, int]:
    """Columns and rows of the terminal, 80 x 24 where it does not say."""
    for descriptor in (1, 0, 2):
        try:
            columns, rows = os.get_terminal_size(descriptor)
        except OSError:
            continue
        if columns and rows:
            return columns, rows
    return 80, 24


class Keyboard:
    """Standard input in raw mode: every key is a byte for the far side, Ctrl-C, Ctrl-Z and Ctrl-\\ too."""

    def __init__(self) -> None:
        self._saved: list[Any] | None = None

    def start(self) -> None:
        """Make the terminal raw."""
        self._saved = termios.tcgetattr(0)
        tty.setraw(0, termios.TCSANOW)

    def restore(self) -> None:
        """Give the terminal its settings back; what was typed and not yet read stays."""
        if self._saved is None:
            return
        with suppress(termios.error):  # the terminal may be gone
            # Not TCSADRAIN: a terminal that stopped taking output would keep us here for ever.
            termios.tcsetattr(0, termios.TCSANOW, self._saved)
        self._saved = None

    @contextmanager
    def suspendable(self, resized: Callable[[], object]) -> Iterator[None]:
        """Within it, SIGTSTP gives the terminal back while we are stopped; SIGWINCH and SIGCONT call `resized`."""

        def suspend(_number: int, _frame: object) -> None:
            raw = self._saved is not None
            self.restore()
            os.kill(os.getpid(), signal.SIGSTOP)
            if raw:
                self.start()
            resized()

        before = {
            signal.SIGTSTP: signal.signal(signal.SIGTSTP, suspend),
            signal.SIGWINCH: signal.signal(signal.SIGWINCH, lambda _number, _frame: resized()),
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class Screen:
    """Standard output, written without ever blocking the event loop that reads the node."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._descriptor, self._ours = _own_description(1)
        self._waiting = bytearray()
        self._drained = asyncio.Event()
        self._drained.set()
        self.lost = False
        """Whether standard output is gone."""

    def write(self, data: bytes) -> None:
        """Show `data`; afterwards `await room()` before more is taken from the node."""
        self._waiting += data
        if self._drained.is_set():
            self._flush()

    async def room(self) -> None:
        """Wait until the terminal has taken most of what it was given."""
        if len(self._waiting) > _ROOM:
            await self._drained.wait()

    async def finish(self, seconds: float) -> None:
        """Wait until everything is shown, at most `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._drained.wait()
        except TimeoutError:
            pass

    def close(self) -> None:
        """Give back what was opened."""
        asyncio.get_running_loop().remove_writer(self._descriptor)
        if self._ours:
            os.close(self._descriptor)

    def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                del self._waiting[: os.write(self._descriptor, self._waiting[: 1 << 16])]
        except BlockingIOError:
            self._drained.clear()
            loop.add_writer(self._descriptor, self._flush)
            return
        except OSError:  # EPIPE, EIO: nobody looks any more
            self._waiting.clear()
            self.lost = True
        if not self._drained.is_set():
            loop.remove_writer(self._descriptor)
            self._drained.set()


def _own_description(descriptor: int) -> tuple[int, bool]:
    """A non-blocking descriptor for the same file, and whether it is ours to close.

    O_NONBLOCK belongs to the open file description, which we share with the shell that started us: setting it
    there would break that shell. A terminal or a Linux pipe can be opened again; others rarely block.
    """
    try:
        if os.isatty(descriptor):
            path = os.ttyname(descriptor)
        elif stat.S_ISFIFO(os.fstat(descriptor).st_mode) and sys.platform == "linux":
            path = f"/proc/self/fd/{descriptor}"
        else:
            return descriptor, False
        return os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY), True
    except OSError:
        return descriptor, False
