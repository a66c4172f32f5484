"""What the user's config.toml and a project's ssmx.toml may both say: settings, aliases, named targets, scopes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from pathlib import PurePath
from typing import Any

from ssmx.light import dataclass
from ssmx.model import scopes, toml
from ssmx.model import values as read
from ssmx.model.aliases import KEPT, Alias
from ssmx.model.scopes import SCOPES, Scopes
from ssmx.model.settings import ROWS, RUNS_ON_NODES, Value, check
from ssmx.model.target import Name
from ssmx.model.target import parse as parse_target

ALIASES, TARGETS, TUNNELS = "aliases", "targets", "tunnels"  # the tables of a file
SETTING, ALIAS, TARGET, TUNNEL = "setting", "alias", "target", "tunnel"  # what may need trust

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
NAME_HINT = "letters, digits, dots, dashes and underscores"

_SCOPE: Mapping[str, Callable[[object], str]] = {
    "profile": read.text,
    "region": read.region,
    "document": read.text,
    "reason": read.reason,
}
TARGET_KEYS = ("target", *_SCOPE)


@dataclass(frozen=True, slots=True)
class Guarded:
    """What a file does that needs trust in whoever wrote it: in a setting, an alias, a target or a tunnel."""

    line: int
    kind: str
    name: str
    what: str

    @property
    def where(self) -> str:
        """In what, for people: `tunnel payments`."""
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class NamedTarget:
    """A TARGET that has a name here. `scope`: the settings that go with it."""

    name: str
    target: Value[str]
    scope: Mapping[str, Value[str]]


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """What a file says; `text` is what was read: trust is in this, and not in whatever the file says later."""

    path: str
    text: str = field(repr=False)
    settings: Mapping[str, Value[Any]] = field(default_factory=dict)
    aliases: Mapping[str, Alias] = field(default_factory=dict)
    targets: Mapping[str, NamedTarget] = field(default_factory=dict)
    guarded: tuple[Guarded, ...] = ()
    scopes: tuple[Scopes, ...] = ()

    def guards(self, kind: str, name: str = "") -> tuple[Guarded, ...]:
        """What needs trust in whatever is of this kind, and of this name if one is given."""
        return tuple(each for each in self.guarded if each.kind == kind and name in ("", each.name))


def parse(text: str, path: str) -> ConfigFile:
    """What the user's file says. Raises ConfigError with its line."""
    file = toml.File(text, path, hint='write NAME = "text", NAME = true or NAME = 5')
    if TUNNELS in file.body:
        raise file.error(
            (TUNNELS,),
            "tunnels are in a project's ssmx.toml, and not here",
            hint="move them; `ssmx init` writes one",
        )
    return replace(shared(file), guarded=())  # it is the user's own


def shared(file: toml.File, *tables: str) -> ConfigFile:
    """What a file says besides these tables of its own. Raises ConfigError with its line."""
    known = (*ROWS, ALIASES, TARGETS, SCOPES, *tables)
    for key in file.body:
        if key not in known:
            raise file.unknown((key,), known)
    settings = {key: _setting(file, key) for key in ROWS if key in file.body}
    aliases = _each(file, ALIASES, _alias)
    targets = _each(file, TARGETS, _target)
    guarded = [
        Guarded(file.line((name,)), SETTING, name, f"{ROWS[name]['guarded']}, `{_word(each.value)}` ({name})")
        for name, each in settings.items()
        if ROWS[name]["guarded"] and each.value is not False  # an empty one, too: it hides the user's own
    ]
    guarded += [
        Guarded(file.line((ALIASES, each.name)), ALIAS, each.name, f"runs `ssmx {each.text}`")
        for each in aliases.values()
    ]
    for name, each in targets.items():
        guarded.append(Guarded(file.line((TARGETS, name)), TARGET, name, f"leads to {each.target.value}"))
        if "document" in each.scope:
            what = f"{RUNS_ON_NODES}, `{each.scope['document'].value}` (document)"
            guarded.append(Guarded(file.line((TARGETS, name, "document")), TARGET, name, what))
    return ConfigFile(file.path, file.text, settings, aliases, targets, in_order(guarded), scopes.parse(file))


def _word(value: object) -> str:
    """As a file says it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def in_order(guarded: list[Guarded]) -> tuple[Guarded, ...]:
    """As they stand in the file."""
    return tuple(sorted(guarded, key=lambda each: each.line))


def _setting(file: toml.File, name: str) -> Value[Any]:
    value = file.body[name]
    given = Value(value, file.origin(name))
    check(name, given)
    if isinstance(value, str) and not value.isprintable():
        raise file.error((name,), f"{name}: {value!r} holds characters that are not printed", hint="write others")
    if ROWS[name]["is_path"] and value and not value.startswith("~"):
        return Value(str(PurePath(file.path).parent / value), given.origin)
    return given


def _each(file: toml.File, table: str, made: Callable[[toml.File, str, object], Any]) -> dict[str, Any]:
    rows = file.table((table,), file.body.get(table, {}), entries='NAME = "…"')
    for name in rows:
        if not NAME.fullmatch(name):
            raise file.error((table, name), f"{name!r} is no name for one of the {table}", hint=NAME_HINT)
    return {name: made(file, name, value) for name, value in rows.items()}


def _alias(file: toml.File, name: str, value: object) -> Alias:
    at = (ALIASES, name)
    if name in KEPT:
        raise file.error(at, f"`ssmx {name}` takes no other meaning", hint="give the alias another name")
    return Alias(name, str(value), file.taken(at, read.words, value), file.origin(*at))


def _target(file: toml.File, name: str, value: object) -> NamedTarget:
    at = (TARGETS, name)
    if not isinstance(parse_target(name), Name):
        raise file.error(at, f"{name} means a node already", hint="give it a name that is no id and no address")
    rows = file.table(at, value, entries='target = "…"')
    for key in rows:
        if key not in TARGET_KEYS:
            raise file.unknown((*at, key), TARGET_KEYS, where=f" in target {name}")
    if "target" not in rows:
        raise file.error(at, f"target {name} has no target", hint='which node it is: target = "Role=api,Env=prod"')
    target = Value(file.taken((*at, "target"), read.target, rows["target"]), file.origin(*at, "target"))
    scope = {
        key: Value(file.taken((*at, key), reader, rows[key]), file.origin(*at, key))
        for key, reader in _SCOPE.items()
        if key in rows
    }
    return NamedTarget(name, target, scope)
