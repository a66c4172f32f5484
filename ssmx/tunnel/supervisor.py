"""Keep a link to a far port for as long as it is wanted: replace a dead one, through another node where needed."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from ssmx.errors import PortUnreachable, SessionLost, SsmxError, TargetOffline
from ssmx.model.running import LaneFacts
from ssmx.model.session import Outcome
from ssmx.model.target import Target
from ssmx.transport.interrupt import on_thread
from ssmx.transport.link import Receiver, Stream
from ssmx.tunnel.events import LaneEvents
from ssmx.tunnel.opening import FIRST_PAUSE, Demand, Held, Opening
from ssmx.tunnel.support import Route, Support

_STEADY_SECONDS = 5.0  # a link that has stood so long was a good one
_NO_ANSWER_SECONDS = 6.0  # from the first connection, until the user is told that nothing has come back
_SILENT_SECONDS = 5.0  # without an acknowledgement, until it is asked whether the node is still there
_LOOK_SECONDS = 1.0
_FAILED_PAUSE = 1.0  # seconds after a failure, until another try is made for somebody else
_AGAIN_SECONDS = 10.0  # between two such questions, and between two sessions because of a refusal
_GRACE_SECONDS = 2.0  # in which a link that is left still tells which of its connections were refused

UNUSED = SessionLost("nobody used the session, and it is ended")


class Supervisor:
    """The links of one lane, one after the other, on the running event loop.

    `begin` opens the first, `run` keeps one, `close` ends everything. Where `idle_seconds` is not 0, a link is
    opened when somebody waits for one, and ends when it has had no connection for so long; what goes wrong then is
    told to those who wait, and the next one has another try. `changed` is called when it is worth another look.
    """

    def __init__(
        self,
        support: Support,
        route: Route,
        events: LaneEvents,
        *,
        idle_seconds: float = 0.0,
        changed: Callable[[], None],
        hurry: asyncio.Event,
    ) -> None:
        self._support = support
        self._route = route
        self._events = events
        self._idle_seconds = idle_seconds
        self._changed = changed
        self.demand = Demand()
        self._opening = Opening(support, route, events, demand=self.demand, hurry=hurry)
        self._held: Held | None = None
        self._live = False  # the link that stands is not to be left
        self._leave: asyncio.Future[SsmxError] = asyncio.get_running_loop().create_future()
        self._streams: dict[Stream, Held] = {}
        self._looked_again = 0.0
        self._carried = False  # anything, ever
        self.over: SsmxError | None = None
        """Why there will be no links any more."""
        self.failure: SsmxError | None = None
        """Why there was none the last time; None where there was."""
        self.failures = 0
        self._worked: Held | None = None  # the link of which the route knows that it does
        self._closing = asyncio.Event()
        self._abandoned: set[asyncio.Task[None]] = set()
        self._reconnects = 0

    @property
    def is_live(self) -> bool:
        """Whether a link stands that takes connections: one that is being resumed may take minutes for that."""
        return self._live and self._held is not None and not self._held.link.is_resuming

    @property
    def load(self) -> int:
        """How many connections the link that stands carries."""
        return self._held.streams if self._held is not None else 0

    def facts(self) -> LaneFacts:
        """What it does at this moment."""
        held, events = self._held, self._events
        if held is None:
            return LaneFacts(events.state, reconnects=self._reconnects, problem=events.problem)
        return LaneFacts(
            events.state,
            session=held.session.id,
            target=held.plan.target.id,
            target_name=held.plan.target.name,
            connections=held.streams,
            reconnects=self._reconnects,
            problem=events.problem,
        )

    async def begin(self) -> None:
        """Open the first link. Raises why that cannot be."""
        self._events.connecting()
        self._install(await self._opening.first())

    async def run(self) -> NoReturn:
        """Keep a link; raises the error with which that is over for good."""
        while True:
            try:
                if self._held is None:
                    await self._open()
                await self._one_link()
            except Exception as error:
                known = error if isinstance(error, SsmxError) else SsmxError(f"{type(error).__name__}: {error}")
                if not self._idle_seconds:
                    self._finish(known)
                    raise
                self._fail(known)

    async def offer(self, receiver: Receiver) -> Stream | None:
        """A stream of the link that stands; None where it has just ended. Raises what another link mends not."""
        held = self._held
        if held is None or not self._live:
            return None
        held.streams += 1  # already now: whoever comes meanwhile looks for the least loaded
        stream = None
        try:
            stream = await held.link.stream(receiver)
        except SsmxError:
            if not held.link.is_over:
                raise
            if self._held is held:  # `run` will know in a moment
                self._live = False
            return None
        finally:
            if stream is None:
                held.streams -= 1
        self._streams[stream] = held
        held.wanted = held.wanted or time.monotonic()
        return stream

    def released(self, stream: Stream) -> None:
        """Its user is done with this stream."""
        if held := self._streams.pop(stream, None):
            held.streams -= 1
            held.used = time.monotonic()

    def refused(self, stream: Stream) -> bool:
        """The node could not connect this stream to the far port; gives whether another is to be tried."""
        held, now = self._streams.get(stream), time.monotonic()
        if held is None or held is not self._held or self._leave.done():
            return True  # that link is left already
        error = _unreachable(held)
        if not held.link.carried and self._route.gone(error):
            self._events.trying(error)
        elif self._may_look_again(held, now):
            self._looked_again = now
            self._events.reconnecting(error)
        else:
            self._events.refused(error)
            return False
        self._live = False
        self._leave.set_result(error)
        return True

    def tell_end(self) -> None:
        """Tell why it is over: the tunnel goes on without it."""
        if self.over is not None:
            self._events.failed(self.over)

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
        self.over = self.over or error
        self._changed()

    def _fail(self, error: SsmxError) -> None:
        """There is none now; those who wait hear of it, and the next one has another try."""
        self.failure = error
        self.failures += 1
        self.demand.met()
        self._events.failed(error)
        self._changed()

    async def _open(self) -> None:
        """Open a link, when somebody waits for one where that is how it is kept."""
        pause = 0.0
        if self._idle_seconds:
            await asyncio.sleep(0)  # in which those who waited hear of the last failure
            await self.demand.somebody()
            self._events.connecting()
            pause = _FAILED_PAUSE if self.failure is not None else 0.0
        self._install(await self._opening.again(pause=pause, on_demand=bool(self._idle_seconds)))

    # one link

    async def _one_link(self) -> None:
        """From a link that stands to the next one that does, or to none where nobody needs one."""
        assert self._held is not None
        held, error = self._held, await self._until_over(self._held)
        left = self._leave.done()
        self._held = None
        self._live = False
        self._abandon(held, error, at_once=not left)
        self._carried |= held.link.carried
        await self._remember(held)
        if isinstance(error, PortUnreachable) and not (left or self._carried):
            raise error  # an old agent says so when the session begins, and nobody listens there
        if error is UNUSED or (held.link.was_closed and not held.link.carrying and not self.demand.waiting):
            self._events.idle(error.message)
            if self._idle_seconds:
                return
            self.demand.met()
            await self.demand.somebody()
            self._events.connecting()
        else:
            self._reconnects += 1
            if not left:
                self._events.reconnecting(error)
        steady = left or time.monotonic() - held.since > _STEADY_SECONDS
        pause = 0.0 if steady else FIRST_PAUSE
        self._install(await self._opening.again(pause=pause, on_demand=bool(self._idle_seconds)))

    def _install(self, held: Held) -> None:
        self._held = held
        self.failure = None
        self.demand.met()
        self._leave = asyncio.get_running_loop().create_future()
        self._live = True
        self._events.ready(held.plan, held.session.id)
        self._changed()

    async def _until_over(self, held: Held) -> SsmxError:
        """Wait for the end of a link, or for a reason to leave it; gives why."""
        ended = asyncio.ensure_future(held.link.ended())
        watching = asyncio.ensure_future(self._watch(held))
        unused = asyncio.ensure_future(self._unused(held))
        waited: set[asyncio.Future[SsmxError]] = {ended, watching, unused, self._leave}
        try:
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            return next(each for each in (ended, self._leave, watching, unused) if each.done()).result()
        finally:
            for each in (ended, watching, unused):
                each.cancel()
            await asyncio.gather(ended, watching, unused, return_exceptions=True)

    async def _unused(self, held: Held) -> SsmxError:
        """Wait until nobody has used the link for its idle time, for ever where it has none."""
        while self._idle_seconds:
            since = max(held.since, held.used)
            left = since + self._idle_seconds - time.monotonic() if not held.streams else self._idle_seconds
            if left <= 0:
                self._live = False
                return UNUSED
            await asyncio.sleep(left)
        never: asyncio.Future[SsmxError] = asyncio.get_running_loop().create_future()
        return await never

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
                    self._changed()
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
        if held.plan.streams.host and not held.link.carried and held.link.carrying and waited > _NO_ANSWER_SECONDS:
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
            outcome = Outcome(0, "unused") if error is UNUSED else Outcome(error.exit, error.code)
            self._opening.end(held.session.id, outcome)

        closing = asyncio.create_task(close())
        self._abandoned.add(closing)
        closing.add_done_callback(self._abandoned.discard)

    def _may_look_again(self, held: Held, now: float) -> bool:
        """Whether another session may help: an agent looks a host up when one begins, and follows no failover."""
        return bool(
            held.plan.streams.host
            and now - held.since > _STEADY_SECONDS
            and now - self._looked_again > _AGAIN_SECONDS
            and held.link.carrying <= 1
        )


def _unreachable(held: Held) -> PortUnreachable:
    hint = "look there whether a server listens on it: `ss -ltn`"
    if held.plan.streams.host:
        hint = "look at its security groups, and whether it runs"
    return PortUnreachable(f"{held.plan.target.label} cannot connect to {held.plan.streams.far}", hint=hint)
