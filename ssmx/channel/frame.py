"""One binary message of the data channel: a fixed header of 120 bytes, then the payload.

Layout measured on session-manager-plugin 1.2.677.0 and amazon-ssm-agent 3.3.0.0; the recordings in tests/wire
are decoded and encoded again to the same bytes by tests/channel/test_wire.py.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from ssmx.errors import ProtocolError

# Big-endian: HeaderLength, MessageType, SchemaVersion, CreatedDate, SequenceNumber, Flags, MessageId,
# PayloadDigest, PayloadType, PayloadLength.
_HEADER = struct.Struct(">I32sIQqQ16s32sII")

# HeaderLength is the offset of PayloadLength: the length field itself is not counted.
_HEADER_LENGTH = 116


class MessageType(StrEnum):
    """The message types a client meets; others exist between service and agent and are ignored."""

    INPUT = "input_stream_data"
    OUTPUT = "output_stream_data"
    ACKNOWLEDGE = "acknowledge"
    CHANNEL_CLOSED = "channel_closed"
    START_PUBLICATION = "start_publication"
    PAUSE_PUBLICATION = "pause_publication"


_PADDED = {kind.value: kind.value.ljust(32).encode() for kind in MessageType}
_NAMES = {padded: name for name, padded in _PADDED.items()}

_IDS_AT_ONCE = 256

SYN = 1  # on an agent's first stream message
SYN_FIN = 3  # on every message outside the two streams: acknowledge, channel_closed


class Message(NamedTuple):
    """A decoded message. A tuple, because one is made for every message either way."""

    type: str
    sequence: int
    flags: int
    payload_type: int
    payload: bytes
    id: bytes
    """A UUID of version 4 as its 16 bytes, in the order in which it is written (RFC 9562)."""
    created: int
    """Milliseconds since the epoch, of the sender's wall clock."""
    schema: int = 1


class DigestMismatch(ProtocolError):
    """The payload is not what its digest says; the receiver drops the message and the sender repeats it."""


def encode(message: Message) -> bytes:
    """The bytes of one websocket message."""
    kind, sequence, flags, payload_type, payload, raw, created, schema = message
    return (
        _HEADER.pack(
            _HEADER_LENGTH,
            _PADDED.get(kind) or kind.encode().ljust(32),
            schema,
            created,
            sequence,
            flags,
            # The two halves of MessageId travel swapped, low half first (plugin messageparser.go, getUuid).
            raw[8:] + raw[:8],
            hashlib.sha256(payload).digest(),
            payload_type,
            len(payload),
        )
        + payload
    )


def decode(frame: bytes) -> Message:
    """The message in one binary websocket message.

    Like the plugin, takes the payload from HeaderLength + 4 to the end and checks the digest only where
    PayloadLength is not 0. Raises DigestMismatch where the digest is wrong, ProtocolError where this is no
    message at all.
    """
    if len(frame) < _HEADER.size:
        raise ProtocolError(f"a data-channel message of {len(frame)} bytes is shorter than its header")
    (length, kind, schema, created, sequence, flags, raw, digest, payload_type, payload_length) = (
        _HEADER.unpack_from(frame)
    )
    if not _HEADER_LENGTH <= length <= len(frame) - 4:
        raise ProtocolError(f"a data-channel message names a header of {length} bytes")
    payload = bytes(frame[length + 4 :])
    name = _NAMES.get(kind) or kind.strip(b"\0 \t\r\n").decode("ascii", "replace")
    if payload_length and hashlib.sha256(payload).digest() != digest:
        raise DigestMismatch(f"the payload of {name} message {sequence} does not match its digest")
    return Message(name, sequence, flags, payload_type, payload, raw[8:] + raw[:8], created, schema)


def uuid_text(raw: bytes) -> str:
    """A UUID of 16 bytes as JSON has it."""
    digits = raw.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def message_ids(random: Callable[[int], bytes]) -> Callable[[], bytes]:
    """What gives a new UUID of version 4 at each call; `random(n)` gives n random bytes and is asked rarely.

    uuid.uuid4 asks the kernel each time, which is a tenth of the cost of a message.
    """
    ready: list[bytes] = []

    def new() -> bytes:
        if not ready:
            block = bytearray(random(16 * _IDS_AT_ONCE))
            block[6::16] = bytes(byte & 0x0F | 0x40 for byte in block[6::16])  # version 4
            block[8::16] = bytes(byte & 0x3F | 0x80 for byte in block[8::16])  # variant of RFC 9562
            ready.extend(bytes(block[start : start + 16]) for start in range(0, len(block), 16))
        return ready.pop()

    return new
