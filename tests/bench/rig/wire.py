"""The frame of the data channel, and the numbers in it."""

import hashlib
import os
import struct
import time
import uuid
from dataclasses import dataclass

OUTPUT, ERROR, SIZE, PARAMETER = 1, 2, 3, 4
HANDSHAKE_REQUEST, HANDSHAKE_RESPONSE, HANDSHAKE_COMPLETE = 5, 6, 7
ENCRYPTION_REQUEST, ENCRYPTION_RESPONSE = 8, 9
FLAG, STANDARD_ERROR, EXIT_CODE = 10, 11, 12

DISCONNECT_TO_PORT, TERMINATE_SESSION, CONNECT_TO_PORT_ERROR = 1, 2, 3

SYN, SYN_AND_FIN = 1, 3

HEADER_LENGTH = 116  # as the frame counts it: without the length of the payload
_HEADER = struct.Struct(">I32sIQqQ16s32sII")
_TYPES = {
    name: name.encode().ljust(32)
    for name in (
        "output_stream_data",
        "acknowledge",
        "channel_closed",
        "start_publication",
        "pause_publication",
    )
}


@dataclass(slots=True)
class Message:
    """A frame taken apart."""

    kind: str
    schema: int
    sequence: int
    flags: int
    identity: bytes
    digest: bytes
    payload_type: int
    payload_length: int
    payload: bytes
    header_length: int = HEADER_LENGTH

    @property
    def name(self):
        """The message id as text. The wire carries its last eight bytes first."""
        return str(uuid.UUID(bytes=self.identity[8:] + self.identity[:8]))

    @property
    def whole(self):
        """Whether the payload is what its sender sent."""
        return self.payload_length == len(self.payload) and hashlib.sha256(self.payload).digest() == self.digest


def pack(kind, sequence, flags, payload_type, payload):
    """A frame of the agent or of the gateway."""
    return (
        _HEADER.pack(
            HEADER_LENGTH,
            _TYPES[kind],
            1,
            int(time.time() * 1000),
            sequence,
            flags,
            os.urandom(16),
            hashlib.sha256(payload).digest(),
            payload_type,
            len(payload),
        )
        + payload
    )


def unpack(frame):
    """The message in a frame of the client."""
    length, kind, schema, _, sequence, flags, identity, digest, payload_type, size = _HEADER.unpack_from(frame)
    return Message(
        kind.strip(b"\x00").strip().decode("utf-8", "replace"),
        schema,
        sequence,
        flags,
        identity,
        digest,
        payload_type,
        size,
        bytes(frame[length + 4 :]),
        length,
    )


def flag(payload):
    """The number in a flag's payload."""
    return struct.unpack_from(">I", payload)[0]


def pack_flag(number):
    """The payload of a flag."""
    return struct.pack(">I", number)
