"""The messages of PostgreSQL's protocol that come before a session stands (version 3; "Message Formats")."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

CANCEL = 80877102
TLS = 80877103
GSS = 80877104
VERSION = 3
MOST_STARTUP = 10_000  # bytes, as PostgreSQL's MAX_STARTUP_PACKET_LENGTH
MOST_PASSWORD = 65_535  # as its PG_MAX_AUTH_TOKEN_LENGTH

NOT_ADMITTED = "28000"  # invalid_authorization_specification
WRONG_PASSWORD = "28P01"  # noqa: S105 - the code of invalid_password
NO_SUCH_VERSION = "0A000"
BROKEN = "08P01"
NOT_NOW = "57P03"

ASK_PASSWORD = b"R" + struct.pack("!II", 8, 3)  # AuthenticationCleartextPassword


@dataclass(frozen=True, slots=True)
class Startup:
    """What a client opens with. `code` is a protocol version, or one of CANCEL, TLS and GSS."""

    code: int
    body: bytes

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of a session; raises ValueError where they are none."""
        if not self.body.endswith(b"\0\0") and self.body != b"\0":
            raise ValueError("the startup message has no end")
        words = self.body[:-1].decode("utf-8", "surrogateescape").split("\0")[:-1]
        return dict(zip(words[::2], words[1::2], strict=True))


def length_of(head: bytes, *, most: int) -> int:
    """How many bytes follow a length; raises ValueError where it cannot be one."""
    size = int.from_bytes(head, "big")
    if not 4 <= size <= most:
        raise ValueError(f"a message of {size} bytes")
    return size - 4


def startup(code: int, parameters: Mapping[str, str] | None = None, *, body: bytes = b"") -> bytes:
    """A startup message with these parameters, or this body."""
    if parameters is not None:
        words = [word for pair in parameters.items() for word in pair]
        body = b"".join(word.encode("utf-8", "surrogateescape") + b"\0" for word in words) + b"\0"
    return struct.pack("!II", 8 + len(body), code) + body


def fatal(code: str, text: str) -> bytes:
    """The error with which a server ends a connection."""
    fields = {"S": "FATAL", "V": "FATAL", "C": code, "M": text}
    body = b"".join(f"{key}{value}".encode("utf-8", "surrogateescape") + b"\0" for key, value in fields.items())
    return b"E" + struct.pack("!I", 5 + len(body)) + body + b"\0"


def query(sql: str) -> bytes:
    """A simple query."""
    body = sql.encode() + b"\0"
    return b"Q" + struct.pack("!I", 4 + len(body)) + body


def words_of(error: bytes) -> str:
    """The text of an ErrorResponse's body."""
    return next((part[1:].decode("utf-8", "replace") for part in error.split(b"\0") if part[:1] == b"M"), "")
