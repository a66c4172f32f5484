"""A socket of this machine at which a process that keeps tunnels is asked about them, and told what to do.

A request is one line of JSON, and so is the answer; then the connection ends. Only its user can connect.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from ssmx.errors import SsmxError, told
from ssmx.tunnel.asking import reachable

Answer = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]

_LIMIT = 1 << 20  # bytes of a request


@asynccontextmanager
async def answering(path: Path, answer: Answer) -> AsyncIterator[None]:
    """Within it, whoever asks at `path` is answered. Raises OSError where it cannot listen there."""

    async def asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            said = dict(await answer(json.loads(await reader.readline())))
        except SsmxError as error:
            said = {"error": told(error)}
        except Exception as error:  # whoever asks is to hear of a bug, and not to wait for nothing
            said = {"error": told(SsmxError(f"{type(error).__name__}: {error}"))}
        with suppress(OSError):
            writer.write(json.dumps(said, default=str).encode() + b"\n")
            await writer.drain()
        writer.close()

    before = os.umask(0o177)
    try:
        path.unlink(missing_ok=True)
        with reachable(path) as short:
            server = await asyncio.start_unix_server(asked, short, limit=_LIMIT)
    finally:
        os.umask(before)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)
