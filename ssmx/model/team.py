"""A project's file, ssmx.toml: the tunnels that a team needs, and what in it nobody should run unread."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from typing import Any

from ssmx.light import dataclass
from ssmx.model import team_values, toml
from ssmx.model import values as read
from ssmx.model.catalog import SERVICES
from ssmx.model.config import NAME, NAME_HINT, TUNNEL, TUNNELS, ConfigFile, Guarded, in_order, shared
from ssmx.model.endpoint import HOST
from ssmx.model.settings import Value
from ssmx.model.team_values import DB, FORWARD, KINDS

UNSET = Value("", "default")

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
class Team(ConfigFile):
    """What a project's file says."""

    tunnels: tuple[Declared, ...] = ()


_KINDS_OF_NAMES = (DB, *SERVICES)
_KINDS_OF_TOKENS = (DB, "rds", "rds-proxy")


@dataclass(frozen=True, slots=True)
class _Key:
    """What a tunnel may say: which kinds take it, and which of them cannot be without it."""

    read: Callable[[object], Any]
    kinds: tuple[str, ...] = KINDS
    needed: tuple[str, ...] = ()


_KEYS: Mapping[str, _Key] = {
    "kind": _Key(team_values.kind, needed=KINDS),
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
    "endpoint_url": _Key(team_values.url),
    "credential_process": _Key(read.text),
}
_DEFAULTS = ("profile", "region")  # which a file may say once for all its tunnels
_ELSEWHERE = {"via": "jump", "host": "endpoint", "name": "endpoint", "service": "kind", "local": "port"}
_EXCLUSIVE = (("user", "iam_user"), ("reader", "part"))


def parse(text: str, path: str) -> Team:
    """What the file at `path` says. Raises ConfigError with its line."""
    file = toml.File(text, path, hint='write [tunnels.NAME], and below it NAME = "text" or NAME = 5')
    found = shared(file, TUNNELS)
    defaults = {key: found.settings[key] for key in _DEFAULTS if key in found.settings}
    declared = file.table((TUNNELS,), file.body.get(TUNNELS, {}), entries="[tunnels.NAME]")
    tunnels = tuple(_tunnel(file, name, rows, defaults) for name, rows in declared.items())
    _check_ports(file, tunnels)
    guarded = in_order([*found.guarded, *(each for tunnel in tunnels for each in _guarded(file, tunnel))])
    return Team(path, text, found.settings, found.aliases, found.targets, guarded, found.scopes, tunnels=tunnels)


def _tunnel(file: toml.File, name: str, value: object, defaults: Mapping[str, Value[str]]) -> Declared:
    at = (TUNNELS, name)
    if not NAME.fullmatch(name):
        raise file.error(at, f"{name!r} is no name of a tunnel", hint=NAME_HINT)
    rows = file.table(at, value, entries="its keys")
    for key in rows:
        if key not in _KEYS:
            raise file.unknown((*at, key), tuple(_KEYS), where=f" in tunnel {name}", elsewhere=_ELSEWHERE)
    if "kind" not in rows:
        raise file.error(at, f"tunnel {name} has no kind", hint=f"it is one of {', '.join(KINDS)}")
    kind = file.taken((*at, "kind"), team_values.kind, rows["kind"])
    values = {key: _value(file, (*at, key), kind, value) for key, value in rows.items() if key != "kind"}
    for key, about in _KEYS.items():
        if kind in about.needed and key not in rows:
            raise file.error(at, f"tunnel {name} has no {key}", hint=_takes(kind))
    for one, other in _EXCLUSIVE:
        if values.get(one) and values.get(other):
            raise file.error((*at, other), f"{one} and {other} at once", hint="give one of the two")
    to = values.pop("target", "") or values.pop("endpoint")
    for key in _DEFAULTS:
        if key in values:
            values[key] = Value(values[key], file.origin(*at, key))
    return Declared(name, kind, to, file.line(at), **{**defaults, **values})


def _value(file: toml.File, at: toml.Key, kind: str, value: object) -> Any:
    key = at[-1]
    if kind not in _KEYS[key].kinds:
        raise file.error(at, f"{key} is not for a tunnel of kind {kind}", hint=_takes(kind))
    found = file.taken(at, _KEYS[key].read, value)
    if key == "endpoint":
        file.taken(at, {HOST: team_values.host, DB: team_values.database}.get(kind, read.text), found)
    return found


def _check_ports(file: toml.File, tunnels: tuple[Declared, ...]) -> None:
    first: dict[int, Declared] = {}
    for each in tunnels:
        other = first.setdefault(each.port, each)
        if each.port and other is not each:
            line = file.line((TUNNELS, other.name, "port"))
            raise file.error(
                (TUNNELS, each.name, "port"),
                f"port {each.port} is that of tunnel {other.name}, too (line {line})",
                hint="give each its own, or leave one out",
            )


def _guarded(file: toml.File, tunnel: Declared) -> list[Guarded]:
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
    return [
        Guarded(file.line((TUNNELS, tunnel.name, key)), TUNNEL, tunnel.name, what) for key, what in found.items()
    ]


def _takes(kind: str) -> str:
    return f"a tunnel of kind {kind} takes {', '.join(key for key, about in _KEYS.items() if kind in about.kinds)}"
