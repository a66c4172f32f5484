"""The team's file, ssmx.toml: the tunnels a project needs, and what in it nobody should run unread."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ssmx.errors import ConfigError, UsageError
from ssmx.model import team_values as read
from ssmx.model import toml
from ssmx.model.catalog import SERVICES
from ssmx.model.endpoint import HOST
from ssmx.model.settings import Value
from ssmx.model.team_values import DB, FORWARD, KINDS

FILE = "ssmx.toml"
UNSET = Value("", "default")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LANES = 8


@dataclass(frozen=True, slots=True)
class Declared:
    """A tunnel of the file. `line` is where it begins.

    `to`: the TARGET of a forward, HOST:PORT of a host, or the endpoint's name. `remote`: the node's port, of a
    forward. `port`: the local one; 0 is one that is the same every time. `jump`: a TARGET, or empty.
    """

    name: str
    kind: str
    to: str
    line: int
    remote: int = 0
    profile: Value[str] = UNSET
    region: Value[str] = UNSET
    port: int = 0
    jump: str = ""
    reader: bool = False
    part: str = ""
    lanes: int = 1
    idle_minutes: float = 5.0
    user: str = ""
    iam_user: str = ""
    reason: str = ""
    client: tuple[str, ...] = ()
    endpoint_url: str = ""
    credential_process: str = ""

    @property
    def leads_to(self) -> str:
        """Where it leads, as the file says it."""
        if self.kind == FORWARD:
            return f"port {self.remote} of {self.to}"
        return self.to if self.kind in (HOST, DB) else f"{self.kind}/{self.to}"


@dataclass(frozen=True, slots=True)
class Team:
    """What a file says. `guarded`: line, tunnel and what it does there that needs trust in whoever wrote it."""

    path: str
    text: str = field(repr=False)
    """What was read: trust is in this, and not in whatever the file says later."""
    tunnels: tuple[Declared, ...] = ()
    guarded: tuple[tuple[int, str, str], ...] = ()


_KINDS_OF_NAMES = (DB, *SERVICES)
_KINDS_OF_TOKENS = (DB, "rds", "rds-proxy")


@dataclass(frozen=True, slots=True)
class _Key:
    """What a tunnel may say: which kinds take it, and which of them cannot be without it."""

    read: Callable[[object], Any]
    kinds: tuple[str, ...] = KINDS
    needed: tuple[str, ...] = ()


_KEYS: Mapping[str, _Key] = {
    "kind": _Key(read.kind, needed=KINDS),
    "target": _Key(read.target, (FORWARD,), needed=(FORWARD,)),
    "endpoint": _Key(read.text, (*_KINDS_OF_NAMES, HOST), needed=(*_KINDS_OF_NAMES, HOST)),
    "remote": _Key(read.number(1, 65535), (FORWARD,), needed=(FORWARD,)),
    "profile": _Key(read.text),
    "region": _Key(read.region),
    "port": _Key(read.number(0, 65535)),
    "jump": _Key(read.target, (*_KINDS_OF_NAMES, HOST), needed=(HOST,)),
    "reader": _Key(read.flag, _KINDS_OF_NAMES),
    "part": _Key(read.text, _KINDS_OF_NAMES),
    "lanes": _Key(read.number(1, _LANES)),
    "idle_minutes": _Key(read.minutes),
    "user": _Key(read.text, _KINDS_OF_NAMES),
    "iam_user": _Key(read.text, _KINDS_OF_TOKENS),
    "reason": _Key(read.reason),
    "client": _Key(read.client),
    "endpoint_url": _Key(read.url),
    "credential_process": _Key(read.text),
}
_DEFAULTS = ("profile", "region")  # which a file may say once for all its tunnels
_TOP = (*_DEFAULTS, "tunnels")
_ELSEWHERE = {"via": "jump", "host": "endpoint", "name": "endpoint", "service": "kind", "local": "port"}
_EXCLUSIVE = (("user", "iam_user"), ("reader", "part"))


def parse(text: str, path: str) -> Team:
    """What the file at `path` says. Raises ConfigError with its line."""
    body, lines = toml.parse(text, path, hint='write [tunnels.NAME], and below it NAME = "text" or NAME = 5')
    return _File(path, lines).team(text, body)


class _File:
    """Knows where each key stands."""

    def __init__(self, path: str, lines: toml.Lines) -> None:
        self._path = path
        self._lines = lines

    def team(self, text: str, body: Mapping[str, Any]) -> Team:
        for key in body:
            if key not in _TOP:
                raise self._unknown((key,), _TOP, "")
        defaults = {
            key: Value(self._taken((key,), body[key], _KEYS[key].read), self._origin(key))
            for key in _DEFAULTS
            if key in body
        }
        declared = body.get("tunnels", {})
        if not isinstance(declared, dict):
            raise self._error(("tunnels",), "tunnels is a table", hint="write [tunnels.NAME]")
        tunnels = tuple(self._tunnel(name, rows, defaults) for name, rows in declared.items())
        self._check_ports(tunnels)
        guarded = tuple(each for tunnel in tunnels for each in self._guarded(tunnel))
        return Team(self._path, text, tunnels, guarded)

    def _tunnel(self, name: str, rows: object, defaults: Mapping[str, Value[str]]) -> Declared:
        at = ("tunnels", name)
        if not _NAME.fullmatch(name):
            raise self._error(
                at, f"{name!r} is no name of a tunnel", hint="letters, digits, dots, dashes and underscores"
            )
        if not isinstance(rows, dict):
            raise self._error(at, f"{name} is no table", hint=f"write [tunnels.{name}], and its keys below")
        for key in rows:
            if key not in _KEYS:
                raise self._unknown((*at, key), tuple(_KEYS), f" in tunnel {name}")
        if "kind" not in rows:
            raise self._error(at, f"tunnel {name} has no kind", hint=f"it is one of {', '.join(KINDS)}")
        kind = self._taken((*at, "kind"), rows["kind"], read.kind)
        values = {key: self._value((*at, key), kind, value) for key, value in rows.items() if key != "kind"}
        for key, about in _KEYS.items():
            if kind in about.needed and key not in rows:
                raise self._error(at, f"tunnel {name} has no {key}", hint=_takes(kind))
        for one, other in _EXCLUSIVE:
            if values.get(one) and values.get(other):
                raise self._error((*at, other), f"{one} and {other} at once", hint="give one of the two")
        to = values.pop("target", "") or values.pop("endpoint")
        for key in _DEFAULTS:
            if key in values:
                values[key] = Value(values[key], self._origin(*at, key))
        return Declared(name, kind, to, self._line(at), **{**defaults, **values})

    def _value(self, at: toml.Key, kind: str, value: object) -> Any:
        key = at[-1]
        if kind not in _KEYS[key].kinds:
            raise self._error(at, f"{key} is not for a tunnel of kind {kind}", hint=_takes(kind))
        found = self._taken(at, value, _KEYS[key].read)
        if key == "endpoint":
            self._taken(at, found, {HOST: read.host, DB: read.database}.get(kind, read.text))
        return found

    def _check_ports(self, tunnels: tuple[Declared, ...]) -> None:
        first: dict[int, Declared] = {}
        for each in tunnels:
            other = first.setdefault(each.port, each)
            if each.port and other is not each:
                line = self._line(("tunnels", other.name, "port"))
                raise self._error(
                    ("tunnels", each.name, "port"),
                    f"port {each.port} is that of tunnel {other.name}, too (line {line})",
                    hint="give each its own, or leave one out",
                )

    def _guarded(self, tunnel: Declared) -> list[tuple[int, str, str]]:
        found: dict[str, str] = {}
        if tunnel.kind == HOST:
            # Whoever names a host decides who listens to a database's client, and to its password.
            found["kind"] = f'leads to a host of its own, {tunnel.to} (kind = "{HOST}")'
        if tunnel.client:
            found["client"] = f"names a program, `{shlex.join(tunnel.client)}` (client)"
        if tunnel.endpoint_url:
            found["endpoint_url"] = f"asks {tunnel.endpoint_url} in place of AWS (endpoint_url)"
        if tunnel.credential_process:
            found["credential_process"] = f"names a program, `{tunnel.credential_process}` (credential_process)"
        return sorted((self._line(("tunnels", tunnel.name, key)), tunnel.name, what) for key, what in found.items())

    def _taken(self, at: toml.Key, value: object, reader: Callable[[object], Any]) -> Any:
        try:
            return reader(value)
        except UsageError as error:
            raise self._error(at, f"{at[-1]}: {error.message}", hint=error.hint) from None

    def _unknown(self, at: toml.Key, known: tuple[str, ...], where: str) -> ConfigError:
        key = at[-1]
        close = [_ELSEWHERE[key]] if _ELSEWHERE.get(key) in known else difflib.get_close_matches(key, known, n=1)
        said = f"; did you mean {close[0]!r}?" if close else ""
        return self._error(at, f"unknown key {key!r}{where}{said}", hint=f"known are {', '.join(known)}")

    def _error(self, at: toml.Key, message: str, *, hint: str) -> ConfigError:
        return ConfigError(f"{self._path}:{self._line(at)}: {message}", hint=hint)

    def _origin(self, *at: str) -> str:
        return f"{self._path}:{self._line(at)}"

    def _line(self, at: toml.Key) -> int:
        return self._lines.get(at, 1)


def _takes(kind: str) -> str:
    return f"a tunnel of kind {kind} takes {', '.join(key for key, about in _KEYS.items() if kind in about.kinds)}"
