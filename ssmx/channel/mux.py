"""Many byte streams over one: the client's side of smux, version 1, as port sessions with newer agents carry it.

Layout and rules as measured on session-manager-plugin 1.2.677.0 (xtaci/smux 1.5.16): a header of 8 bytes,
little-endian, then data. There is no flow control for a single stream and no half-close: FIN ends both directions.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable
from dataclasses import field
from enum import IntEnum
from typing import NamedTuple

from ssmx.errors import ProtocolError
from ssmx.light import dataclass

_HEADER = struct.Struct("<BBHI")  # version, command, length of the data, stream
_VERSION = 1
_FIRST_STREAM = 3  # a client's are odd, and its counter begins at 1
_LAST_STREAM = 0xFFFF_FFFF

# Data in one frame. A frame is sent whole before another stream has its turn, so it is as small as a message.
_PIECE = 1016

# Seconds between NOPs. Agents up to 3.1.1511.0 end a session in which they hear nothing for 30 seconds.
KEEP_ALIVE = 10.0


class Command(IntEnum):
    """What a frame says."""

    SYN = 0
    FIN = 1
    PSH = 2
    NOP = 3


class Data(NamedTuple):
    """Bytes for the local end of a stream."""

    stream: int
    data: bytes


class Finished(NamedTuple):
    """The far side has closed the stream, both directions of it; maybe after we had."""

    stream: int


MuxEvent = Data | Finished


@dataclass(slots=True)
class _Stream:
    """What a stream still has to send. `opened` is whether its SYN was."""

    waiting: deque[memoryview] = field(default_factory=deque)
    bytes: int = 0
    opened: bool = False
    finishing: bool = False


class Mux:
    """The streams of one link. `keep_alive` says that the agent wants to hear of us even where nothing is said."""

    def __init__(self, *, keep_alive: bool, now: float) -> None:
        self._next = _FIRST_STREAM
        self._streams: dict[int, _Stream] = {}
        self._turns: deque[int] = deque()  # the streams that have something to send, in the order of their turns
        self._header = b""  # of the frame that is arriving, as much as is there
        self._receiving = 0  # its stream
        self._body = 0  # how many of its bytes are still to come
        self._nop_at = now + KEEP_ALIVE if keep_alive else None
        self._nop_due = False

    def open(self) -> int:
        """A new stream; raises ProtocolError after two thousand million of them."""
        if self._next > _LAST_STREAM:
            raise ProtocolError("this link has no stream numbers left")
        number, self._next = self._next, self._next + 2
        self._streams[number] = _Stream()
        self._turns.append(number)
        return number

    def send(self, number: int, data: bytes) -> None:
        """Queue data on a stream; data for one that is closed is dropped."""
        stream = self._streams.get(number)
        if stream is None or stream.finishing or not data:
            return
        self._wants_turn(number, stream)
        stream.waiting.append(memoryview(data))
        stream.bytes += len(data)

    def close(self, number: int) -> None:
        """Close a stream, after what is queued on it."""
        stream = self._streams.get(number)
        if stream is not None and not stream.finishing:
            self._wants_turn(number, stream)
            stream.finishing = True

    def waiting(self, number: int) -> int:
        """Bytes queued on a stream and not yet taken."""
        stream = self._streams.get(number)
        return stream.bytes if stream else 0

    @property
    def pending(self) -> bool:
        """Whether `take` has anything to give."""
        return bool(self._turns) or self._nop_due

    def take(self, most: int) -> bytes:
        """Frames to send, at least one where any is due, none after `most` bytes; each stream in its turn."""
        taken: list[bytes | memoryview] = []
        size = 0
        if self._nop_due:
            self._nop_due = False
            taken.append(_frame(Command.NOP, 0))
            size += _HEADER.size
        while self._turns and size < most:
            number = self._turns.popleft()
            size += self._turn(number, self._streams[number], taken.append)
        return b"".join(taken)

    def _turn(self, number: int, stream: _Stream, take: Callable[[bytes | memoryview], None]) -> int:
        """One turn of a stream: its SYN, one piece of data, its FIN, as far as they are due; gives their size."""
        size = 0
        if not stream.opened:
            stream.opened = True
            take(_frame(Command.SYN, number))
            size += _HEADER.size
        if stream.waiting:
            piece, rest = stream.waiting[0][:_PIECE], stream.waiting[0][_PIECE:]
            if rest:
                stream.waiting[0] = rest
            else:
                stream.waiting.popleft()
            stream.bytes -= len(piece)
            take(_frame(Command.PSH, number, len(piece)))
            take(piece)
            size += _HEADER.size + len(piece)
        if stream.waiting:
            self._turns.append(number)
        elif stream.finishing:
            take(_frame(Command.FIN, number))
            size += _HEADER.size
            del self._streams[number]
        return size

    def receive(self, data: bytes) -> list[MuxEvent]:
        """What the agent's bytes say, wherever they are cut. Raises ProtocolError for what is no smux 1."""
        events: list[MuxEvent] = []
        at = 0
        while at < len(data):
            if self._body:
                piece = data[at : at + self._body]
                self._body -= len(piece)
                at += len(piece)
                if self._receiving in self._streams:  # else it was on its way when we closed the stream
                    events.append(Data(self._receiving, piece))
                continue
            missing = _HEADER.size - len(self._header)
            self._header += data[at : at + missing]
            at += missing
            if len(self._header) == _HEADER.size:
                version, command, length, number = _HEADER.unpack(self._header)
                self._header = b""
                if version != _VERSION or command > Command.NOP:
                    raise ProtocolError(f"the node sent a frame of smux version {version}, command {command}")
                if command == Command.PSH:
                    self._receiving, self._body = number, length
                elif command == Command.FIN:
                    if number in self._streams:
                        self._drop(number)
                    events.append(Finished(number))
        return events

    def advance(self, now: float) -> None:
        """What the mere passing of time brings; call it at `next_deadline`."""
        if self._nop_at is not None and now >= self._nop_at:
            self._nop_due = True
            self._nop_at = now + KEEP_ALIVE

    def next_deadline(self) -> float | None:
        """When to call `advance`; None: never."""
        return self._nop_at

    def _drop(self, number: int) -> None:
        """The far side has closed it: nobody will read what waits. We answer with our own FIN, as the plugin."""
        stream = self._streams[number]
        self._wants_turn(number, stream)
        stream.waiting.clear()
        stream.bytes = 0
        stream.finishing = True

    def _wants_turn(self, number: int, stream: _Stream) -> None:
        """Queue it for a turn, unless it is queued already: which it is as long as it has anything to send."""
        if stream.opened and not stream.waiting and not stream.finishing:
            self._turns.append(number)


def _frame(command: Command, number: int, length: int = 0) -> bytes:
    return _HEADER.pack(_VERSION, command, length, number)
