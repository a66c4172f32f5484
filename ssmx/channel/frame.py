"""One binary message of the data channel: a fixed header of 120 bytes, then the payload.

Layout measured on session-manager-plugin 1.2.677.0 and amazon-ssm-agent 3.3.0.0; the recordings in tests/wire
are decoded and encoded again to the same bytes by tests/channel/test_wire.py.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

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


_NAMES = {kind.value.ljust(32).encode(): kind.value for kind in MessageType}

SYN = 1  # on an agent's first stream message
SYN_FIN = 3  # on every message outside the two streams: acknowledge, channel_closed


@dataclass(frozen=True, slots=True)
class Message:
    """A decoded message. `created` is milliseconds since the epoch, of the sender's wall clock."""

    type: str
    sequence: int
    flags: int
    payload_type: int
    payload: bytes
    id: UUID
    created: int
    schema: int = 1


class DigestMismatch(ProtocolError):
    """The payload is not what its digest says; the receiver drops the message and the sender repeats it."""


def encode(message: Message) -> bytes:
    """The bytes of one websocket message."""
    raw = message.id.bytes
    return (
        _HEADER.pack(
            _HEADER_LENGTH,
            message.type.encode().ljust(32),
            message.schema,
            message.created,
            message.sequence,
            message.flags,
            # The two halves of MessageId travel swapped, low half first (plugin messageparser.go, getUuid).
            raw[8:] + raw[:8],
            hashlib.sha256(message.payload).digest(),
            message.payload_type,
            len(message.payload),
        )
        + message.payload
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
    return Message(name, sequence, flags, payload_type, payload, UUID(bytes=raw[8:] + raw[:8]), created, schema)
