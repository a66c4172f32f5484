"""Lines on a terminal that are drawn again about each second, until the user has enough of them."""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from ssmx.errors import HungUp, Interrupted, SsmxError
from ssmx.model.wording import printable
from ssmx.signals import Signals
from ssmx.ui.show import shade, styled, width

Line = Sequence[tuple[str, str]]
"""A line: texts, each with its style, which may be empty."""

_SECONDS = 1.0
# xterm's control sequences: another screen, which leaves the user's as it is, and the cursor.
_ENTER, _LEAVE = b"\x1b[?1049h\x1b[?25l", b"\x1b[?25h\x1b[?1049l"
_HOME, _TO_END_OF_LINE, _TO_END = "\x1b[H", "\x1b[K", "\x1b[J"


def is_possible() -> bool:
    """Whether there is a terminal, with keys, that can be drawn on."""
    return os.isatty(0) and os.isatty(1) and os.environ.get("TERM", "dumb") != "dumb"


def watch(signals: Signals, look: Callable[[], Sequence[Line]]) -> None:
    """Draw what `look` gives until q or Ctrl-C; raises what `look` raises, and the error of another signal.

    The terminal is what it was before this returns or raises, and while the user has stopped us with Ctrl-Z.
    """
    ended: list[SsmxError] = []
    with ExitStack() as stack:
        wake, woken = stack.enter_context(_alarm())

        def end(error: SsmxError) -> None:
            ended.append(error)
            wake()

        stack.enter_context(signals.told(end))
        screen = stack.enter_context(_screen(wake))
        lines, again = look(), time.monotonic() + _SECONDS
        while not ended:
            screen.draw(lines)
            ready, _, _ = select.select([0, woken], [], [], max(0.0, again - time.monotonic()))
            if woken in ready:
                os.read(woken, 1 << 10)
            if 0 in ready and _has_enough():
                return
            if time.monotonic() >= again:
                lines, again = look(), time.monotonic() + _SECONDS
    if not isinstance(ended[0], Interrupted):
        raise ended[0]


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Line]:
    """Rows below their headings; the words of states have their colours."""
    cells = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(headings, *cells, strict=True)]

    def padded(row: Sequence[str]) -> list[str]:
        return [cell + " " * (space - width(cell) + 2) for cell, space in zip(row, widths, strict=True)]

    return [
        [(cell, "bold") for cell in padded(headings)],
        *([(cell, shade(cell)) for cell in padded(row)] for row in cells),
    ]


def cut(line: Line, columns: int) -> Line:
    """As much of a line as fits into so many columns."""
    shown: list[tuple[str, str]] = []
    for text, style in line:
        kept = ""
        for each in printable(text):
            columns -= width(each)
            if columns < 0:
                return [*shown, (kept, style)]
            kept += each
        shown.append((kept, style))
    return shown


class _Screen:
    """The terminal while it is drawn on."""

    def __init__(self) -> None:
        self._before: list[Any] | None = None

    def enter(self) -> None:
        """Keys come one by one and are not shown; the cursor is hidden. Raises HungUp."""
        try:
            self._before = termios.tcgetattr(0)
            tty.setcbreak(0, termios.TCSANOW)  # in the background this stops us, as it should
        except termios.error as error:
            raise HungUp("the terminal hung up") from error
        _write(_ENTER)

    def leave(self) -> None:
        """The terminal is what it was."""
        if self._before is None:
            return
        with suppress(OSError, termios.error):  # it may be gone
            if os.tcgetpgrp(0) == os.getpgrp():
                _write(_LEAVE)
                termios.tcsetattr(0, termios.TCSANOW, self._before)
        self._before = None

    def draw(self, lines: Sequence[Line]) -> None:
        """Draw these in the place of what was drawn, as much as the window holds. Raises HungUp."""
        try:
            columns, height = os.get_terminal_size(1)
        except OSError as error:
            raise HungUp("the terminal hung up") from error
        columns, height = columns or 80, height or 24
        if len(lines) > height:
            lines = [*lines[: height - 1], [(f"… {len(lines) - height + 1} more lines", "dim")]]
        # The last column stays free: behind a line that fills its row, terminals differ on where the cursor is.
        drawn = ("".join(styled(*each, sys.stdout) for each in cut(line, columns - 1)) for line in lines)
        text = _HOME + f"{_TO_END_OF_LINE}\r\n".join(drawn) + _TO_END
        _write(text.encode(sys.stdout.encoding, "replace"))


@contextmanager
def _screen(wake: Callable[[], None]) -> Iterator[_Screen]:
    """Within it the terminal is drawn on, but for the time in which the user has stopped us."""
    screen = _Screen()

    def suspend(number: int, _frame: object) -> None:
        screen.leave()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        signal.signal(number, suspend)
        with suppress(HungUp):  # the next drawing says so
            screen.enter()
        wake()

    before = {
        signal.SIGTSTP: signal.signal(signal.SIGTSTP, suspend),
        signal.SIGWINCH: signal.signal(signal.SIGWINCH, lambda _number, _frame: wake()),
    }
    try:
        screen.enter()
        yield screen
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        screen.leave()


@contextmanager
def _alarm() -> Iterator[tuple[Callable[[], None], int]]:
    """What signal handlers call to be heard by a select, and the descriptor that is readable then."""
    reads, writes = os.pipe()
    os.set_blocking(writes, False)

    def wake() -> None:
        with suppress(BlockingIOError):
            os.write(writes, b".")

    try:
        yield wake, reads
    finally:
        os.close(reads)
        os.close(writes)


def _has_enough() -> bool:
    """Read what was typed; whether it is q. Raises HungUp."""
    try:
        typed = os.read(0, 1 << 10)
    except OSError as error:
        raise HungUp("the terminal hung up") from error
    if not typed:
        raise HungUp("the terminal hung up")
    return b"q" in typed.lower()


def _write(data: bytes) -> None:
    """Write all of it. Raises HungUp."""
    try:
        while data:
            data = data[os.write(1, data) :]
    except OSError as error:
        raise HungUp("the terminal hung up") from error
