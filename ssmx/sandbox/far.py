"""What a node's ports lead to: unix sockets in the sandbox's folder, which no other user of this machine can enter.

`place` says where a socket is to be for a port of a node, or of a host that nodes reach. Where there is none, a
handler of this process may answer: services.py has the table of them.
"""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
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

EVERY_NODE = "*"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a session leads: to `port` of `host`, seen from a node; the node itself where `host` is empty.

    `name` is the node's tag Name, `label` its host name, `source` its own address.
    """

    node_id: str
    name: str
    label: str
    source: str
    port: int
    host: str


@dataclass(frozen=True, slots=True)
class OnNode:
    """A port of the nodes of this name, or of EVERY_NODE."""

    name: str
    port: int


@dataclass(frozen=True, slots=True)
class AtHost:
    """A port of a host that every node reaches; its name in lower case."""

    name: str
    port: int


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter, Address], Awaitable[None]]
Handlers = Mapping[OnNode | AtHost, Handler]


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


class Far:
    """The far side of every node's ports, for the agents' event loop alone.

    `folder` is the sandbox's. `barred(node_id)` is whether a node reaches no host but itself.
    """

    def __init__(self, folder: Path, handlers: Handlers, *, barred: Callable[[str], bool]) -> None:
        self._barred = barred
        self._folder = folder
        self._handlers = handlers
        self._serving: set[asyncio.Future[None]] = set()

    async def dial(self, connection: Callable[[], asyncio.Protocol], address: Address) -> None:
        """Connect; raises OSError where nobody listens."""
        loop = asyncio.get_running_loop()
        path = place(self._folder, address.node_id, address.port, address.host)
        if _is_remote(address.host) and self._barred(address.node_id):
            raise ConnectionRefusedError(f"dial tcp {address.host}:{address.port}: connect: connection refused")
        if path.exists():
            await loop.create_unix_connection(connection, sock=await _connected(path))
            return
        handler = self._handler(address)
        if handler is None:
            where = f"{address.host or 'localhost'}:{address.port}"
            raise ConnectionRefusedError(f"dial tcp {where}: connect: connection refused")
        # In this process, so that there is no socket which anybody could find.
        ours, theirs = socket.socketpair()
        reader, writer = await asyncio.open_unix_connection(sock=theirs)
        served = asyncio.ensure_future(_serve(handler, reader, writer, address))
        self._serving.add(served)
        served.add_done_callback(self._serving.discard)
        await loop.create_unix_connection(connection, sock=ours)

    def _handler(self, address: Address) -> Handler | None:
        if _is_remote(address.host):
            return self._handlers.get(AtHost(address.host.lower().rstrip("."), address.port))
        own = self._handlers.get(OnNode(address.name, address.port))
        return own or self._handlers.get(OnNode(EVERY_NODE, address.port))


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


async def _serve(
    handler: Handler, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: Address
) -> None:
    try:
        # it has gone, in the middle of something perhaps, or sent a line without an end
        with suppress(OSError, ValueError, EOFError):
            await handler(reader, writer, address)
    finally:
        writer.close()
