"""A local port, or socket, whose connections are streams of a link, or of one link after the other."""

from __future__ import annotations

import asyncio
import errno
import os
import select
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import cast

from ssmx.errors import LocalFault, PortTaken, SsmxError
from ssmx.transport.link import Source, Stream

_BACKLOG = 1024  # connections that the system holds until we accept them
_FILES = 10_240  # the most that macOS allows
_WAITS = 1 << 18  # bytes for a client that is slow, before the link keeps what comes


_CHOOSE = "choose another port, or end what listens there"

# What a machine without IPv6 says.
_NO_IPV6 = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
_TRIES = 5  # to find a port that is free on both loopback addresses

# What a client has said first, kept until the far side has said something: for another try of another node.
_AGAIN = 1 << 16

# Seconds that a client waits for a link until it is looked at whether it still does.
_PATIENCE = 1.0


class Listener:
    """A local port, or socket; each of its connections is joined with a stream of its own from `source`.

    `connected` is called for each connection. `refused` is called for each for which the node could not connect to
    the far port; gives whether another stream is to be tried, which gets all that the client has said. `released`
    is called with each stream when its connection is done with it.
    """

    def __init__(
        self,
        source: Source,
        *,
        connected: Callable[[], None] = lambda: None,
        refused: Callable[[Stream], bool] = lambda _stream: False,
        released: Callable[[Stream], None] = lambda _stream: None,
    ) -> None:
        self._source = source
        self._connected = connected
        self._refused = refused
        self._released = released
        self.served = 0
        """Connections since it began; so are the bytes `sent` to the far side and `received` from there."""
        self.sent = 0
        self.received = 0
        self._closed = False
        self._servers: list[asyncio.Server] = []
        self._path: Path | None = None
        self._connections: set[_Connection] = set()

    @property
    def connections(self) -> int:
        """How many there are now."""
        return len(self._connections)

    async def start(self, port: int = 0, *, bind: str = "") -> int:
        """Listen on `port` of `bind`, or of both 127.0.0.1 and ::1; 0 for any that is free; gives the port.

        Raises LocalFault.
        """
        _allow_many_files()
        if bind:
            return await self._listen(bind, port)
        tries = 1 if port else _TRIES
        while True:
            tries -= 1
            chosen = await self._listen("127.0.0.1", port)
            try:
                await self._listen("::1", chosen)
            except LocalFault:  # `localhost` would lead to another program there
                self._stop()
                if not tries:
                    raise
            else:
                return chosen

    async def start_at(self, path: Path) -> None:
        """Listen on a unix socket that nobody else may open; a dead one there is replaced. Raises LocalFault."""
        loop = asyncio.get_running_loop()
        _allow_many_files()
        try:
            if path.is_socket() and _is_dead(path):
                path.unlink()
            if path.exists():
                raise LocalFault(f"{path} is there already", hint="name another socket, or end what listens on it")
            before = os.umask(0o177)
            try:
                self._servers.append(await loop.create_unix_server(self._connection, path, backlog=_BACKLOG))
            finally:
                os.umask(before)
        except OSError as error:
            raise LocalFault(f"cannot listen on {path}: {error.strerror or error}") from error
        self._path = path

    async def _listen(self, host: str, port: int) -> int:
        loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(self._connection, host, port, backlog=_BACKLOG)
        except OverflowError as error:
            raise LocalFault(f"there is no port {port}", hint="0 to 65535") from error
        except OSError as error:
            if host == "::1" and error.errno in _NO_IPV6:
                return port
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(f"port {port} of {host} is taken", hint=_CHOOSE) from error
            why = os.strerror(error.errno) if error.errno else str(error)
            raise LocalFault(f"cannot listen on port {port} of {host}: {why}") from error
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    def _connection(self) -> _Connection:
        self._connected()
        return _Connection(self, self._source, self._connections, late=self._closed)

    def refused(self, stream: Stream) -> bool:
        """Whether another stream is to be tried in the place of this one."""
        return self._refused(stream)

    def let_go(self, stream: Stream) -> None:
        """Close a stream: its connection is done with it."""
        stream.close()
        self._released(stream)

    def _stop(self) -> None:
        for server in self._servers:
            server.close()
        self._servers = []

    async def close(self) -> None:
        """Listen no more, and cut every connection."""
        self._closed = True
        self._stop()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        for connection in [*self._connections]:
            connection.reset()
        await asyncio.sleep(0)  # in which the event loop closes them


def _is_dead(path: Path) -> bool:
    """Whether nobody listens on this socket any more."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            return True
    return False


def _allow_many_files() -> None:
    """Each connection is an open file, and the usual limit is 1024, or 256 on macOS."""
    with suppress(ImportError, OSError, ValueError):
        resource = import_module("resource")  # there is none on Windows, nor such a limit
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
        if soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class _Connection(asyncio.Protocol):
    """A client of the local port, and the Receiver of its stream."""

    def __init__(self, listener: Listener, source: Source, connections: set[_Connection], *, late: bool) -> None:
        self._late = late  # nobody listens any more
        self._listener = listener
        self._source = source
        self._connections = connections
        self._stream: Stream | None = None
        self._opening: asyncio.Task[None] | None = None
        self._takes = True  # whether the client reads what it is given
        self._said: bytearray | None = bytearray()  # by the client; None once it cannot be said again
        self._silent = False  # the client says no more
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Open its stream; until that is there, what the client says waits in the socket."""
        self._transport = cast(asyncio.Transport, transport)
        self._connections.add(self)
        self._listener.served += 1
        self._transport.set_write_buffer_limits(high=_WAITS)
        self._transport.pause_reading()
        if self._late:
            self.reset()
        else:
            self._opening = asyncio.create_task(self._open())

    async def _open(self) -> None:
        since = time.monotonic()
        try:
            stream = await self._source.stream(self)
        except Exception as error:
            self.reset()
            if not isinstance(error, SsmxError):  # of the link's end its owner is told
                raise
            return
        if time.monotonic() - since > _PATIENCE and self._has_left():
            self._listener.let_go(stream)
            self.reset()
            return
        self._stream = stream
        self._stream.listen(on=self._takes)
        if self._said:
            self._stream.write(bytes(self._said))
        if self._silent:
            self._stream.end_input()
        if not self._transport.is_closing() and not self._silent:
            self._transport.resume_reading()

    def _has_left(self) -> bool:
        """Whether the client, which we do not read, has closed or gone: what it said was said again elsewhere."""
        connection = self._transport.get_extra_info("socket")
        if connection is None or connection.fileno() < 0:
            return True
        gone = select.POLLHUP | select.POLLERR | getattr(select, "POLLRDHUP", 0)
        look = select.poll()
        look.register(connection.fileno(), gone)
        return bool(look.poll(0))

    def reset(self) -> None:
        """Cut it so that nobody takes what came for all there is: a close alone says just that."""
        with suppress(OSError):
            connection = self._transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    # from the client

    def data_received(self, data: bytes) -> None:
        """Send it to the far side."""
        self._listener.sent += len(data)
        if self._said is not None:
            self._said += data
            if len(self._said) > _AGAIN:
                self._said = None
        if self._stream is not None:
            self._stream.write(data)
            if self._stream.congested:
                self._transport.pause_reading()

    def eof_received(self) -> bool:
        """It says no more, and may wait for its answer."""
        if self._silent:
            return True
        self._silent = True
        if self._stream is not None:
            self._stream.end_input()
        return True

    def pause_writing(self) -> None:
        """It does not read."""
        self._takes = False
        if self._stream is not None:
            self._stream.listen(on=False)

    def resume_writing(self) -> None:
        """It reads again."""
        self._takes = True
        if self._stream is not None:
            self._stream.listen(on=True)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._connections.discard(self)
        if self._opening is not None:
            self._opening.cancel()
        if self._stream is not None:
            self._listener.let_go(self._stream)

    # from the far side

    def arrived(self, data: bytes) -> None:
        """Give it to the client."""
        self._said = None
        self._listener.received += len(data)
        self._transport.write(data)

    def finished(self, *, refused: bool) -> None:
        """Close, after what came is given."""
        if not refused:
            self._transport.close()
        elif self._stream is not None and self._listener.refused(self._stream) and self._said is not None:
            self._transport.pause_reading()
            self._listener.let_go(self._stream)
            self._stream = None
            self._opening = asyncio.create_task(self._open())
        else:
            self.reset()

    def failed(self, error: SsmxError) -> None:
        """The link is over."""
        self.reset()

    def writable(self) -> None:
        """The far side takes more."""
        if not self._transport.is_closing():
            self._transport.resume_reading()
