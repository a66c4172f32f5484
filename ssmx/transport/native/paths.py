"""How the connections of a port session share its channel: over smux, or with old agents one after the other."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from typing import Protocol

from ssmx.channel.channel import Channel
from ssmx.channel.mux import Data, Mux
from ssmx.channel.payload import Flag
from ssmx.channel.reliable import CHUNK

_AT_ONCE = 16 * CHUNK  # bytes taken from the mux before it is looked again which streams have something to send


class Paths(Protocol):
    """Numbered paths to the far port. Nothing is sent before `fill`."""

    async def open(self) -> int:
        """A new path, when it is its turn."""

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

    async def open(self) -> int:
        """A new stream of smux."""
        return self._mux.open()

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
        self._queue: deque[bytes] = deque()
        self._queued = 0
        self._closing = False
        self._disconnect: int | None = None  # the message that ends the last connection, until it is acknowledged
        self._early: list[bytes] = []  # what a server says that speaks first, before anybody listens
        self.kept = 0

    async def open(self) -> int:
        """Wait until the one before has left."""
        self._waiters += 1
        try:
            await self._turn.acquire()
        finally:
            self._waiters -= 1
        self._opened += 1
        self._current = self._opened
        if self._opened > 1:
            # The first has the connection that the agent made when the session began.
            self._channel.redial()
        return self._opened

    @property
    def wanted(self) -> bool:
        """Whether somebody waits for a turn."""
        return self._waiters > 0

    def send(self, number: int, data: bytes) -> None:
        """Queue data, if it is this one's turn."""
        if number == self._current and not self._closing:
            self._queue.append(data)
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
        if self._opened == 0:
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
            data = self._queue.popleft()
            piece, rest = data[:room], data[room:]
            if rest:
                self._queue.appendleft(rest)
            self._queued -= len(piece)
            self._channel.send(piece)
        if self._closing and not self._queue:
            self._closing = False
            self._current = None
            self._disconnect = self._channel.flag(Flag.DISCONNECT_TO_PORT)
        if self._disconnect is not None and self._channel.is_acknowledged(self._disconnect):
            self._disconnect = None
            self._turn.release()
