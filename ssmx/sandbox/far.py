"""What a node's ports lead to: unix sockets in the sandbox's folder, which no other user of this machine can enter.

`place` says where a socket is to be for a port of a node, or of a host that nodes reach. Two ports answer on every
node without one: 7 echoes, 80 is a page of the node's.
"""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

# Where an agent does not forward to (amazon-ssm-agent 3.3.0.0, DeniedPortForwardingRemoteIPs, and the VPC's DNS).
_DENIED = {"169.254.169.254", "fd00:ec2::254", "169.254.169.253", "fd00:ec2::253", "127.0.0.1", "::1"}

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def place(folder: Path, node_id: str, port: int, host: str = "") -> Path:
    """Where the socket of a far port is, in the sandbox's folder; a host is the same seen from every node."""
    # The path of a socket has at most 107 characters, and the name of an RDS endpoint alone 60.
    owner = hashlib.sha256(host.lower().encode()).hexdigest()[:12] if host else node_id
    return folder / "far" / owner / str(port)


def is_denied(host: str) -> bool:
    """Whether an agent refuses to forward to this host."""
    if host.lower() == "localhost":
        return True
    with suppress(ValueError):
        return str(ip_address(host)) in _DENIED
    return False


async def dial(
    connection: Callable[[], asyncio.Protocol], folder: Path, node_id: str, port: int, host: str, *, label: str
) -> None:
    """Connect; raises OSError where nobody listens."""
    loop = asyncio.get_running_loop()
    path = place(folder, node_id, port, host)
    if path.exists():
        await loop.create_unix_connection(connection, str(path))
        return
    handler = None if host else _builtin(port, label)
    if handler is None:
        raise ConnectionRefusedError(f"dial tcp {host or 'localhost'}:{port}: connect: connection refused")
    # In this process, so that there is no socket which anybody could find.
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_unix_connection(sock=theirs)
    served = asyncio.ensure_future(_serve(handler, reader, writer))
    _serving.add(served)
    served.add_done_callback(_serving.discard)
    await loop.create_unix_connection(connection, sock=ours)


_serving: set[asyncio.Future[None]] = set()


async def _serve(handler: Handler, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, asyncio.IncompleteReadError):
        await handler(reader, writer)
    writer.close()


def _builtin(port: int, label: str) -> Handler | None:
    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (line := await reader.readline()) and line.strip():
            pass
        body = f"<!doctype html><title>{label}</title><h1>{label}</h1>\n".encode()
        head = "HTTP/1.1 200 OK", "Content-Type: text/html", f"Content-Length: {len(body)}", "Connection: close"
        writer.write("\r\n".join((*head, "", "")).encode() + body)
        await writer.drain()

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()

    return {7: echo, 80: page}.get(port)
