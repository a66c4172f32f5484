"""Open the links of a forward: through the node that does, as often as it takes; and end their sessions."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress
from typing import Any

from ssmx.errors import (
    AccessDenied,
    AgentTooOld,
    AmbiguousEndpoint,
    AmbiguousTarget,
    ConfigError,
    DocumentMissing,
    KeyUnusable,
    NoJump,
    NoSuchEndpoint,
    NoSuchTarget,
    PortUnreachable,
    SessionRefused,
    SignInExpired,
    SsmxError,
    TargetOffline,
    UsageError,
)
from ssmx.light import dataclass
from ssmx.model.plan import Plan
from ssmx.model.session import Outcome, Session
from ssmx.transport.interrupt import on_thread
from ssmx.transport.link import Link
from ssmx.tunnel.events import LaneEvents
from ssmx.tunnel.support import Route, Support

# What another node may do better.
_ELSEWHERE = (AccessDenied, AgentTooOld, PortUnreachable, SessionRefused, TargetOffline)
# What waiting does not mend; and what the user can mend while the tunnel waits.
_FATAL = (
    *(AccessDenied, AgentTooOld, DocumentMissing, KeyUnusable, UsageError),
    *(AmbiguousEndpoint, AmbiguousTarget, NoSuchEndpoint),
)
_PAUSING = (ConfigError, SignInExpired)
_OFFLINE = (NoJump, NoSuchTarget, TargetOffline)

_START_SECONDS = 8.0  # for a StartSession that nobody waits for any more
FIRST_PAUSE = 0.25  # seconds; doubled each time
_LONGEST_PAUSE = 30.0
_SIGN_IN_PAUSE = 3.0  # between two looks whether the user has signed in
_WANTED_PAUSE = 1.0  # the longest while a client waits


@dataclass(slots=True)
class Held:
    """A link that stands, and the session it is of.

    `since` when it stands, `wanted` since when somebody wants something of it, 0 where nobody does; `streams` are
    in use, and one was the last time when it was `used`.
    """

    link: Link
    session: Session
    plan: Plan
    since: float
    wanted: float = 0.0
    streams: int = 0
    used: float = 0.0


class Demand:
    """Whether somebody waits for a link, `waiting` tells how many; then pauses are short."""

    def __init__(self) -> None:
        self.waiting = 0
        self._wanted = False
        self._came = asyncio.Event()

    def want(self) -> None:
        """Somebody would have a link, whether they wait for it or not."""
        self._wanted = True
        self._came.set()

    def met(self) -> None:
        """They have it, or know why not."""
        self._wanted = False

    async def somebody(self) -> None:
        """Wait until somebody wants a link."""
        while not (self.waiting or self._wanted):
            self._came.clear()
            await self._came.wait()

    async def rest(self, seconds: float) -> None:
        """Pause; at most a second where somebody waits."""
        end = time.monotonic() + seconds * random.uniform(0.5, 1.0)  # noqa: S311  # jitter
        if not self.waiting:
            self._came.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, end - time.monotonic())):
                    await self._came.wait()
        await asyncio.sleep(max(0.0, min(end - time.monotonic(), _WANTED_PAUSE)))


class Opening:
    """Opens links by one route, on the running event loop. `close` ends the sessions that are still to be ended.

    `hurry` is set where the user does not want to wait for that.
    """

    def __init__(
        self, support: Support, route: Route, events: LaneEvents, *, demand: Demand, hurry: asyncio.Event
    ) -> None:
        self._hurry = hurry
        self._support = support
        self._route = route
        self._events = events
        self._demand = demand
        self._unended: dict[str, Outcome] = {}
        self._ending: set[asyncio.Task[None]] = set()

    async def first(self) -> Held:
        """A link through the route's node, or through the next one that does. Raises what no other node mends."""
        while True:
            plan = await on_thread(self._route.plan)
            try:
                return await self._opened(plan)
            except _ELSEWHERE as error:
                if not self._route.gone(error):
                    raise
                self._events.trying(error)

    async def again(self, *, pause: float, on_demand: bool = False) -> Held:
        """A link, tried until there is one; `pause` is in seconds.

        Raises what cannot be mended, and TargetOffline where the route is not patient, after `wait_timeout`; with
        `on_demand` whatever went wrong, when nobody waits for it any more.
        """
        offline_since: float | None = None
        renewed = False
        told: set[str] = set()
        failure: SsmxError | None = None
        while True:
            await self._demand.rest(pause)
            if failure and on_demand and not self._demand.waiting:
                raise failure
            try:
                return await self.first()
            except _FATAL:
                raise
            except _PAUSING as error:
                failure = error
                if renewed or not await self._renewed():
                    self._tell_once(told, error, paused=True)
                    pause = _SIGN_IN_PAUSE
                else:
                    pause = 0.0
                renewed = not renewed
                continue
            except _OFFLINE as error:
                failure = error
                now = time.monotonic()
                offline_since = offline_since or now
                limit = self._support.wait_seconds
                if not self._route.patient and now - offline_since >= limit:
                    raise TargetOffline(f"{error.message}, after {limit:.0f} seconds", hint=error.hint) from error
                self._tell_once(told, error)
            except SsmxError as error:
                failure, offline_since = error, None
                self._tell_once(told, error)
            pause = min(_LONGEST_PAUSE, 2 * pause or FIRST_PAUSE)

    def end(self, session_id: str, outcome: Outcome) -> None:
        """End a session in the background, with those that could not be ended before."""
        self._unended[session_id] = outcome
        ending = asyncio.create_task(self._end_all())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        """End every session that is still to be ended, in 8 seconds at most."""
        await asyncio.gather(self._end_all(), *self._ending)

    async def _end_all(self) -> None:
        # Taken out first: two of these may run at once.
        taken, self._unended = self._unended, {}
        ended = await asyncio.gather(*(self._end(each, outcome) for each, outcome in taken.items()))
        self._unended |= {each: taken[each] for each, done in zip(taken, ended, strict=True) if not done}

    async def _end(self, session_id: str, outcome: Outcome) -> bool:
        return await on_thread(lambda: self._support.end(session_id, outcome))

    async def _opened(self, plan: Plan) -> Held:
        starting = asyncio.ensure_future(on_thread(lambda: self._support.start(plan)))
        try:
            session = await asyncio.shield(starting)
        except asyncio.CancelledError:
            await self._give_up(starting, plan)
            raise
        try:
            link = await self._support.open_link(session, plan)
        except SsmxError as error:
            self.end(session.id, Outcome(error.exit, error.code))
            raise
        except BaseException:
            self._unended[session.id] = Outcome(130, "interrupted")
            raise
        return Held(link, session, plan, time.monotonic())

    async def _give_up(self, starting: asyncio.Future[Session], plan: Plan) -> None:
        """Wait for a StartSession that is on its way: what it starts has to be ended."""
        if not starting.done():
            self._support.note("waiting for the session, to end it; Ctrl-C again leaves at once")
        hurried = asyncio.ensure_future(self._hurry.wait())
        waited: set[asyncio.Future[Any]] = {starting, hurried}
        await asyncio.wait(waited, timeout=_START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        if not starting.done():
            label = plan.target.label
            self._support.note(f"a session on {label} may have been started: `ssmx sessions ls` shows it")
        elif not starting.exception():
            self._unended[starting.result().id] = Outcome(130, "interrupted")

    async def _renewed(self) -> bool:
        """Whether the sign-in could be renewed, which AWS may see otherwise."""
        try:
            await on_thread(self._support.renew)
        except SsmxError:
            return False
        return True

    def _tell_once(self, told: set[str], error: SsmxError, *, paused: bool = False) -> None:
        """Tell the user of each reason once, not at every try."""
        if error.code not in told:
            told.add(error.code)
            self._events.reconnecting(error, paused=paused)
