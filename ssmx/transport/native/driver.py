"""Drive one session's Channel: hand it what comes, send what it gives, resume it where the connection is lost."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Collection, Coroutine
from typing import Any

from ssmx.channel.channel import Channel
from ssmx.channel.events import Closed, Event, KeyNeeded, Lost, Ready, WrongType
from ssmx.channel.frame import message_ids
from ssmx.channel.state import State
from ssmx.errors import ProtocolError, SessionLost, SsmxError, TryLater
from ssmx.model.plan import Plan
from ssmx.model.session import Session
from ssmx.transport.ending import no_answer, too_early, wrong_type
from ssmx.transport.native.end import End, Lobby
from ssmx.transport.native.key import find_key
from ssmx.transport.native.resume import Outage
from ssmx.transport.native.support import Support
from ssmx.transport.websocket import Websocket

# NAT and VPN gateways forget a connection after 60 idle seconds; who waits for an answer wants to know sooner.
_QUIET_SECONDS = 30.0
_UNANSWERED_SECONDS = 5.0
_LOOK_SECONDS = 1.0
_PONG_SECONDS = 5.0
# A pong comes behind all that is on its way, and the far side may take its time for that.
_PONG_BEHIND_BULK_SECONDS = 30.0
_BULK = 64  # messages

# An agent that has just started drops the request for a session, and nobody is told (amazon-ssm-agent 3.3.0.0). One
# that lives asks for the handshake within milliseconds.
BEGIN_SECONDS = 20.0

# A connection that has stood so long is one, even if the far side has nothing to say.
_GOOD_SECONDS = 5.0

# The agent is silent for a minute about a port that refuses (the same): whether it takes a probe tells sooner.
ANSWER_SECONDS = 8.0

# After the end of our input, seconds of silence until the answer is believed to be over. The agent knows no
# half-close: to end our direction is to end the other. A client that was killed looks the same as one that waits
# for its answer, and should not hold its far connection for long.
LINGER_SECONDS = 10.0


class Driver:
    """Owns the channel of one session. `socket` is its first connection. Made on the event loop; run it once.

    `accepts` are the types of session that can be carried. `quiet_after`: see Channel; where it is None, the
    session begins with a handshake, or fails.
    """

    def __init__(
        self,
        socket: Websocket,
        session: Session,
        plan: Plan,
        support: Support,
        *,
        accepts: Collection[str],
        quiet_after: float | None = None,
    ) -> None:
        self._session = session
        self._plan = plan
        self._support = support
        self._lobby = Lobby(support)
        self._end: End = self._lobby
        self._loop = asyncio.get_running_loop()
        now = time.monotonic()
        self.channel = Channel(
            token=session.token,
            ids=message_ids(os.urandom),
            epoch=time.time() - now,
            now=now,
            accepts=accepts,
            quiet_after=quiet_after,
        )
        self._outage = Outage(session, support, label=plan.target.label, tell=lambda text: self._end.tell(text))
        self._socket: Websocket | None = None
        self._first = socket
        self._shakes = quiet_after is None
        self._heard = self._since = now  # when anything came last; when the connection stood
        self._probe: int | None = None  # a message whose acknowledgement tells that the far port is connected
        self._held_back = False  # nothing is read, because the local end is full
        self._ended: asyncio.Future[str] = self._loop.create_future()
        self._down: asyncio.Future[SsmxError] = self._loop.create_future()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self._tasks: set[asyncio.Task[None]] = set()  # they end with the session
        self._carrying: asyncio.Task[str] | None = None

    @property
    def connected(self) -> bool:
        """Whether there is a connection now."""
        return self._socket is not None

    @property
    def outage_told(self) -> bool:
        """Whether the connection is lost for so long that the user was told."""
        return not self.connected and self._outage.told

    @property
    def held_back(self) -> bool:
        """Whether nothing is read, because the local end is full."""
        return self._held_back

    @property
    def would_hear(self) -> bool:
        """Whether silence of the far side means something: it has all that was sent, and what it says is read."""
        return self.connected and not self._held_back and not self.channel.backlog

    @property
    def unanswered(self) -> float:
        """Seconds for which something was to be acknowledged and nothing was, though the connection stands."""
        if not self.connected or self._held_back:
            return 0.0
        now = time.monotonic()
        return min(self.channel.waited(now=now), now - self._since)

    def probe(self) -> None:
        """Find out whether the far port is connected; ends with PortUnreachable where it is not in time."""
        self._probe = self.channel.probe()
        self._since = time.monotonic()

    async def begin(self) -> Ready:
        """Carry until the session can carry bytes, and tell what it is; what follows is kept for `run`.

        For whoever cannot know from the document which local end it takes. Raises as `run` does, and
        SessionRefused where the session ends before.
        """
        self._carrying = asyncio.create_task(self._carry())
        waited: set[asyncio.Future[Any]] = {self._carrying, self._lobby.ready}
        try:
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            self._carrying.cancel()
            await asyncio.gather(self._carrying, return_exceptions=True)
            raise
        if not self._lobby.ready.done():
            raise too_early(self._plan, self._carrying.result())
        return self._lobby.ready.result()

    async def run(self, end: End) -> str:
        """Carry until the service ends the session; gives its reason, empty for a normal end.

        `end` stands at the local end from now on. Raises SessionLost where the connection could not be resumed,
        ProtocolError, the error of a key that cannot be had, or what the local end raised. Whatever happens, the
        connection is closed when this ends.
        """
        self._end = end
        if self._carrying is None:
            self._carrying = asyncio.create_task(self._carry())
        else:
            self._hand_over()
        return await self._carrying

    def _hand_over(self) -> None:
        """Give the local end what has come before it stood there."""
        try:
            for event in self._lobby.kept:
                self._end.handle(event)
            self._settle()
        except Exception as error:
            self.fail(error)

    async def _carry(self) -> str:
        self._begin(self._watch())
        try:
            self._adopt(self._first)
            while True:
                waited: set[asyncio.Future[Any]] = {self._ended, self._down}
                await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
                if self._ended.done():
                    return self._ended.result()
                lost = self._down.result()
                if not isinstance(lost, SessionLost):
                    raise lost
                self._down = self._loop.create_future()
                await self._resume(lost)
        finally:
            for task in self._tasks:
                task.cancel()
            self._outage.forget()
            self._stop_timer()
            self._drop()

    def finish(self) -> None:
        """End as if the service had ended the session normally."""
        if not self._ended.done():
            self._ended.set_result("")

    def fail(self, error: BaseException) -> None:
        """End with an error, after what is due is sent, such as the answer that we refuse the session."""
        if not self._ended.done():
            self._ended.set_exception(error)
            self._ended.exception()  # nobody may be there to ask for it
            if self._socket is not None:
                self._socket.send(self.channel.outgoing(now=time.monotonic()))

    def flush(self) -> None:
        """Send what is due, and set the clock for what will be."""
        if self._ended.done() or self._socket is None or self._socket.congested:
            return
        now = time.monotonic()
        if messages := self.channel.outgoing(now=now):
            self._socket.send(messages)
        deadline = self.channel.next_deadline()
        if deadline is not None and (self._timer is None or deadline < self._timer_at):
            self._stop_timer()
            self._timer = self._loop.call_later(deadline - now, self._tick)
            self._timer_at = deadline

    # the websocket's Listener

    def arrived(self, messages: list[str | bytes]) -> None:
        """Hand what came to the channel, and what it makes of it to the local end."""
        now = self._heard = time.monotonic()
        self._outage.over()
        try:
            for message in messages:
                for event in self.channel.receive(message, now=now):
                    self._handle(event)
                    if self._ended.done():
                        return
            self._settle()
        except Exception as error:
            self.fail(error)

    def lost(self, error: SsmxError) -> None:
        """The connection has ended."""
        self._drop()
        if not self._down.done():
            self._down.set_result(error)
        self.writable()  # the local end may want to know

    def writable(self) -> None:
        """The connection takes more."""
        try:
            self._settle()
        except Exception as error:
            self.fail(error)

    # the rest

    def _adopt(self, socket: Websocket) -> None:
        self._socket = socket
        self._heard = self._since = time.monotonic()
        if self._held_back:
            socket.listen(on=False)
        socket.attach(self)
        self.writable()

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.abort()
            self._socket = None

    def _handle(self, event: Event) -> None:
        match event:
            case Closed(reason):
                if not self._ended.done():
                    self._ended.set_result(reason)
            case Lost(reason):
                raise SessionLost(f"{self._plan.target.label}: {reason}")
            case Ready("") if self._shakes:
                raise ProtocolError(f"{self._plan.target.label} began the session without a handshake")
            case WrongType(session_type):
                raise wrong_type(self._plan, session_type)
            case KeyNeeded():
                self._begin(self._find_key(event))
            case _:
                self._end.handle(event)

    def _settle(self) -> None:
        if self._ended.done():
            return
        self._end.settle()
        self.flush()
        if self._end.full and not self._held_back:
            self._hold_back(on=True)
            self._begin(self._take_more())

    def _begin(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.fail(error)

    async def _find_key(self, needed: KeyNeeded) -> None:
        try:
            cipher, wrapped = await find_key(self._support, self._session, self._plan, needed)
        except Exception as error:
            self.channel.fail_key(error.message if isinstance(error, SsmxError) else type(error).__name__)
            self.fail(error)
        else:
            self.channel.use_key(cipher, wrapped)
            self.writable()

    async def _take_more(self) -> None:
        await self._end.room()
        self._hold_back(on=False)
        self.writable()

    def _hold_back(self, *, on: bool) -> None:
        self._held_back = on
        self._heard = time.monotonic()
        if not on:
            self.channel.looked_away(now=self._heard)
        if self._socket is not None:
            self._socket.listen(on=not on)

    def _tick(self) -> None:
        self._timer = None
        if self._ended.done() or self._held_back:
            return
        try:
            for event in self.channel.advance(now=time.monotonic()):
                self._handle(event)
            self._settle()
        except Exception as error:
            self.fail(error)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def _watch(self) -> None:
        """Find out that nobody is there any more, which TCP tells after minutes or never."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            socket, now = self._socket, time.monotonic()
            if socket is None or self._held_back:
                continue
            self._check_begin(now)
            self._check_port(now)
            if now - self._since > _GOOD_SECONDS:
                self._outage.over()
            backlog = self.channel.backlog
            if now - self._heard < (_UNANSWERED_SECONDS if backlog else _QUIET_SECONDS):
                continue
            seconds = _PONG_BEHIND_BULK_SECONDS if backlog > _BULK else _PONG_SECONDS
            # Twice, because a machine that slept finds its timer before the answer that waits.
            if await self._is_silent(socket, seconds) and await self._is_silent(socket, seconds):
                if socket is self._socket:
                    quiet = time.monotonic() - now
                    self.lost(SessionLost(f"{self._plan.target.label} has not answered for {quiet:.0f} seconds"))
            else:
                self._heard = time.monotonic()

    async def _is_silent(self, socket: Websocket, seconds: float) -> bool:
        asked = time.monotonic()
        answered = await socket.answers(seconds)
        return not answered and self._heard < asked and not self._held_back

    def _check_begin(self, now: float) -> None:
        state = self.channel.state
        begun = state in (State.READY, State.CLOSED) or (state is State.OPENED and not self._shakes)
        if not begun and now - self._since > BEGIN_SECONDS:
            label = self._plan.target.label
            self.fail(TryLater(f"{label} has not begun the session in {BEGIN_SECONDS:.0f} seconds"))

    def _check_port(self, now: float) -> None:
        if self._probe is None:
            return
        if self.channel.is_acknowledged(self._probe):
            self._probe = None
        elif now - self._since > ANSWER_SECONDS:
            self.fail(no_answer(self._plan))

    async def _resume(self, lost: SessionLost) -> None:
        """Connect again; raises SessionLost where that cannot be, or took too long."""
        resuming = asyncio.ensure_future(self._outage.reconnect(lost))
        adopted = False
        try:
            waited: set[asyncio.Future[Any]] = {resuming, self._ended}
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            if not self._ended.done():  # else the local end has enough
                socket, token = resuming.result()
                self.channel.reconnected(token, now=time.monotonic())
                adopted = True
                self._adopt(socket)
        finally:
            resuming.cancel()
            if not adopted:
                resuming.add_done_callback(_let_go)


def _let_go(resuming: asyncio.Future[tuple[Websocket, str]]) -> None:
    """Drop a connection that nobody needs any more."""
    if not resuming.cancelled() and resuming.exception() is None:
        resuming.result()[0].abort()
