"""The agent's end of smux, version 1: the frames of many streams in one, read and written.

Written apart from the client's end in ssmx.channel.mux, so that a mistake of one is not the other's too.
"""

from __future__ import annotations

from collections.abc import Iterator

SYN, FIN, PSH, NOP = range(4)
MOST = 32 * 1024  # bytes of data in one frame, as the agent's copies are cut


def frame(command: int, stream: int, data: bytes = b"") -> bytes:
    """A frame: version, command, length in two bytes, stream in four, little-endian, and its data."""
    return bytes((1, command)) + len(data).to_bytes(2, "little") + stream.to_bytes(4, "little") + data


class Reader:
    """Finds the frames in what comes, wherever it is cut."""

    def __init__(self) -> None:
        self._rest = b""

    def frames(self, data: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Command, stream and data of each whole frame. Raises ValueError for another version."""
        self._rest += data
        while len(self._rest) >= 8:
            if self._rest[0] != 1 or self._rest[1] > NOP:
                raise ValueError(f"smux version {self._rest[0]}, command {self._rest[1]}")
            end = 8 + int.from_bytes(self._rest[2:4], "little")
            if len(self._rest) < end:
                return
            command, stream = self._rest[1], int.from_bytes(self._rest[4:8], "little")
            body, self._rest = self._rest[8:end], self._rest[end:]
            yield command, stream, body
