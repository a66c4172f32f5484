"""Calls of many accounts and regions at once: how long each may take, and how hard one account may be asked."""

from __future__ import annotations

import random
import threading
import time
from typing import Any

from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError, ReadTimeoutError

from ssmx.aws.errors import THROTTLED
from ssmx.errors import TryLater

_AT_ONCE = 64  # calls of an account; AWS counts them for each region, so this is kind, and holds nobody up
_TRIES = 6  # of a call that is throttled: with the longest pauses about 20 seconds
_FIRST, _LONGEST = 0.5, 8.0  # seconds of a pause
_AGAIN = 0.3  # seconds until a call that was lost on its way, or that AWS failed at, is tried again, once
_STARTED = "ssmx_turn"


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

    def attach(self, client: Any) -> None:
        """Let the calls of this client be among these."""
        events, service = client.meta.events, client.meta.service_model.service_id.hyphenize()
        events.register(f"before-call.{service}", self._before)
        events.register(f"after-call.{service}", self._after)
        events.register(f"after-call-error.{service}", self._failed)
        events.register(f"needs-retry.{service}", self._again)

    def begin(self) -> None:
        """Something else that is to take no longer begins on this thread: a sign-in."""
        with self._lock:
            self._since[threading.get_ident()] = time.monotonic()

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

    def _before(self, *, context: dict[str, Any], **_: object) -> None:
        self.turns.settle()  # which is no fault of this call
        self.begin()
        if not self.turns.take(self.limit):
            self.end()
            raise self.late()
        context[_STARTED] = True
        self.begin()

    def _after(self, *, parsed: Any, context: dict[str, Any], **_: object) -> None:
        self._answered(context, throttled=_code(parsed) in THROTTLED)

    def _failed(self, *, context: dict[str, Any], **_: object) -> None:
        self._answered(context, throttled=False)

    def _answered(self, context: dict[str, Any], *, throttled: bool) -> None:
        self.end()
        if context.pop(_STARTED, False):
            self.turns.give_back(throttled=throttled)

    def _again(self, *, response: Any, caught_exception: Any, attempts: int, **_: object) -> float | None:
        """The seconds until the call is tried again; None where it is not."""
        if isinstance(caught_exception, ConnectTimeoutError | ReadTimeoutError):
            raise self.late() from caught_exception
        if caught_exception is not None:
            lost = isinstance(caught_exception, ConnectionClosedError) and attempts == 1
            return _AGAIN if lost else None
        answer, parsed = response
        if _code(parsed) in THROTTLED:
            if attempts >= _TRIES:
                return None
            pause = self.turns.throttled()
            with self._lock:  # AWS has answered, and this pause is ours
                self._since[threading.get_ident()] = time.monotonic() + pause
            return pause
        return _AGAIN if answer.status_code >= 500 and attempts == 1 else None


def _code(parsed: Any) -> str:
    return str(parsed.get("Error", {}).get("Code", "")) if isinstance(parsed, dict) else ""
