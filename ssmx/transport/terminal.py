"""The user's terminal: raw while a session runs, and afterwards bit for bit what it was."""

from __future__ import annotations

import asyncio
import os
import signal
import termios
import tty
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

from ssmx.errors import SsmxError
from ssmx.transport.interrupt import Interrupt
from ssmx.transport.sink import Sink

_LOOK_AGAIN = 0.5  # seconds between two looks whether the terminal is ours again
_PATIENCE = 1.0  # seconds that the last output may take while keys still go to the node


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
    """Standard input in raw mode: every key is a byte for the far side, Ctrl-C, Ctrl-Z and Ctrl-\\ too.

    `typed` gets the bytes, and none at all where the terminal is gone; `resized` is called when its size may
    have changed.
    """

    def __init__(self, *, typed: Callable[[bytes], None], resized: Callable[[], None]) -> None:
        self._typed = typed
        self._resized = resized
        self._loop = asyncio.get_running_loop()
        self._saved: list[Any] | None = None  # the settings to give back, once we changed them
        self._raw: list[Any] | None = None  # those we made
        self._started = False
        self._flows = True
        self._reading = False
        self._looking: asyncio.TimerHandle | None = None

    @property
    def started(self) -> bool:
        """Whether keys are the session's."""
        return self._started

    def start(self) -> None:
        """Make the terminal raw and read it."""
        self._started = True
        self._attend()

    def stop(self) -> None:
        """Read no more, and give the terminal its settings back; what was typed and not yet read stays."""
        self._started = False
        self._attend()

    def flow(self, *, on: bool) -> None:
        """Read, or leave what is typed or pasted in the terminal. Called for every message: mostly no news."""
        if on != self._flows:
            self._flows = on
            self._attend()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Within it, SIGTSTP gives the terminal back while we are stopped, and SIGWINCH tells of a new size."""

        def suspend(number: int, _frame: object) -> None:
            self._restore()
            # The kernel's own stop: it spares a process that nobody could continue, which SIGSTOP does not.
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            signal.signal(number, suspend)
            resume(number, None)

        def resume(_number: int, _frame: object) -> None:
            self._loop.call_soon_threadsafe(self._attend)
            self._loop.call_soon_threadsafe(self._resized)

        handlers: dict[int, Callable[[int, Any], object]] = {
            signal.SIGTSTP: suspend,
            signal.SIGCONT: resume,
            signal.SIGWINCH: lambda _number, _frame: self._loop.call_soon_threadsafe(self._resized),
        }
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _attend(self) -> None:
        """Be raw and read exactly while we are started and the terminal is ours."""
        wanted = self._started and _in_foreground()
        if wanted:
            self._make_raw()
        elif self._started and self._looking is None:
            # A job that runs in the background hears nothing when it is brought to the foreground.
            self._looking = self._loop.call_later(_LOOK_AGAIN, self._look)
        self._read(on=wanted and self._flows)
        if not self._started:
            self._restore()

    def _look(self) -> None:
        self._looking = None
        self._attend()

    def _make_raw(self) -> None:
        with suppress(termios.error):
            now = termios.tcgetattr(0)
            if now == self._raw:
                return  # a SIGCONT without a stop, or after one that nobody noticed
            self._saved = now
            tty.setraw(0, termios.TCSANOW)
            self._raw = termios.tcgetattr(0)

    def _read(self, *, on: bool) -> None:
        if on and not self._reading:
            self._loop.add_reader(0, self._readable)
        elif self._reading and not on:
            self._loop.remove_reader(0)
        self._reading = on

    def _readable(self) -> None:
        try:
            data = os.read(0, 1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._read(on=False)
            self._flows = False
        self._typed(data)

    def _restore(self) -> None:
        if self._saved is not None and _in_foreground():
            with suppress(termios.error):  # the terminal may be gone
                # Not TCSADRAIN: a terminal that stopped taking output would keep us here for ever.
                termios.tcsetattr(0, termios.TCSANOW, self._saved)
        self._saved = self._raw = None


def _in_foreground() -> bool:
    """Whether the terminal is ours: changing or reading it from the background would stop us (SIGTTOU, SIGTTIN)."""
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return True


@contextmanager
def kept() -> Iterator[None]:
    """After it the terminal's settings are what they were, whatever another program left them in."""
    try:
        before = termios.tcgetattr(0)
    except termios.error:
        yield
        return
    try:
        yield
    finally:
        with suppress(termios.error):
            if _in_foreground() and termios.tcgetattr(0) != before:
                termios.tcsetattr(0, termios.TCSANOW, before)


class Screen(Sink):
    """Standard output as the screen of a session."""

    def __init__(self) -> None:
        super().__init__(1)

    async def finish(self, keyboard: Keyboard, interrupt: Interrupt) -> None:
        """Show what is left, however slow the reader is, unless a signal ends us; then let go of the terminal."""
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE):
                    await self.drained()
            if self.behind and not interrupt.came:
                keyboard.stop()  # so that Ctrl-C is a signal again
                with suppress(SsmxError):
                    await interrupt.beside(self.drained())
        finally:
            keyboard.stop()
            self.close()


@asynccontextmanager
async def attached(keyboard: Keyboard, screen: Screen, interrupt: Interrupt) -> AsyncIterator[None]:
    """Within it the terminal is a session's; afterwards all is shown, and the terminal is what it was.

    Raises what the block raises, else why nothing could be shown, else the error of a signal that came late.
    """
    try:
        with keyboard.watched():
            yield
    except SsmxError:
        if keyboard.started and os.isatty(1):
            screen.write(b"\r\n")  # what went wrong stands on a line of its own
        raise
    finally:
        await screen.finish(keyboard, interrupt)
    screen.check()
    interrupt.check()
