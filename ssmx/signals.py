"""SIGINT, SIGTERM, SIGHUP and SIGQUIT as errors, raised where it is safe: never between a session and its end."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from ssmx.errors import HungUp, Interrupted, SsmxError, Terminated

_ENDINGS: dict[int, Callable[[], SsmxError]] = {
    signal.SIGINT: lambda: Interrupted("interrupted"),
    signal.SIGQUIT: lambda: Interrupted("quit"),
    signal.SIGTERM: lambda: Terminated("terminated"),
    signal.SIGHUP: lambda: HungUp("the terminal hung up"),
}

Handler = Callable[[int, FrameType | None], object]

# Seconds within which two signals are one: what a process group is sent, a parent that waits passes on as well.
ONE = 0.3


class Signalled(BaseException):
    """A signal, with its error. No Exception, because botocore repeats a call that ended with any of those."""

    def __init__(self, error: SsmxError) -> None:
        super().__init__(error.message)
        self.error = error


class Signals:
    """The signals that end a program. `say` takes a sentence for the user, in the middle of anything."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._pending: SsmxError | None = None

    @contextmanager
    def raised(self) -> Iterator[None]:
        """Within it, a signal raises Signalled wherever the program is."""
        with _handled(_raise):
            yield

    def pause(self, seconds: float) -> None:
        """Wait, unless a signal is remembered or comes: then raise its error."""
        end = time.monotonic() + seconds
        while self._pending is None and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))
        self._raise_pending()

    def _raise_pending(self) -> None:
        if self._pending is not None:
            pending, self._pending = self._pending, None
            raise pending

    @contextmanager
    def held(self, why: str) -> Iterator[None]:
        """Within it, a signal is remembered, and raised as its error at the end; a second Ctrl-C raises at once.

        `why` tells the user what the first one waits for. An error of the block itself is not replaced.
        """

        first: float | None = None

        def remember(number: int, frame: FrameType | None) -> None:
            nonlocal first
            now = time.monotonic()
            if number == signal.SIGINT and (first is None or now - first > ONE):
                if first is not None:
                    _raise(number, frame)
                first = now
                self._say(f"{why}; Ctrl-C again leaves at once")
            self._pending = self._pending or _ENDINGS[number]()

        with _handled(remember):
            yield
        self._raise_pending()

    @contextmanager
    def told(self, callback: Callable[[SsmxError], object]) -> Iterator[None]:
        """Within it, a signal calls `callback` with its error; one that is remembered already does so first."""
        if self._pending is not None:
            pending, self._pending = self._pending, None
            callback(pending)
        with _handled(lambda number, frame: callback(_ENDINGS[number]())):
            yield

    @contextmanager
    def passed_on(self, callback: Callable[[int], object]) -> Iterator[None]:
        """Within it, a signal calls `callback` with its number: another program is to have it."""
        with _handled(lambda number, frame: callback(number)):
            yield


def _raise(number: int, frame: FrameType | None) -> None:
    raise Signalled(_ENDINGS[number]())


@contextmanager
def _handled(handler: Handler) -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in _ENDINGS}
    for number, previous in before.items():
        if previous not in (signal.SIG_IGN, None):  # nohup ignores SIGHUP for us: leave it so
            signal.signal(number, handler)
    try:
        yield
    finally:
        for number, previous in before.items():
            if previous is not None:
                signal.signal(number, previous)
