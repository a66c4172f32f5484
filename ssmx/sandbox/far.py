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

# Where an agent does not forward to (amazon-ssm-agent's README, DeniedPortForwardingRemoteIPs): the metadata, the
# VPC's DNS, its clock, its licences. The node itself is not among them: it is the documents' default.
_DENIED = {
    ip_address(address)
    for address in (
        *("169.254.169.254", "169.254.169.253", "169.254.169.123", "169.254.169.250", "169.254.169.251"),
        *("fd00:ec2::254", "fd00:ec2::253", "fd00:ec2::123", "fd00:ec2::250"),
    )
}
_LOOK = 0.02  # seconds between two looks whether a listener has room

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def place(folder: Path, node_id: str, port: int, host: str = "") -> Path:
    """Where the socket of a far port is, in the sandbox's folder; a host is the same seen from every node.

    localhost is the node itself.
    """
    # The path of a socket has at most 107 characters, and the name of an RDS endpoint alone 60.
    owner = hashlib.sha256(host.lower().encode()).hexdigest()[:12] if _is_remote(host) else node_id
    return folder / "far" / owner / str(port)


def is_denied(host: str) -> bool:
    """Whether an agent refuses to forward to this host."""
    with suppress(ValueError):
        address = ip_address(host)
        return (getattr(address, "ipv4_mapped", None) or address) in _DENIED
    return False


async def dial(
    connection: Callable[[], asyncio.Protocol], folder: Path, node_id: str, port: int, host: str, *, label: str
) -> None:
    """Connect; raises OSError where nobody listens."""
    loop = asyncio.get_running_loop()
    path = place(folder, node_id, port, host)
    if path.exists():
        await loop.create_unix_connection(connection, sock=await _connected(path))
        return
    handler = None if _is_remote(host) else _builtin(port, label)
    if handler is None:
        raise ConnectionRefusedError(f"dial tcp {host or 'localhost'}:{port}: connect: connection refused")
    # In this process, so that there is no socket which anybody could find.
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_unix_connection(sock=theirs)
    served = asyncio.ensure_future(_serve(handler, reader, writer))
    _serving.add(served)
    served.add_done_callback(_serving.discard)
    await loop.create_unix_connection(connection, sock=ours)


async def _connected(path: Path) -> socket.socket:
    """A connection to a listener, as soon as it has room for one: asyncio takes a full one for connected."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        while True:
            with suppress(BlockingIOError):
                sock.connect(str(path))
                return sock
            await asyncio.sleep(_LOOK)
    except BaseException:
        sock.close()
        raise


def _is_remote(host: str) -> bool:
    return host.lower() not in ("", "localhost", "127.0.0.1", "::1")


_serving: set[asyncio.Future[None]] = set()


async def _serve(handler: Handler, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        with suppress(OSError, ValueError):  # it has gone, or sent a line without an end
            await handler(reader, writer)
    finally:
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
