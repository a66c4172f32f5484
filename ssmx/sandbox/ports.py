"""An agent's duty in a port session: many connections over smux, or one after the other."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from ssmx.channel import payload
from ssmx.channel.frame import Message
from ssmx.channel.payload import Flag, PayloadType
from ssmx.channel.reliable import CHUNK
from ssmx.sandbox import smux
from ssmx.sandbox.duty import Post
from ssmx.sandbox.far import Address

_MUX_KEEPS = 4 << 20  # bytes for a far side that does not read, before everybody waits
_BASIC_KEEPS = 1 << 16
_NOP_SECONDS = 10.0
_DEAD_SECONDS = 30.0
# The agent's worker dies of a port that refuses, and its master waits a minute for a word of it.
_DEAD_WORKER_SECONDS = 60.0
_DEAD_WORKER = "document process failed unexpectedly: ipc messaging received timeout signal"


class _Connection(asyncio.Protocol):
    """One connection to the far side."""

    def __init__(
        self,
        came: Callable[[bytes], None],
        lost: Callable[[], None],
        *,
        keeps: int,
        unblocked: Callable[[], None],
    ) -> None:
        self._came = came
        self._lost = lost
        self._keeps = keeps
        self._unblocked = unblocked
        self.transport: asyncio.Transport | None = None
        self.blocked = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.set_write_buffer_limits(high=self._keeps)

    def data_received(self, data: bytes) -> None:
        self._came(data)

    def eof_received(self) -> bool:
        return False  # no half-close: the agent closes both directions

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self._lost()
        self.resume_writing()

    def pause_writing(self) -> None:
        self.blocked = True

    def resume_writing(self) -> None:
        self.blocked = False
        self._unblocked()

    def listen(self, *, on: bool) -> None:
        if self.transport is not None and not self.transport.is_closing():
            (self.transport.resume_reading if on else self.transport.pause_reading)()

    def write(self, data: bytes) -> None:
        """Send, if it is still there."""
        if self.transport is not None:
            self.transport.write(data)

    def close(self) -> None:
        """After what was written is sent."""
        if self.transport is not None:
            self.transport.close()


@dataclass(slots=True)
class _Early:
    """What came for a stream that is being connected, and whether the client has closed it already."""

    data: bytearray = field(default_factory=bytearray)
    ended: bool = False

    @property
    def blocked(self) -> bool:
        return len(self.data) > _MUX_KEEPS


class Multiplexed:
    """Many connections. `keep_alive`: an old agent says that it is there, and wants to hear the same."""

    pid = None

    def __init__(self, post: Post, address: Address, *, keep_alive: bool) -> None:
        self._post = post
        self._address = address
        self._keep_alive = keep_alive
        self._reader = smux.Reader()
        self._streams: dict[int, _Connection | _Early] = {}
        self._dialling: set[asyncio.Task[None]] = set()
        self._waiting: deque[Message] = deque()  # not acknowledged, because a far side does not read
        self._heard = time.monotonic()
        self._timer: asyncio.TimerHandle | None = None
        self._over = False

    def begin(self) -> None:
        if self._keep_alive:
            self._tick()

    def take(self, message: Message) -> None:
        self._waiting.append(message)
        self._go_on()

    def attend(self) -> None:
        listens = self._post.listens()
        for connection in self._connections():
            connection.listen(on=listens)

    def close(self) -> None:
        self._over = True
        if self._timer is not None:
            self._timer.cancel()
        for task in self._dialling:
            task.cancel()
        connections = self._connections()
        self._streams.clear()  # nobody is told of their end
        for connection in connections:
            connection.close()

    def kill(self) -> None:
        """There is no process."""

    def _connections(self) -> list[_Connection]:
        return [each for each in self._streams.values() if isinstance(each, _Connection)]

    def _go_on(self) -> None:
        while self._waiting and not self._over and not any(each.blocked for each in self._streams.values()):
            message = self._waiting.popleft()
            self._heard = time.monotonic()
            self._post.acknowledge(message)
            if message.payload_type == PayloadType.OUTPUT:
                self._read(message.payload)
            elif _is_flag(message, Flag.TERMINATE_SESSION):
                self._end()

    def _read(self, data: bytes) -> None:
        try:
            for command, number, body in self._reader.frames(data):
                self._frame(command, number, body)
        except ValueError:
            self._end()

    def _frame(self, command: int, number: int, body: bytes) -> None:
        match command, self._streams.get(number):
            case smux.SYN, None:
                self._streams[number] = _Early()
                task = asyncio.create_task(self._dial(number))
                self._dialling.add(task)
                task.add_done_callback(self._dialling.discard)
            case smux.PSH, _Early() as early:
                early.data += body
            case smux.PSH, _Connection() as connection:
                connection.write(body)
            case smux.FIN, _Early() as early:
                early.ended = True
            case smux.FIN, _Connection() as connection:
                connection.close()

    async def _dial(self, number: int) -> None:
        connection = _Connection(
            lambda data: self._came(number, data),
            lambda: self._lost(number),
            keeps=_MUX_KEEPS,
            unblocked=self._go_on,
        )
        try:
            await self._post.far.dial(lambda: connection, self._address)
        except OSError:
            if self._streams.pop(number, None) is not None:
                self._post.say(PayloadType.FLAG, payload.flag(Flag.CONNECT_TO_PORT_ERROR))
                self._send(smux.FIN, number)
            return
        early = self._streams.get(number)
        if not isinstance(early, _Early):  # lost in the meantime, or the session is over
            connection.close()
            return
        self._streams[number] = connection
        connection.write(bytes(early.data))
        if early.ended:
            connection.close()
        self.attend()
        self._go_on()

    def _came(self, number: int, data: bytes) -> None:
        for start in range(0, len(data), smux.MOST):
            self._send(smux.PSH, number, data[start : start + smux.MOST])

    def _lost(self, number: int) -> None:
        if self._streams.pop(number, None) is not None:
            self._send(smux.FIN, number)

    def _send(self, command: int, number: int, data: bytes = b"") -> None:
        said = smux.frame(command, number, data)
        for start in range(0, len(said), CHUNK):
            self._post.say(PayloadType.OUTPUT, said[start : start + CHUNK])
        self.attend()

    def _tick(self) -> None:
        if time.monotonic() - self._heard > _DEAD_SECONDS:
            self._end()
            return
        self._send(smux.NOP, 0)
        self._timer = asyncio.get_running_loop().call_later(_NOP_SECONDS, self._tick)

    def _end(self) -> None:
        """Whatever the reason is: the agent keeps it to itself."""
        self.close()
        self._post.end("")


def _is_flag(message: Message, flag: Flag) -> bool:
    return message.payload_type == PayloadType.FLAG and payload.parse_flag(message.payload) == flag


class Basic:
    """One connection after the other; `ssh`: the only one, with whose end the session ends."""

    pid = None

    def __init__(self, post: Post, address: Address, *, ssh: bool) -> None:
        self._post = post
        self._address = address
        self._ssh = ssh
        self._connection: _Connection | None = None
        self._waiting: deque[Message] = deque()  # not acknowledged, because there is no connection that takes it
        self._dialling: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._first = True
        self._over = False

    def begin(self) -> None:
        self._dial()

    def take(self, message: Message) -> None:
        self._waiting.append(message)
        self._go_on()

    def attend(self) -> None:
        if self._connection is not None:
            self._connection.listen(on=self._post.listens())

    def close(self) -> None:
        self._over = True
        for each in (self._dialling, self._timer):
            if each is not None:
                each.cancel()
        if self._connection is not None:
            self._connection.close()

    def kill(self) -> None:
        """There is no process."""

    def _go_on(self) -> None:
        while self._waiting and self._dialling is None and not self._over:
            connection, message = self._connection, self._waiting[0]
            if connection is None or connection.transport is None:
                if message.payload_type == PayloadType.OUTPUT:
                    self._dial()
                    return
            elif connection.blocked:
                return
            self._waiting.popleft()
            self._post.acknowledge(message)
            if _is_flag(message, Flag.TERMINATE_SESSION):
                self.close()
                self._post.end("")
            elif connection is not None and message.payload_type == PayloadType.OUTPUT:
                connection.write(message.payload)
            elif connection is not None and _is_flag(message, Flag.DISCONNECT_TO_PORT):
                connection.close()
                self._connection = None

    def _dial(self) -> None:
        self._dialling = asyncio.create_task(self._connect())

    async def _connect(self) -> None:
        connection = _Connection(
            lambda data: self._came(connection, data),
            lambda: self._lost(connection),
            keeps=_BASIC_KEEPS,
            unblocked=self._go_on,
        )
        try:
            await self._post.far.dial(lambda: connection, self._address)
        except OSError:
            if self._first:
                fail = lambda: self._post.fail(_DEAD_WORKER)  # noqa: E731
                self._timer = asyncio.get_running_loop().call_later(_DEAD_WORKER_SECONDS, fail)
            else:
                self._post.end("")
            return  # still dialling, as it were: nothing is taken any more
        self._first = False
        self._connection = connection
        self._dialling = None
        self.attend()
        self._go_on()

    def _came(self, connection: _Connection, data: bytes) -> None:
        if connection is self._connection:
            for start in range(0, len(data), CHUNK):
                self._post.say(PayloadType.OUTPUT, data[start : start + CHUNK])
            self.attend()

    def _lost(self, connection: _Connection) -> None:
        if connection is self._connection and self._ssh and not self._over:
            self._over = True
            self._post.end("")  # otherwise nobody is told: the next data connects again
