"""A live session of a port document: byte streams to the far port."""

from __future__ import annotations

import asyncio

from ssmx.channel.events import Event, Notice, Output, PortRefused, Ready
from ssmx.channel.handshake import MUX_AFTER, QUIET_MUX_AFTER, TERMINATE_FLAG_AFTER, newer
from ssmx.channel.mux import KEEP_ALIVE
from ssmx.channel.payload import Flag
from ssmx.errors import SessionLost, SsmxError
from ssmx.model.plan import Plan
from ssmx.transport.ending import closed
from ssmx.transport.link import Receiver
from ssmx.transport.native.driver import Driver
from ssmx.transport.native.paths import Basic, Multiplexed, Paths
from ssmx.transport.native.stream import Stream
from ssmx.transport.native.support import Support

# What is kept for readers that are slow. smux, version 1, cannot stop a single stream: beyond this, all wait.
_STREAM_KEEPS = 4 << 20
_LINK_KEEPS = 64 << 20

# What a writer may have waiting to be sent, and where it may go on.
_WRITER_WAITS = 1 << 18
_WRITER_GOES_ON = 1 << 16

_ENDED = ("reason", "ended")  # details of errors that tell of the session's end at the service


class Link:
    """A live session of a port document, on the event loop on which it was opened; to be closed.

    `stream()` opens a byte stream; with agents up to 3.0.196.0, which carry one at a time, it waits for its turn.
    """

    def __init__(self, plan: Plan, support: Support) -> None:
        self._plan = plan
        self._support = support
        self._loop = asyncio.get_running_loop()
        self._driver: Driver | None = None
        self._running: asyncio.Task[str] | None = None
        self._ready: asyncio.Future[None] = self._loop.create_future()
        self._agent_version = ""
        self._spoken = False  # whether the node has said anything
        self.carried = False
        """Whether anything of the far port's has come."""
        self._paths: Paths | None = None
        self._streams: dict[int, Stream] = {}
        self._touched: list[Stream] = []  # those to which something has come since the last `settle`
        self._behind: set[Stream] = set()  # those that wait until more of theirs is sent
        self._slow: set[Stream] = set()  # readers for which too much is kept
        self._kept = 0  # for all readers
        self._room = asyncio.Event()
        self._refusals = 0  # told by the agent, and not yet seen on a stream
        self._left: set[int] = set()  # streams that we closed before anything had come, and the far side has not
        self._error: SsmxError | None = None
        self.ended_well = False
        """Whether the service ended the session, and gave no reason."""
        self._timer: asyncio.TimerHandle | None = None
        self._had: int | None = None  # streams, when it ended

    async def begin(self, driver: Driver) -> None:
        """Carry from now on, and wait until streams can be opened; raises what ends the session before that."""
        self._driver = driver
        self._running = asyncio.create_task(driver.run(self))
        self._running.add_done_callback(self._has_ended)
        try:
            await self._ready
        except asyncio.CancelledError:
            await self.close()
            raise

    async def stream(self, receiver: Receiver) -> Stream:
        """A new stream. The node connects to the far port after this; a refusal is the stream's end.

        Raises the link's error where it is over.
        """
        self.check()
        assert self._paths is not None
        assert self._running is not None
        opened: list[Stream] = []

        def register(number: int) -> None:
            stream = self._streams[number] = Stream(self, number, receiver)
            opened.append(stream)

        opening = asyncio.ensure_future(self._paths.open(register))
        self._loop.call_soon(self._settle)  # opening may have something to say first
        try:
            await asyncio.wait({opening, self._running}, return_when=asyncio.FIRST_COMPLETED)
            self.check()
            opening.result()
        except BaseException:
            opening.cancel()
            for stream in opened:
                stream.close()
            raise
        self._receive(b"")  # what came before there was anybody to take it
        self._room.set()
        self._settle()
        return opened[0]

    def check(self) -> None:
        """Raise why the session has ended, if it has."""
        if self._error is not None:
            raise self._error

    @property
    def carrying(self) -> int:
        """How many streams are open whose users still write; once the link is over, how many were."""
        if self._had is not None:
            return self._had
        return sum(not stream.has_ended_input for stream in self._streams.values())

    @property
    def is_resuming(self) -> bool:
        """Whether the connection is lost for so long that the user was told; it may come back."""
        return self._driver is not None and self._driver.outage_told

    @property
    def is_over(self) -> bool:
        """Whether no streams can be opened any more."""
        return self._error is not None

    @property
    def unanswered(self) -> float:
        """Seconds for which the node has acknowledged nothing, though there is a connection."""
        return self._driver.unanswered if self._driver is not None else 0.0

    @property
    def was_closed(self) -> bool:
        """Whether the service ended the session: it said so, or does not let it be resumed."""
        return self.ended_well or (self._error is not None and not self._error.details.keys().isdisjoint(_ENDED))

    async def ended(self) -> SsmxError:
        """Wait for the end of the session; gives why it ended, which is an error for whoever needs it."""
        assert self._running is not None
        await asyncio.wait({self._running})
        assert self._error is not None
        return self._error

    async def close(self) -> None:
        """End the session: the agent is told where it understands that; every stream ends."""
        assert self._running is not None
        assert self._driver is not None
        if not self._running.done():
            if newer(self._agent_version, TERMINATE_FLAG_AFTER):
                self._driver.channel.flag(Flag.TERMINATE_SESSION)
                self._driver.flush()
            self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)

    # for its streams

    @property
    def wanted(self) -> bool:
        """Whether somebody waits for the turn of a stream."""
        return self._paths is not None and self._paths.wanted

    @property
    def hears(self) -> bool:
        """Whether what the far side says is read."""
        return self._driver is not None and self._driver.connected and not self._driver.held_back

    @property
    def sent(self) -> int:
        """How many messages there were so far."""
        return self._driver.channel.count if self._driver is not None else 0

    def have_arrived(self, count: int) -> bool:
        """Whether the first `count` messages are all acknowledged."""
        return self._driver is not None and self._driver.channel.have_arrived(count)

    def send(self, stream: Stream, data: bytes) -> None:
        """Queue data on a stream, and send as much as may be."""
        if self._paths is not None and self._error is None:
            self._paths.send(stream.number, data)
            self._settle()

    def waiting(self, stream: Stream) -> int:
        """Bytes of a stream that wait to be sent."""
        return self._paths.waiting(stream.number) if self._paths is not None and self._error is None else 0

    def is_congested(self, stream: Stream) -> bool:
        """Whether much of a stream waits to be sent; it is told when little does."""
        congested = self.waiting(stream) > _WRITER_WAITS
        if congested:
            self._behind.add(stream)
        return congested

    def was_taken(self, stream: Stream) -> None:
        """All that was kept for a stream was taken; where others waited for that, they go on."""
        self._kept -= stream.kept
        stream.kept = 0
        self._slow.discard(stream)
        if not self.full:
            self._room.set()

    def closed(self, stream: Stream) -> None:
        """A stream was closed by its user."""
        self.was_taken(stream)
        self._behind.discard(stream)
        if self._streams.pop(stream.number, None) is None or self._error is not None:
            return
        if not stream.came:
            self._left.add(stream.number)
        if self._paths is not None:
            self._paths.close(stream.number)
            self._settle()

    def _settle(self) -> None:
        if self._driver is not None:
            self._driver.writable()

    # the driver's End

    def handle(self, event: Event) -> None:
        """Give what came to the streams."""
        match event:
            case Output(data):
                self._spoken = True
                self._receive(data)
            case PortRefused():
                self._refusals += 1
            case Ready(_, agent_version, properties):
                self._start(agent_version, forwards=properties.get("type") == "LocalPortForwarding")
            case Notice(text):
                self._support.note(text)
            case _:
                pass

    def settle(self) -> None:
        """Hand over what came, whole reads at a time; send what the streams have, as far as there is room."""
        if self._paths is None:
            return
        touched, self._touched = self._touched, []
        for stream in touched:
            stream.hand_over()
        self._paths.fill()
        for stream in [each for each in self._behind if self.waiting(each) <= _WRITER_GOES_ON]:
            self._behind.discard(stream)
            stream.goes_on()

    @property
    def full(self) -> bool:
        """Whether so much is kept for slow readers that no more is taken."""
        unclaimed = self._paths.kept if self._paths is not None else 0
        return bool(self._slow) or self._kept > _LINK_KEEPS or unclaimed > _STREAM_KEEPS

    async def room(self) -> None:
        """Wait for the slow readers."""
        while self.full:
            self._room.clear()
            await self._room.wait()

    def tell(self, text: str) -> None:
        """Tell the user something."""
        self._support.note(text)

    # the rest

    def _start(self, agent_version: str, *, forwards: bool) -> None:
        assert self._driver is not None
        self._agent_version = agent_version
        channel = self._driver.channel
        if forwards and newer(agent_version, MUX_AFTER):
            keep_alive = not newer(agent_version, QUIET_MUX_AFTER)
            self._paths = Multiplexed(channel, keep_alive=keep_alive)
            if keep_alive:
                self._keep_alive()
        else:
            self._paths = Basic(channel)
            self._driver.probe()
        self._support.detail(f"session ready, agent {agent_version}, {type(self._paths).__name__.lower()}")
        self._ready.set_result(None)

    def _keep_alive(self) -> None:
        """Let the mux say that we are there; it knows itself when."""
        self._settle()
        self._timer = self._loop.call_later(KEEP_ALIVE / 4, self._keep_alive)

    def _receive(self, data: bytes) -> None:
        assert self._paths is not None
        for number, piece in self._paths.receive(data):
            stream = self._streams.get(number)
            if stream is not None and piece:
                self.carried = True
                stream.keep(piece)
                self._kept += len(piece)
                if stream.kept > _STREAM_KEEPS:
                    self._slow.add(stream)
            elif stream is not None:
                stream.finish(refused=not stream.came and self._is_refusal())
            elif not piece and number in self._left:
                self._left.discard(number)
                self._is_refusal()
            if stream is not None:
                self._touched.append(stream)

    def _is_refusal(self) -> bool:
        """Whether the end of a stream is one of the refusals that the agent has told; of which, it does not say."""
        if not self._refusals:
            return False
        self._refusals -= 1
        return True

    def _has_ended(self, running: asyncio.Task[str]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._error = self._why(running)
        self._had = self.carrying
        if not self._ready.done():
            self._ready.set_exception(self._error)
            self._ready.exception()
        self._room.set()
        for stream in [*self._streams.values()]:
            stream.fail(self._error)

    def _why(self, running: asyncio.Task[str]) -> SsmxError:
        label = self._plan.target.label
        if running.cancelled():
            return SessionLost(f"the session on {label} was closed")
        error = running.exception()
        if error is None:
            if reason := running.result().strip():
                return closed(reason, self._plan, ready=self._spoken)
            self.ended_well = True
            return SessionLost(f"the session on {label} was ended")
        return error if isinstance(error, SsmxError) else SsmxError(f"{type(error).__name__}: {error}")
