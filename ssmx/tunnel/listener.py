"""A local port whose connections are streams of a link."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress

from ssmx.errors import LocalFault, SsmxError
from ssmx.transport.native.link import Link, Stream

_BACKLOG = 1024  # connections that the system holds until we accept them
_AT_ONCE = 1 << 16


class Listener:
    """Listens on `host` and `port`, 0 for any; each connection is joined with a stream of its own.

    `refused` is called for each connection for which the node could not connect to the far port.
    """

    def __init__(self, link: Link, *, refused: Callable[[], None] = lambda: None) -> None:
        self._link = link
        self._refused = refused
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; gives the port. Raises LocalFault."""
        try:
            self._server = await asyncio.start_server(
                self._accept, host, port, backlog=_BACKLOG, limit=2 * _AT_ONCE
            )
        except OSError as error:
            raise LocalFault(f"cannot listen on {host}:{port}: {error.strerror}") from error
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Listen no more, and cut every connection."""
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        whole = False
        try:
            stream = await self._link.stream()
            try:
                await _join(stream, reader, writer)
            finally:
                stream.close()
            if stream.refused:
                self._refused()
            whole = not stream.refused
        except (SsmxError, OSError):
            pass  # of the link's end its owner is told; a client that is gone has its reasons
        finally:
            if not whole:
                _reset(writer)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Cut a connection so that nobody takes what came for all there is: a close alone says just that."""
    with suppress(OSError):
        connection = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _join(stream: Stream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry bytes both ways until the far side closes, or the client is gone."""
    upward = asyncio.create_task(_up(stream, reader))
    try:
        while data := await stream.read():
            writer.write(data)
            await writer.drain()
    finally:
        upward.cancel()
        (error,) = await asyncio.gather(upward, return_exceptions=True)
    if isinstance(error, Exception):
        raise error


async def _up(stream: Stream, reader: asyncio.StreamReader) -> None:
    try:
        while data := await reader.read(_AT_ONCE):
            await stream.write(data)
        stream.end_input()
    except BaseException:
        stream.close()  # the reader of the stream is told so
        raise
