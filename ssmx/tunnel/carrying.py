"""Carry forwards until they are over: ports first, then sessions, then the program that runs through them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any

from ssmx.errors import HungUp, Interrupted, LocalFault, SsmxError, Terminated
from ssmx.signals import Signals
from ssmx.transport.interrupt import Interrupt, on_thread, run
from ssmx.transport.terminal import kept
from ssmx.tunnel import client
from ssmx.tunnel.answering import answering
from ssmx.tunnel.kept import Kept
from ssmx.tunnel.support import Client, Then, Tunnel


def carry(tunnels: Sequence[Tunnel], signals: Signals, then: Then, *, has_client: bool, socket: Path | None) -> int:
    """Carry until the user or the client ends it; gives the exit status. Raises what ends it badly.

    At `socket` other ssmx can ask about them. Every session is ended and the terminal is what it was before this
    returns or raises.
    """
    with ExitStack() as stack:
        stack.enter_context(kept())
        if has_client:
            for each in tunnels:
                stack.enter_context(each.support.nobody_asked())  # the terminal is the client's
        return run(signals, lambda interrupt: _Carrying(tunnels, signals, interrupt, socket).run(then))


class _Carrying:
    """The tunnels of one command."""

    def __init__(
        self, tunnels: Sequence[Tunnel], signals: Signals, interrupt: Interrupt, socket: Path | None
    ) -> None:
        self._interrupt = interrupt
        self._signals = signals
        self._socket = socket
        self._error, self._note = tunnels[0].support.error, tunnels[0].support.note
        several = len(tunnels) > 1
        self._kept = [Kept(each, several=several, hurry=interrupt.again) for each in tunnels]

    async def run(self, then: Then) -> int:
        """To the end; see `carry`."""
        interrupt = self._interrupt
        status, reason, ready = 70, "failed", False
        async with AsyncExitStack() as stack:
            if self._socket is not None:
                try:
                    await stack.enter_async_context(answering(self._socket, self._answer))
                except LocalFault as fault:  # a tunnel is a tunnel, also where nobody can ask it
                    self._note(f"`ssmx ps` does not see what this does: {fault.message}")
            try:
                for each in self._kept:
                    await each.listen()
                await interrupt.beside(_all([each.begin() for each in self._kept]))
                ready = True
                keeping = asyncio.ensure_future(_all([each.run() for each in self._kept]))
                places = [each.place for each in self._kept]
                try:
                    program = await interrupt.beside(on_thread(lambda: then(places)))
                    if program is None:
                        await interrupt.beside(keeping)
                    elif isinstance(program, int):
                        status, reason = program, "done"
                    else:
                        keeping.add_done_callback(self._tell)
                        signals = self._signals
                        status = await client.run(program.words, program.env, signals, check=interrupt.check)
                        reason = "the client ended"
                finally:
                    keeping.cancel()
                    await asyncio.gather(keeping, return_exceptions=True)
            except (Interrupted, Terminated, HungUp) as error:
                status, reason = error.exit, error.message
                if not ready:
                    raise
            except SsmxError as error:
                status, reason = error.exit, error.message
                raise
            finally:
                with self._signals.held("ending the sessions first"):
                    await asyncio.gather(*(each.close() for each in self._kept))
                for each in self._kept:
                    each.events.closed(status, reason)
        return status

    async def _answer(self, _request: Mapping[str, Any]) -> Mapping[str, Any]:
        """What others are told who ask."""
        return {"tunnels": [each.facts().as_json() for each in self._kept]}

    def _tell(self, keeping: asyncio.Future[None]) -> None:
        """A forward is over, and the client is not: it ends by itself, or its user ends it."""
        error = None if keeping.cancelled() else keeping.exception()
        if isinstance(error, SsmxError):
            self._error(error)
        elif error is not None:
            self._error(SsmxError(f"{type(error).__name__}: {error}"))


async def _all(doing: Sequence[object]) -> None:
    """Do all at once; raises the first error, and ends the rest then."""
    tasks = [asyncio.ensure_future(each) for each in doing]  # type: ignore[call-overload]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def run_client(program: Client, signals: Signals) -> int:
    """Run a program through a tunnel that another process keeps; gives its exit status, as `client.run` does."""

    async def to_the_end(interrupt: Interrupt) -> int:
        return await client.run(program.words, program.env, signals, check=interrupt.check)

    with kept():
        return run(signals, to_the_end)
