"""Escape sequences of the keyboard, as OpenSSH has them (clientloop.c): a tilde at the beginning of a line."""

from __future__ import annotations

from enum import Enum, auto

_TILDE = b"~"
_LINE_ENDS = b"\r\n"

HELP = (
    b"~?\r\n"
    b"Supported escape sequences:\r\n"
    b" ~.   - end the session\r\n"
    b" ~?   - this message\r\n"
    b" ~~   - send the tilde by typing it twice\r\n"
    b"(Escapes are only recognized immediately after Enter.)\r\n"
)


class Escape(Enum):
    """What the user asks of ssmx, and not of the node."""

    END = auto()
    HELP = auto()


class Escapes:
    """Takes them out of what is typed. `on` says whether there are any.

    `twice`: a tilde for the node is sent as two, because what carries the session has escapes of its own.
    """

    def __init__(self, *, on: bool, twice: bool = False) -> None:
        self._on = on
        self._literal = _TILDE * 2 if twice else _TILDE
        self._line_begins = True
        self._pending = False  # a tilde at the beginning of a line, which is not sent yet

    def take(self, data: bytes) -> list[bytes | Escape]:
        """What was typed, in its order: bytes for the node, and escapes."""
        if (not self._on and self._literal == _TILDE) or (_TILDE not in data and not self._pending):
            self._line_begins = data[-1:] in (b"\r", b"\n") if data else self._line_begins
            return [data]
        parts: list[bytes | Escape] = []
        sent = bytearray()
        for number in data:
            key = bytes((number,))
            if self._pending:
                self._pending = False
                escape = {b".": Escape.END, b"?": Escape.HELP}.get(key)
                if escape is not None:
                    parts += [bytes(sent), escape] if sent else [escape]
                    sent.clear()
                    continue
                sent += self._literal if key == _TILDE else _TILDE + key
            elif self._line_begins and key == _TILDE and self._on:
                self._pending = True
                continue
            elif self._line_begins and key == _TILDE:
                sent += self._literal
            else:
                sent += key
            self._line_begins = key in _LINE_ENDS
        return [*parts, bytes(sent)] if sent else parts
