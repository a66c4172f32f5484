"""TOML with the line of each key: tomllib does not tell those. What is wrong in a file is told with its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from typing import Any, TypeVar

from ssmx.errors import ConfigError, UsageError
from ssmx.model.wording import alike

T = TypeVar("T")

Key = tuple[str, ...]
Lines = Mapping[Key, int]

_PIECE = (
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|[\[\]{}=.,\n]"
    r"|[^\s\[\]{}=.,\#\"']+"
)


def parse(text: str, path: str, *, hint: str) -> tuple[dict[str, Any], Lines]:
    """The tables of a file, and the line of each key. Raises ConfigError with file and line, and this hint."""
    text = text.removeprefix("\ufeff")
    try:
        return _loads(text), lines_of(text)
    except RecursionError:
        raise ConfigError(f"{path}: its values are nested too deeply", hint=hint) from None
    except ValueError as error:  # and not TOMLDecodeError alone: a number may have too many digits
        at = re.search(r"\(at line (\d+)", str(error))
        line = at[1] if at else len(text.splitlines()) or 1
        raise ConfigError(f"{path}:{line}: {error}", hint=hint) from error


def _loads(text: str) -> dict[str, Any]:
    """The tables of a text; only a run that has a file needs tomllib. Raises ValueError, RecursionError."""
    made: dict[str, Any] = import_module("tomllib").loads(text)
    return made


class File:
    """What a file says, with the lines of its keys. Raises ConfigError where it is no TOML; see `parse`."""

    def __init__(self, text: str, path: str, *, hint: str) -> None:
        self.text = text
        self.path = path
        self.body, self._lines = parse(text, path, hint=hint)

    def line(self, at: Key) -> int:
        """Where this key is first named; a table of a list has its number behind the list's name, from 0 on."""
        lengths = range(len(at), 0, -1)  # tables in a list on one line are where that is
        return next((self._lines[at[:length]] for length in lengths if at[:length] in self._lines), 1)

    def origin(self, *at: str) -> str:
        """The file and the line of this key."""
        return f"{self.path}:{self.line(at)}"

    def taken(self, at: Key, read: Callable[[object], T], value: object) -> T:
        """What `read` makes of the value of this key. Raises ConfigError in the place of its UsageError."""
        try:
            return read(value)
        except UsageError as error:
            raise self.error(at, f"{at[-1]}: {error.message}", hint=error.hint) from None

    def table(self, at: Key, value: object, *, entries: str = "") -> Mapping[str, Any]:
        """A value that is a table. Raises ConfigError where it is none."""
        if not isinstance(value, dict):
            below = f", and {entries} below" if entries else ""
            raise self.error(at, f"{at[-1]} is no table", hint=f"write [{'.'.join(at)}]{below}")
        return value

    def unknown(
        self, at: Key, known: Collection[str], *, where: str = "", elsewhere: Mapping[str, str] | None = None
    ) -> ConfigError:
        """The error of a key that is none of these; `elsewhere` tells what others call them."""
        key = at[-1]
        same = (elsewhere or {}).get(key, "")
        close = [same] if same in known else alike(key, known, most=1)
        said = f"; did you mean {close[0]!r}?" if close else ""
        return self.error(at, f"unknown key {key!r}{where}{said}", hint=f"known are {', '.join(known)}")

    def error(self, at: Key, message: str, *, hint: str) -> ConfigError:
        """What is wrong with this key, and what to do."""
        return ConfigError(f"{self.origin(*at)}: {message}", hint=hint)


def lines_of(text: str) -> dict[Key, int]:
    """The line where each key and table is first named, in a text that is TOML."""
    reader = _Reader()
    line = 1
    for match in re.finditer(_PIECE, text.replace("\r\n", "\n"), re.DOTALL):
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
        self._brackets = 0
        self._counts: dict[Key, int] = {}
        """How many tables there are so far of each list of tables."""
        self._open: list[tuple[str, Key]] = []
        """The brackets of the value that are open, each with the key it belongs to."""

    def take(self, piece: str, line: int) -> None:
        """The next piece, which is no comment."""
        if piece == "\n":
            if not self._open:
                self._key, self._in_value, self._in_header, self._brackets = (), False, False, 0
        elif self._in_value:
            self._value(piece)
        elif piece == "[":
            self._in_header = True
            self._brackets += 1
        elif piece == "]":
            if self._in_header and self._brackets:
                self._table = self._listed() if self._brackets > 1 else self._key
                self._brackets = 0
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

    def _listed(self) -> Key:
        """The next table of the list that the header names: its number stands behind the name, from 0 on."""
        at = self._counts.get(self._key, 0)
        self._counts[self._key] = at + 1
        return (*self._key, str(at))

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
    return str(_loads(f"key = {piece}")["key"])
