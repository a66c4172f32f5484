"""Carry forwards until they are over: ports first, then sessions, then the program that runs through them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack

from ssmx.errors import HungUp, Interrupted, SsmxError, Terminated
from ssmx.transport.interrupt import Interrupt, on_thread, run
from ssmx.transport.terminal import kept
from ssmx.tunnel import client
from ssmx.tunnel.events import Events
from ssmx.tunnel.listener import Listener
from ssmx.tunnel.places import listen
from ssmx.tunnel.supervisor import Supervisor
from ssmx.tunnel.support import Lane, Support, Then


def carry(lanes: Sequence[Lane], support: Support, then: Then, *, has_client: bool) -> int:
    """Carry until the user or the client ends it; gives the exit status. Raises what ends it badly.

    Every session is ended and the terminal is what it was before this returns or raises.
    """
    with ExitStack() as stack:
        stack.enter_context(kept())
        if has_client:
            stack.enter_context(support.nobody_asked())  # the terminal is the client's
        return run(support.signals, lambda interrupt: _Carrying(lanes, support, interrupt).run(then))


class _Carrying:
    """The forwards of one command."""

    def __init__(self, lanes: Sequence[Lane], support: Support, interrupt: Interrupt) -> None:
        self._interrupt = interrupt
        self._lanes = lanes
        self._support = support
        several = len(lanes) > 1
        self._events = [Events(support, name=each.name, forward=each.forward, several=several) for each in lanes]
        self._supervisors = [
            Supervisor(support, lane.route, lane.forward, events, hurry=interrupt.again)
            for lane, events in zip(lanes, self._events, strict=True)
        ]
        self._listeners = [Listener(each, refused=each.refused) for each in self._supervisors]

    async def run(self, then: Then) -> int:
        """To the end; see `carry`."""
        interrupt = self._interrupt
        status, reason, ready = 70, "failed", False
        try:
            for lane, events, listener in zip(self._lanes, self._events, self._listeners, strict=True):
                events.place = await listen(self._support, listener, lane.forward.local, key=lane.key)
            await interrupt.beside(_all([each.begin() for each in self._supervisors]))
            ready = True
            keeping = asyncio.ensure_future(_all([each.run() for each in self._supervisors]))
            places = [each.place for each in self._events]
            try:
                program = await interrupt.beside(on_thread(lambda: then(places)))
                if program is None:
                    await interrupt.beside(keeping)
                elif isinstance(program, int):
                    status, reason = program, "done"
                else:
                    keeping.add_done_callback(self._tell)
                    signals = self._support.signals
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
            with self._support.signals.held("ending the sessions first"):
                await asyncio.gather(*(each.close() for each in self._listeners))
                await asyncio.gather(*(each.close() for each in self._supervisors))
            for events in self._events:
                events.closed(status, reason)
        return status

    def _tell(self, keeping: asyncio.Future[None]) -> None:
        """A forward is over, and the client is not: it ends by itself, or its user ends it."""
        error = None if keeping.cancelled() else keeping.exception()
        if isinstance(error, SsmxError):
            self._support.error(error)
        elif error is not None:
            self._support.error(SsmxError(f"{type(error).__name__}: {error}"))


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
