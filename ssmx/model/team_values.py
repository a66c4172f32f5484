"""How each value of ssmx.toml is read; what does not fit is a UsageError, which knows no line."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Callable
from urllib.parse import urlsplit

from ssmx.errors import UsageError
from ssmx.model.catalog import SERVICES, service_named
from ssmx.model.endpoint import HOST, host_endpoint
from ssmx.model.forward import far_host
from ssmx.model.target import parse

FORWARD = "forward"  # kinds of tunnels that are no service: a port of a node,
DB = "db"  # and a database of any service, with its own client
KINDS = (FORWARD, DB, *SERVICES, HOST)

_REGION = re.compile(r"[a-z0-9-]+")


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


def target(value: object) -> str:
    """A TARGET, as it was written."""
    return parse(text(value)).text


def region(value: object) -> str:
    """A region: in a URL it leads to AWS and nowhere else."""
    said = text(value)
    if not _REGION.fullmatch(said):
        raise UsageError(f"{said!r} is no region", hint="for example eu-west-1")
    return said


def reason(value: object) -> str:
    """Why, for the audit trail."""
    said = text(value)
    if len(said) > 256:
        raise UsageError(f"it has {len(said)} characters", hint="AWS takes 256")
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


def url(value: object) -> str:
    """A URL of HTTP."""
    said = text(value)
    try:
        parts = urlsplit(said)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and " " not in said
    except ValueError:
        fits = False
    if not fits:
        raise UsageError(f"{said!r} is no URL", hint="for example https://vpce-1.ssm.eu-west-1.vpce.amazonaws.com")
    return said


def kind(value: object) -> str:
    """A kind of tunnel."""
    said = text(value)
    if said in KINDS:
        return said
    close = difflib.get_close_matches(said, (FORWARD, DB), n=1)
    if close:
        raise UsageError(f"no kind {said!r}; did you mean {close[0]!r}?", hint=f"known are {', '.join(KINDS)}")
    try:
        return service_named(said, host=True).name
    except UsageError as error:
        raise UsageError(error.message, hint=f"known are {', '.join(KINDS)}") from None


def host(value: object) -> str:
    """HOST:PORT that a session can lead to."""
    said = text(value)
    far_host(host_endpoint(said).host)
    return said


def database(value: object) -> str:
    """NAME, or SERVICE/NAME."""
    said = text(value)
    service, slash, name = said.partition("/")
    if slash:
        service_named(service)
        if not name:
            raise UsageError(f"{said!r} names no database", hint="NAME, or SERVICE/NAME")
    return said
