"""TOML with the line of each key: tomllib does not tell those."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from ssmx.errors import ConfigError

Key = tuple[str, ...]
Lines = Mapping[Key, int]

_PIECE = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|[\[\]{}=.,\n]"
    r"|[^\s\[\]{}=.,\#\"']+",
    re.DOTALL,
)


def parse(text: str, path: str, *, hint: str) -> tuple[dict[str, Any], Lines]:
    """The tables of a file, and the line of each key. Raises ConfigError with file and line, and this hint."""
    text = text.removeprefix("\ufeff")
    try:
        return tomllib.loads(text), lines_of(text)
    except RecursionError:
        raise ConfigError(f"{path}: its values are nested too deeply", hint=hint) from None
    except ValueError as error:  # and not TOMLDecodeError alone: a number may have too many digits
        at = re.search(r"\(at line (\d+)", str(error))
        line = at[1] if at else len(text.splitlines()) or 1
        raise ConfigError(f"{path}:{line}: {error}", hint=hint) from error


def lines_of(text: str) -> dict[Key, int]:
    """The line where each key and table is first named, in a text that is TOML."""
    reader = _Reader()
    line = 1
    for match in _PIECE.finditer(text.replace("\r\n", "\n")):
        piece = match[0]
        if not piece.startswith("#"):
            reader.take(piece, line)
        line += piece.count("\n")
    return reader.found


class _Reader:
    """Takes the pieces of a text one after the other, and notes the keys among them."""

    def __init__(self) -> None:
        self.found: dict[Key, int] = {}
        self._table: Key = ()
        self._key: Key = ()
        self._in_header = False
        self._in_value = False
        self._open: list[tuple[str, Key]] = []
        """The brackets of the value that are open, each with the key it belongs to."""

    def take(self, piece: str, line: int) -> None:
        """The next piece, which is no comment."""
        if piece == "\n":
            if not self._open:
                self._key, self._in_value, self._in_header = (), False, False
        elif self._in_value:
            self._value(piece)
        elif piece == "[":
            self._in_header = True
        elif piece == "]":
            if self._in_header:
                self._table = self._key
                self._note(self._table, line)
        elif piece == "}":  # of an empty table
            self._close()
        elif piece == "=":
            self._key = (*self._within, *self._key)
            self._note(self._key, line)
            self._in_value = True
        elif piece != ".":
            self._key = (*self._key, _unquoted(piece))

    def _value(self, piece: str) -> None:
        if piece in ("[", "{"):
            self._open.append((piece, self._key))
            if piece == "{":
                self._key, self._in_value = (), False
        elif piece in ("]", "}"):
            self._close()
        elif piece == "," and self._open and self._open[-1][0] == "{":
            self._key, self._in_value = (), False

    @property
    def _within(self) -> Key:
        return self._open[-1][1] if self._open else self._table

    def _close(self) -> None:
        if self._open:
            self._key = self._open.pop()[1]
        self._in_value = True

    def _note(self, key: Key, line: int) -> None:
        for length in range(1, len(key) + 1):
            self.found.setdefault(key[:length], line)


def _unquoted(piece: str) -> str:
    if piece[0] not in "\"'":
        return piece
    return str(tomllib.loads(f"key = {piece}")["key"])
