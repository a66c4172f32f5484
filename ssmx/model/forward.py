"""What a forward is: a place on this machine, and the port it leads to; and how users write both."""

from __future__ import annotations

import re
from ipaddress import ip_address

from ssmx.errors import UsageError
from ssmx.light import dataclass
from ssmx.model.wording import host_port

LOOPBACK = "localhost"  # 127.0.0.1 and ::1
_HERE = ("localhost", "127.0.0.1", "::1")

# `host` of AWS-StartPortForwardingSessionToRemoteHost takes at least 3 characters and none of these.
_NO_HOST = re.compile(r"[,$^&()!;'\"<>`{}\[\]|#=\s]")


@dataclass(frozen=True, slots=True)
class Local:
    """Where this machine listens.

    `port`: the one that was asked for, or None for one that is the same the next time; `preferred` is taken instead
    where it is free. `socket`: the path of a unix socket instead of a port.
    """

    port: int | None = None
    bind: str = LOOPBACK
    preferred: int = 0
    socket: str = ""

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can connect."""
        return bool(self.socket) or is_loopback(self.bind)

    @property
    def dialled(self) -> str:
        """The address a client on this machine connects to."""
        if self.bind == LOOPBACK:
            return "127.0.0.1"
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.bind, self.bind)  # noqa: S104


@dataclass(frozen=True, slots=True)
class Forward:
    """A local place that leads to `port` of `host`, or of the node itself where that is empty."""

    local: Local
    port: int
    host: str = ""

    @property
    def far(self) -> str:
        """`host:port` for people; the port alone where it is the node's."""
        if not self.host:
            return f"port {self.port}"
        return host_port(self.host, self.port)


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach the address."""
    return address == LOOPBACK or ip_address(address).is_loopback


def bind_address(text: str) -> str:
    """The address to listen on, as it was typed. Raises UsageError where it is none of a machine."""
    plain = text.removeprefix("[").removesuffix("]")
    if plain in ("", LOOPBACK):
        return LOOPBACK
    if plain == "*":
        return "0.0.0.0"  # noqa: S104
    try:
        return str(ip_address(plain))
    except ValueError:
        raise UsageError(
            f"{text!r} is no address to listen on", hint="for example 127.0.0.1, ::1 or 0.0.0.0"
        ) from None


def parse_ports(text: str, *, bind: str = LOOPBACK, socket: str = "") -> Forward:
    """`[LOCAL:]REMOTE`: a port of the node, and where it comes out here. Raises UsageError."""
    first, colon, last = text.rpartition(":")
    remote = _port(last, text)
    if not colon:
        return Forward(Local(None, bind, remote, socket), remote)
    return Forward(Local(_local(first, text), bind, 0, socket), remote)


def parse_remote(text: str, *, bind: str = LOOPBACK) -> Forward:
    """`[BIND:]LPORT:HOST:RPORT`, as ssh's -L; IPv6 addresses in brackets. Raises UsageError."""
    parts = re.findall(r"\[[^\]]*\]|[^:]+|(?<=:)(?=:)|^(?=:)", text)
    if len(parts) not in (3, 4) or ":".join(parts) != text:
        raise UsageError(f"-L {text}: it is [BIND:]LPORT:HOST:RPORT", hint="for example -L 15432:db.internal:5432")
    *where, number, host, remote = parts
    local = Local(_local(number, text), bind_address(where[0]) if where else bind)
    return Forward(local, _port(remote, text), far_host(host))


def far_host(text: str) -> str:
    """A host as the session's document takes it: empty for the node itself. Raises UsageError.

    Many policies allow only the document for the node's own ports, and new agents refuse loopback through the
    other one.
    """
    host = text.removeprefix("[").removesuffix("]").rstrip(".").lower()
    if host in _HERE:
        return ""
    try:
        address = ip_address(host)
    except ValueError:
        pass
    else:
        if address.is_loopback:
            raise UsageError(f"agents do not forward to {host}", hint="localhost is the node's own port")
        return host
    if len(host) < 3 or _NO_HOST.search(host):
        raise UsageError(f"{text!r} is no host that a session can lead to", hint="a name, or an address")
    return host


def _local(text: str, whole: str) -> int | None:
    return None if text == "0" else _port(text, whole)


def _port(text: str, whole: str) -> int:
    if text.isascii() and text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    raise UsageError(f"{whole!r}: {text!r} is no port", hint="[LOCAL:]REMOTE, each from 1 to 65535")
