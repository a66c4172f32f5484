"""Calls of many accounts and regions at once: how long each may take, and how hard one account may be asked."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from ssmx.aws.lean.answers import RefusedError
from ssmx.aws.lean.http import LostError, NotSentError
from ssmx.errors import TryLater

T = TypeVar("T")

_AT_ONCE = 64  # calls of an account; AWS counts them for each region, so this is kind, and holds nobody up
_TRIES = 6  # of a call that is throttled: with the longest pauses about 20 seconds
_FIRST, _LONGEST = 0.5, 8.0  # seconds of a pause
_AGAIN = 0.3  # seconds until a call that was lost on its way, or that AWS failed at, is tried again, once


class Turns:
    """One account's: so many calls at once, and a pause for all of them where AWS throttles one, which grows."""

    def __init__(self) -> None:
        self._free = threading.Semaphore(_AT_ONCE)
        self._lock = threading.Lock()
        self._pause = 0.0
        self._until = 0.0

    def settle(self) -> None:
        """Wait for the end of a pause."""
        while (left := self._until - time.monotonic()) > 0:
            time.sleep(left)

    def take(self, seconds: float) -> bool:
        """Wait for a turn, so long at most; whether it has come."""
        return self._free.acquire(timeout=seconds)

    def give_back(self, *, throttled: bool) -> None:
        """The call was answered."""
        self._free.release()
        if not throttled:
            with self._lock:
                self._pause /= 2

    def throttled(self) -> float:
        """AWS takes no more for now: the seconds until it is asked again, by anybody."""
        with self._lock:
            now = time.monotonic()
            if now >= self._until:  # several calls that are throttled together are one reason to wait
                self._pause = min(max(2 * self._pause, _FIRST), _LONGEST)
                self._until = now + self._pause
            return self._until - now + random.uniform(0, 0.5) * self._pause  # noqa: S311  # jitter


class Calls:
    """The calls of one account and region: each is to be answered within `limit` seconds."""

    def __init__(self, turns: Turns, limit: float) -> None:
        self.limit = limit
        self.turns = turns
        self._lock = threading.Lock()
        self._since: dict[int, float] = {}
        """When each call that is not answered began, by its thread."""

    def begin(self, *, after: float = 0.0) -> None:
        """Something begins on this thread that is to take no longer, after so many seconds."""
        with self._lock:
            self._since[threading.get_ident()] = time.monotonic() + after

    def end(self) -> None:
        """It has ended."""
        with self._lock:
            self._since.pop(threading.get_ident(), None)

    def waited(self) -> float:
        """The seconds that the oldest call without an answer has taken; 0 where there is none."""
        with self._lock:
            return max(0.0, time.monotonic() - min(self._since.values(), default=time.monotonic()))

    def late(self) -> TryLater:
        """The error of what took longer."""
        return TryLater(f"no answer in {self.limit:g} s", hint="check the network; give it more with scope_timeout")

    def enter(self) -> None:
        """A call begins, when its turn has come. Raises TryLater where it does not come."""
        self.turns.settle()  # which is no fault of this call
        self.begin()
        if not self.turns.take(self.limit):
            self.end()
            raise self.late()
        self.begin()

    def leave(self, *, throttled: bool) -> None:
        """A call has ended that was entered."""
        self.end()
        self.turns.give_back(throttled=throttled)

    def pause(self, tries: int, *, throttled: bool = False, failed: bool = False) -> float | None:
        """The seconds until a call that has failed so often is tried again; None where it is not.

        `failed`: AWS could not answer, or the connection has ended before it did.
        """
        if throttled:
            return self.turns.throttled() if tries < _TRIES else None
        return _AGAIN if tries == 1 and failed else None

    def around(self, ask: Callable[[], T]) -> T:
        """One of lean's calls. Raises what it raises, and TryLater where that takes too long."""
        tries = 0
        while True:
            self.enter()
            throttled = False
            try:
                return ask()
            except RefusedError as error:
                tries, throttled = tries + 1, error.throttled
                pause = self.pause(tries, throttled=throttled, failed=error.status >= 500)
                if pause is None:
                    raise
            except (LostError, NotSentError) as error:
                if error.late:
                    raise self.late() from error
                tries += 1
                pause = self.pause(tries, failed=isinstance(error, LostError))
                if pause is None:
                    raise
            finally:
                self.leave(throttled=throttled)
            time.sleep(pause)
