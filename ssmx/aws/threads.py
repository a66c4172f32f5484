"""Ask AWS several things at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

_AT_ONCE = 8  # calls


@contextmanager
def threads() -> Iterator[Executor]:
    """Threads for calls that do not need each other; Ctrl-C does not wait for their answers."""
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def chunks(items: Sequence[T], size: int) -> list[list[T]]:
    """The items in lists of so many, because a call takes no more."""
    return [list(items[at : at + size]) for at in range(0, len(items), size)]
