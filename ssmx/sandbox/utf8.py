"""Cut a stream of bytes into payloads the way the agent does: never inside a character."""

from __future__ import annotations

from ssmx.channel.reliable import CHUNK

_HELD = 3  # the most an unfinished character can be


class Cutter:
    """Bytes in, payloads of at most CHUNK bytes out.

    An unfinished or invalid sequence in the last three bytes is held until more output comes, and lost where none
    does: `A\\xff\\xfeB` goes out as `A`, and a second later `\\xff\\xfeBC` (seen on amazon-ssm-agent 3.3.0.0).
    """

    def __init__(self) -> None:
        self._held = b""

    def cut(self, data: bytes) -> list[bytes]:
        """The payloads that can go now."""
        size = CHUNK - _HELD
        payloads = [self._one(data[start : start + size]) for start in range(0, len(data), size)]
        return [payload for payload in payloads if payload]

    def _one(self, piece: bytes) -> bytes:
        old, piece = len(self._held), self._held + piece
        end = _sendable(piece, old)
        self._held = piece[end:]
        return piece[:end]


def _sendable(piece: bytes, old: int) -> int:
    """How much of it may go; the first `old` bytes were held before, and go unless they may yet be completed."""
    at = 0
    while at < len(piece):
        try:
            piece[at:].decode()
        except UnicodeDecodeError as error:
            start = at + error.start
            unfinished = error.reason == "unexpected end of data"
            if len(piece) - start <= _HELD and (unfinished or start >= old):
                return start
            at += max(error.end, 1)
        else:
            break
    return len(piece)
