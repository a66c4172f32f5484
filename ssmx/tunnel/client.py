"""Run a program through a tunnel: it has the terminal and the signals, and its exit status is ours."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from ssmx.errors import ClientUnusable, NoClient
from ssmx.process import has_the_keys
from ssmx.signals import Signals
from ssmx.transport.terminal import kept


async def run(words: Sequence[str], env: Mapping[str, str], signals: Signals, *, check: Callable[[], None]) -> int:
    """Run it to its end; gives its status, 128 + n where a signal ended it. Raises ClientUnusable, NoClient.

    Signals that come meanwhile are the program's; `check` raises one that came before. The terminal is what it was
    afterwards.
    """
    loop = asyncio.get_running_loop()
    early: list[int] = []
    process: asyncio.subprocess.Process | None = None

    def pass_on(number: int) -> None:
        # What is typed at a terminal reaches every program in its foreground, us and the client alike.
        if number in (signal.SIGINT, signal.SIGQUIT) and has_the_keys():
            return
        if process is None:
            early.append(number)
            return
        with suppress(ProcessLookupError):
            process.send_signal(number)

    with kept(), signals.passed_on(lambda number: loop.call_soon_threadsafe(pass_on, number)):
        check()
        try:
            process = await asyncio.create_subprocess_exec(*words, env=env)
        except FileNotFoundError as error:
            raise NoClient(f"there is no program {words[0]!r}", hint="install it, or give its path") from error
        except OSError as error:
            raise ClientUnusable(f"{words[0]} cannot be run: {error.strerror}") from error
        for number in early:
            pass_on(number)
        status = await process.wait()
    return status if status >= 0 else 128 - status
