"""The event loop of one session, and the signal that ends it early."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar, cast

from ssmx import garbage
from ssmx.errors import SsmxError
from ssmx.signals import ONE, Signals

T = TypeVar("T")


class Interrupt:
    """A signal that ends the session, once it has come."""

    def __init__(self) -> None:
        self._future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._first = 0.0
        self.again = asyncio.Event()
        """Set by a second one: whoever ends is to hurry."""

    @property
    def came(self) -> bool:
        """Whether it has come."""
        return self._future.done()

    def set(self, error: SsmxError) -> None:
        """It comes; a second one is in a hurry."""
        now = time.monotonic()
        if not self._future.done():
            self._first = now
        elif now - self._first > ONE:
            self.again.set()
        fail(self._future, error)

    def check(self) -> None:
        """Raise its error if it has come."""
        if self._future.done():
            self._future.result()

    async def beside(self, doing: Coroutine[Any, Any, T] | asyncio.Future[T]) -> T:
        """What `doing` gives, unless the signal comes first; raises what either raises."""
        task = asyncio.ensure_future(doing)
        waiting: set[asyncio.Future[Any]] = {task, self._future}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        self._future.result()
        raise AssertionError("an interrupt always fails")


def run(signals: Signals, carry: Callable[[Interrupt], Coroutine[Any, Any, T]]) -> T:
    """Run `carry` on an event loop; signals come to it as its Interrupt."""

    async def told() -> T:
        garbage.carry_on()
        loop = asyncio.get_running_loop()
        loop.set_default_executor(_Unawaited())
        interrupt = Interrupt()
        with signals.told(lambda error: loop.call_soon_threadsafe(interrupt.set, error)):
            return await carry(interrupt)

    return asyncio.run(told())


async def on_thread(call: Callable[[], T]) -> T:
    """What `call` gives, made on a thread that nobody waits for when we end: AWS, or the user, may take long."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return  # cancelled
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(cast(T, result))

    def work() -> None:
        result: T | None = None
        error: BaseException | None = None
        try:
            result = call()
        except BaseException as raised:
            error = raised
        with suppress(RuntimeError):  # the loop is gone
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=work, daemon=True).start()
    return await future


def fail(future: asyncio.Future[None], error: BaseException) -> None:
    """Let `future` fail, unless it has ended."""
    if not future.done():
        future.set_exception(error)
        future.exception()  # asyncio complains of an error nobody asks for; the end may have come first


def fail_with(task: asyncio.Task[None], future: asyncio.Future[None]) -> None:
    """Let `future` fail with what `task`, which has ended, failed with."""
    if not task.cancelled() and (error := task.exception()) is not None:
        fail(future, error)


class _Unawaited(ThreadPoolExecutor):
    """Threads that asyncio looks names up in; the end of a session does not wait for a slow name server."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let go of them; what `wait` asks for is not done."""
        super().shutdown(wait=False, cancel_futures=True)
