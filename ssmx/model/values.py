"""How the values of ssmx's files are read; what does not fit is a UsageError, which knows no line."""

from __future__ import annotations

import shlex
from collections.abc import Callable

from ssmx.errors import UsageError
from ssmx.model.settings import wrong_reason, wrong_region
from ssmx.model.target import parse


def text(value: object) -> str:
    """Words that are not empty, on one line."""
    if not isinstance(value, str):
        raise UsageError(f"it is text, not {value!r}", hint='write it in quotes: "…"')
    if not value.strip():
        raise UsageError("it is empty", hint="leave the line out, or say what it is")
    if not value.isprintable():
        raise UsageError(f"{value!r} holds characters that are not printed", hint="write it on one line")
    return value


def flag(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise UsageError(f"it is true or false, not {value!r}", hint="without quotes")
    return value


def number(first: int, last: int) -> Callable[[object], int]:
    """What reads a whole number from `first` to `last`."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not first <= value <= last:
            raise UsageError(f"it is a number from {first} to {last}, not {value!r}", hint="without quotes")
        return value

    return read


def minutes(value: object) -> float:
    """A number of minutes, more than 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise UsageError(f"it is a number of minutes, more than 0, not {value!r}", hint="for example 2.5")
    return float(value)


def listed(one: Callable[[object], str]) -> Callable[[object], tuple[str, ...]]:
    """What reads a list in which everything is read by `one`, each once."""

    def read(value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not value:
            raise UsageError(f"it is a list, not {value!r}", hint='for example ["…", "…"]')
        return tuple(dict.fromkeys(map(one, value)))

    return read


def target(value: object) -> str:
    """A TARGET, as it was written."""
    return parse(text(value)).text


def region(value: object) -> str:
    """A region."""
    said = text(value)
    if wrong := wrong_region(said):
        raise UsageError(wrong, hint="for example eu-west-1")
    return said


def reason(value: object) -> str:
    """Why, for the audit trail."""
    said = text(value)
    if wrong := wrong_reason(said):
        raise UsageError(wrong, hint="AWS takes 256")
    return said


def client(value: object) -> tuple[str, ...]:
    """A program and its arguments: a list, or one text that is split as a shell does."""
    if isinstance(value, str):
        try:
            words = shlex.split(value)
        except ValueError as error:
            raise UsageError(f"{value!r} is no command: {error}", hint='or write ["psql", "-c", "…"]') from None
    elif isinstance(value, list) and all(isinstance(each, str) for each in value):
        words = value
    else:
        raise UsageError(f"it is a command, not {value!r}", hint='write "psql -X" or ["psql", "-X"]')
    if not words or not words[0]:
        raise UsageError("it is empty", hint="leave the line out, or say what it is")
    if any("\0" in word for word in words):
        raise UsageError("it holds a NUL", hint="no program takes one")
    return tuple(words)


def words(value: object) -> tuple[str, ...]:
    """The words of a command line, split as a shell does."""
    said = text(value)
    try:
        return tuple(shlex.split(said))
    except ValueError as error:
        raise UsageError(f"{said!r}: {error}", hint="quotes and backslashes are those of a shell") from None
