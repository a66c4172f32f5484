"""How the connections of a port session share its channel: over smux, or with old agents one after the other."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

from ssmx.channel.channel import Channel
from ssmx.channel.mux import Data, Mux
from ssmx.channel.payload import Flag
from ssmx.channel.reliable import CHUNK

# A connection that the agent made so long ago may have been closed by its far side, which the agent does not tell.
_FRESH_SECONDS = 1.0

_AT_ONCE = 16 * CHUNK  # bytes taken from the mux before it is looked again which streams have something to send


class Paths(Protocol):
    """Numbered paths to the far port. Nothing is sent before `fill`."""

    async def open(self, register: Callable[[int], None]) -> None:
        """A new path, when it is its turn; `register` is told its number before anything can come on it."""

    def send(self, number: int, data: bytes) -> None:
        """Queue data."""

    def waiting(self, number: int) -> int:
        """Bytes queued."""

    def close(self, number: int) -> None:
        """Close a path after what is queued on it."""

    def receive(self, data: bytes) -> Iterable[tuple[int, bytes]]:
        """What came for which path; no bytes where the far side has closed it. Raises ProtocolError."""

    @property
    def kept(self) -> int:
        """Bytes that came for nobody yet."""

    @property
    def wanted(self) -> bool:
        """Whether somebody waits for a turn."""

    def fill(self) -> None:
        """Move what is queued into the channel, as far as it has room."""


class Multiplexed:
    """Many at once. `keep_alive`: see Mux."""

    kept = 0
    wanted = False

    def __init__(self, channel: Channel, *, keep_alive: bool) -> None:
        self._channel = channel
        self._mux = Mux(keep_alive=keep_alive, now=time.monotonic())

    async def open(self, register: Callable[[int], None]) -> None:
        """A new stream of smux."""
        register(self._mux.open())

    def send(self, number: int, data: bytes) -> None:
        """Queue data on its stream."""
        self._mux.send(number, data)

    def waiting(self, number: int) -> int:
        """Bytes queued on its stream."""
        return self._mux.waiting(number)

    def close(self, number: int) -> None:
        """Close its stream."""
        self._mux.close(number)

    def receive(self, data: bytes) -> Iterable[tuple[int, bytes]]:
        """What came for which stream."""
        for event in self._mux.receive(data):
            if isinstance(event, Data):
                yield event
            else:
                yield event.stream, b""

    def fill(self) -> None:
        """Give each stream its turn."""
        self._mux.advance(time.monotonic())
        while self._mux.pending and (room := self._channel.room) > 0:
            self._channel.send(self._mux.take(min(room, _AT_ONCE)))


class Basic:
    """One after the other. The agent does not tell that the far side has closed; it connects when data comes."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._turn = asyncio.Lock()
        self._waiters = 0
        self._opened = 0
        self._current: int | None = None
        self._queue: deque[memoryview] = deque()
        self._queued = 0
        self._closing = False
        self._leaving: int | None = None  # the message that ends the last connection, until it is acknowledged
        self._left: asyncio.Future[None] | None = None
        self._stale_at = time.monotonic() + _FRESH_SECONDS
        self._used = (
            False  # whether the connection that the agent made when the session began is somebody's, or left
        )
        self._early: list[bytes] = []  # what a server says that speaks first, before anybody listens
        self.kept = 0

    async def open(self, register: Callable[[int], None]) -> None:
        """Wait until the one before has left, and let the agent connect for us."""
        self._waiters += 1
        try:
            await self._turn.acquire()
        finally:
            self._waiters -= 1
        try:
            if not self._used and time.monotonic() > self._stale_at:
                await self._leave()
            if self._used:
                self._channel.redial()
        except BaseException:
            self._turn.release()
            raise
        self._used = True
        self._opened += 1
        self._current = self._opened
        register(self._opened)

    async def _leave(self) -> None:
        """Let the agent leave the connection that it made when the session began: its far side may long be gone."""
        self._left = asyncio.get_running_loop().create_future()
        self._leaving = self._channel.flag(Flag.DISCONNECT_TO_PORT)
        await self._left
        self._used = True
        self._early, self.kept = [], 0

    @property
    def wanted(self) -> bool:
        """Whether somebody waits for a turn."""
        return self._waiters > 0

    def send(self, number: int, data: bytes) -> None:
        """Queue data, if it is this one's turn."""
        if number == self._current and not self._closing:
            self._queue.append(memoryview(data))
            self._queued += len(data)

    def waiting(self, number: int) -> int:
        """Bytes queued."""
        return self._queued if number == self._current else 0

    def close(self, number: int) -> None:
        """Leave, after what is queued is sent."""
        if number == self._current:
            self._closing = True

    def receive(self, data: bytes) -> Iterable[tuple[int, bytes]]:
        """Data is the current one's; between two connections it belongs to the one that has left."""
        if not self._used:
            self._early.append(data)
            self.kept += len(data)
        elif self._current is not None:
            early, self._early, self.kept = self._early, [], 0
            for each in (*early, data):
                if each:
                    yield self._current, each

    def fill(self) -> None:
        """Send what is queued; give up the turn once the agent has disconnected."""
        while self._queue and (room := self._channel.room) > 0:
            data, size = self._queue[0], max(CHUNK, room - room % CHUNK)
            if len(data) > size:
                self._queue[0] = data[size:]
            else:
                self._queue.popleft()
            self._queued -= min(size, len(data))
            self._channel.send(bytes(data[:size]))
        if self._closing and not self._queue:
            self._closing = False
            self._current = None
            self._leaving = self._channel.flag(Flag.DISCONNECT_TO_PORT)
        if self._leaving is not None and self._channel.is_acknowledged(self._leaving):
            self._leaving = None
            self._has_left()

    def _has_left(self) -> None:
        if self._left is None:
            self._turn.release()
        elif not self._left.done():
            self._left.set_result(None)
        self._left = None
