"""Keep a link to a far port for as long as it is wanted: replace a dead one, through another node where needed.

The listener in front of it never knows: it asks for streams, and waits where there is no link.
"""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import suppress
from typing import NoReturn
from weakref import WeakKeyDictionary

from ssmx.errors import PortUnreachable, SessionLost, SsmxError, TargetOffline, TryLater
from ssmx.model.forward import Forward
from ssmx.model.session import Outcome
from ssmx.model.target import Target
from ssmx.transport.interrupt import on_thread
from ssmx.transport.link import Receiver, Stream
from ssmx.tunnel.events import Events
from ssmx.tunnel.opening import FIRST_PAUSE, Demand, Held, Opening
from ssmx.tunnel.support import Route, Support

_STEADY_SECONDS = 5.0  # a link that has stood so long was a good one
_HOLD_SECONDS = 60.0  # a client is kept waiting for a link
_NO_ANSWER_SECONDS = 6.0  # from the first connection, until the user is told that nothing has come back
_SILENT_SECONDS = 5.0  # without an acknowledgement, until it is asked whether the node is still there
_LOOK_SECONDS = 1.0
_AGAIN_SECONDS = 10.0  # between two such questions, and between two sessions because of a refusal
_GRACE_SECONDS = 2.0  # in which a link that is left still tells which of its connections were refused


class Supervisor:
    """The links of one forward, one after the other, on the running event loop. A Source of streams.

    `begin` opens the first, `run` keeps one, `close` ends everything.
    """

    def __init__(
        self, support: Support, route: Route, forward: Forward, events: Events, *, hurry: asyncio.Event
    ) -> None:
        self._support = support
        self._route = route
        self._forward = forward
        self._events = events
        self._demand = Demand()
        self._opening = Opening(support, route, events, demand=self._demand, hurry=hurry)
        self._held: Held | None = None
        self._live = asyncio.Event()  # the link that stands is not to be left
        self._leave: asyncio.Future[SsmxError] = asyncio.get_running_loop().create_future()
        self._links: WeakKeyDictionary[Stream, Held] = WeakKeyDictionary()
        self._looked_again = 0.0
        self._carried = False  # anything, ever
        self._over: SsmxError | None = None
        self._worked: Held | None = None  # the link of which the route knows that it does
        self._closing = asyncio.Event()
        self._abandoned: set[asyncio.Task[None]] = set()

    async def begin(self) -> None:
        """Open the first link. Raises why that cannot be."""
        self._install(await self._opening.first())

    async def run(self) -> NoReturn:
        """Keep a link; raises the error with which that is over for good."""
        try:
            while True:
                await self._one_link()
        except Exception as error:
            self._finish(error if isinstance(error, SsmxError) else SsmxError(f"{type(error).__name__}: {error}"))
            raise

    async def stream(self, receiver: Receiver) -> Stream:
        """A stream of the link that stands, or of the next one. Raises TryLater where that takes too long."""
        deadline = time.monotonic() + _HOLD_SECONDS
        while True:
            held = await self._next_link(deadline)
            try:
                stream = await held.link.stream(receiver)
            except SsmxError:
                if not held.link.is_over:
                    raise
                if self._held is held:  # `run` will know in a moment
                    self._live.clear()
            else:
                self._links[stream] = held
                held.wanted = held.wanted or time.monotonic()
                return stream

    def refused(self, stream: Stream) -> bool:
        """The node could not connect this stream to the far port; gives whether another is to be tried."""
        held, now = self._links.get(stream), time.monotonic()
        if held is None or held is not self._held or self._leave.done():
            return True  # that link is left already
        error = self._unreachable(held)
        if not held.link.carried and self._route.gone(error):
            self._events.trying(error)
        elif self._may_look_again(held, now):
            self._looked_again = now
            self._events.reconnecting(error)
        else:
            self._events.refused(error)
            return False
        self._live.clear()
        self._leave.set_result(error)
        return True

    async def close(self) -> None:
        """End the link and every session that is still to be ended."""
        self._closing.set()
        self._finish(SessionLost("the tunnel is closed"))
        if self._held is not None:
            held, self._held = self._held, None
            await self._remember(held)
            await held.link.close()
            self._opening.end(held.session.id, Outcome(0, "exited"))
        await asyncio.gather(*self._abandoned)
        await self._opening.close()

    def _finish(self, error: SsmxError) -> None:
        """There are no links any more; those who wait for one hear of it."""
        self._over = self._over or error
        self._live.set()

    # one link

    async def _one_link(self) -> None:
        """From a link that stands to the next one that does."""
        assert self._held is not None
        held, error = self._held, await self._until_over(self._held)
        left = self._leave.done()
        self._held = None
        self._live.clear()
        self._abandon(held, error, at_once=not left)
        self._carried |= held.link.carried
        await self._remember(held)
        if isinstance(error, PortUnreachable) and not (left or self._carried):
            raise error  # an old agent says so when the session begins, and nobody listens there
        if held.link.was_closed and not held.link.carrying and not self._demand.waiting:
            self._events.idle(error)
            self._demand.came.clear()
            await self._demand.came.wait()
        elif not left:
            self._events.reconnecting(error)
        steady = left or time.monotonic() - held.since > _STEADY_SECONDS
        self._install(await self._opening.again(pause=0.0 if steady else FIRST_PAUSE))

    def _install(self, held: Held) -> None:
        self._held = held
        self._leave = asyncio.get_running_loop().create_future()
        self._live.set()
        self._events.ready(held.plan, held.session.id)

    async def _next_link(self, deadline: float) -> Held:
        self._demand.waiting += 1
        try:
            while self._over is not None or self._held is None or not self._live.is_set():
                if self._over is not None:
                    raise self._over
                self._demand.came.set()
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TryLater(f"no link in {_HOLD_SECONDS:.0f} seconds")
                with suppress(TimeoutError):
                    async with asyncio.timeout(left):
                        await self._live.wait()
        finally:
            self._demand.waiting -= 1
        return self._held

    async def _until_over(self, held: Held) -> SsmxError:
        """Wait for the end of a link, or for a reason to leave it; gives why."""
        ended = asyncio.ensure_future(held.link.ended())
        watching = asyncio.ensure_future(self._watch(held))
        waited: set[asyncio.Future[SsmxError]] = {ended, watching, self._leave}
        try:
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            return next(each for each in (ended, self._leave, watching) if each.done()).result()
        finally:
            ended.cancel()
            watching.cancel()
            await asyncio.gather(ended, watching, return_exceptions=True)

    async def _watch(self, held: Held) -> SsmxError:
        """Find out that the node is gone: the service keeps the connection, and nobody answers any more."""
        asked = 0.0
        resuming = False
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            await self._remember(held)
            self._tell_of_silence(held)
            if held.link.is_resuming is not resuming:
                resuming = not resuming
                if resuming:
                    self._events.resuming()
                else:
                    self._events.resumed(held.plan, held.session.id)
            if held.link.unanswered < _SILENT_SECONDS or time.monotonic() - asked < _AGAIN_SECONDS:
                continue
            asked = time.monotonic()
            if why := await self._why_gone(held.plan.target):
                gone = TargetOffline(f"{held.plan.target.label} is {why}")
                self._route.gone(gone)
                return gone

    def _tell_of_silence(self, held: Held) -> None:
        """Say, once for each link, that the far side has not answered: something may drop what goes there."""
        waited = time.monotonic() - held.wanted if held.wanted else 0.0
        if self._forward.host and not held.link.carried and held.link.carrying and waited > _NO_ANSWER_SECONDS:
            held.wanted = math.inf
            self._events.unanswered(held.plan, waited)

    async def _remember(self, held: Held) -> None:
        """Tell the route, once for each link, that its node does."""
        if held.link.carried and self._worked is not held:
            self._worked = held
            await on_thread(lambda: self._route.worked(held.plan.target))

    async def _why_gone(self, target: Target) -> str:
        """The state of a node that no session can be on; empty where one can, or where AWS does not tell."""
        try:
            return await on_thread(lambda: self._support.why_gone(target))
        except SsmxError as error:
            self._support.detail(f"cannot ask for {target.label}: {error.message}")
            return ""

    def _abandon(self, held: Held, error: SsmxError, *, at_once: bool) -> None:
        """Let go of a link in the background, and end its session."""

        async def close() -> None:
            if not at_once:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_GRACE_SECONDS):
                        await self._closing.wait()
            await held.link.close()
            self._opening.end(held.session.id, Outcome(error.exit, error.code))

        closing = asyncio.create_task(close())
        self._abandoned.add(closing)
        closing.add_done_callback(self._abandoned.discard)

    # refusals

    def _unreachable(self, held: Held) -> PortUnreachable:
        hint = "look there whether a server listens on it: `ss -ltn`"
        if self._forward.host:
            hint = "look at its security groups, and whether it runs"
        return PortUnreachable(f"{held.plan.target.label} cannot connect to {self._forward.far}", hint=hint)

    def _may_look_again(self, held: Held, now: float) -> bool:
        """Whether another session may help: an agent looks a host up when one begins, and follows no failover."""
        return bool(
            self._forward.host
            and now - held.since > _STEADY_SECONDS
            and now - self._looked_again > _AGAIN_SECONDS
            and held.link.carrying <= 1
        )
