"""TLS in the middle of a connection, over asyncio's streams.

asyncio's own start_tls makes a client of a stream that no server has accepted, and before Python 3.12 its reader
does not stop reading when nobody takes what came.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress

_MOST = 1 << 16  # bytes at a time


class Secured:
    """A server's side of TLS. One task may read while another writes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, context: ssl.SSLContext) -> None:
        self._reader = reader
        self._writer = writer
        self._arrived = ssl.MemoryBIO()
        self._leaving = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._arrived, self._leaving, server_side=True)

    async def shake(self) -> None:
        """Do the handshake; raises OSError where the client does not, or does not like the certificate."""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                await self._fill()
            else:
                await self._flush()
                return

    async def read(self, most: int = _MOST) -> bytes:
        """What came, empty at the end; raises OSError where it is no TLS."""
        while True:
            try:
                return self._tls.read(most)
            except ssl.SSLWantReadError:
                await self._flush()
                await self._fill()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):  # many clients go without a word
                return b""

    async def readexactly(self, count: int) -> bytes:
        """So many bytes; raises EOFError where the end comes earlier."""
        data = bytearray()
        while len(data) < count:
            more = await self.read(count - len(data))
            if not more:
                raise EOFError
            data += more
        return bytes(data)

    async def write(self, data: bytes) -> None:
        """Send, and wait while the client does not keep up."""
        for start in range(0, len(data), _MOST):
            self._tls.write(data[start : start + _MOST])
            await self._flush()

    async def end(self) -> None:
        """Say that nothing follows."""
        with suppress(ssl.SSLError):  # the client has not said so itself, and need not
            self._tls.unwrap()
        await self._flush()

    async def relay(self, server_reader: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        """Both ways between the client and a server, until one side has ended; who is slow makes the other wait."""

        async def up() -> None:
            while data := await self.read():
                server.write(data)
                await server.drain()

        async def down() -> None:
            while data := await server_reader.read(_MOST):
                await self.write(data)
            await self.end()

        ways = [asyncio.ensure_future(up()), asyncio.ensure_future(down())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _fill(self) -> None:
        data = await self._reader.read(_MOST)
        if data:
            self._arrived.write(data)
        else:
            self._arrived.write_eof()

    async def _flush(self) -> None:
        # taken and handed over without a pause, or two tasks would change the order
        self._writer.write(self._leaving.read())
        await self._writer.drain()
