"""Change one value in a file that somebody has written: its comments, its order and its other lines stay."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import islice
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from ssmx.errors import ConfigError, LocalFault
from ssmx.model.toml import Key, lines_of
from ssmx.store import team, whole
from ssmx.store.locked import locked
from ssmx.store.paths import state_folder

_BOM = b"\xef\xbb\xbf"
_NEAR = 50  # lines below the last one of a table, in which its value ends


def change(path: Path, edit: Callable[[str], str]) -> None:
    """Put what `edit` makes of the text of `path` there, whole; the file a link leads to, and a new one if need be.

    Two ssmx at once do not lose each other's line. Raises ConfigError, LocalFault, and what `edit` does.
    """
    path = Path(os.path.realpath(path))
    try:
        with locked(state_folder() / "config.lock"):
            old = path.exists()
            text = team.read(path) if old else ""
            made = edit(text)
            if made == text:
                return
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            mark = _BOM if old and path.read_bytes().startswith(_BOM) else b""
            whole.write(path, mark + made.encode(), mode=path.stat().st_mode & 0o777 if old else 0o600)
    except OSError as error:
        raise LocalFault(
            f"cannot write {path}: {error.strerror}", hint="check who owns it, and its folder"
        ) from error


def with_value(text: str, key: Key, value: str | bool | float) -> str:
    """The text, which is TOML, with this value at `key`. Raises ConfigError where that is for a person to do."""
    wanted = deepcopy(tomllib.loads(text))
    table = wanted
    for name in key[:-1]:
        table = table.setdefault(name, {})
    is_new = key[-1] not in table
    table[key[-1]] = value
    drafts = _lines_added(text, key, value, wanted) if is_new else iter(())
    return _first(wanted, [drafts, _replaced(text, key, value)], key)


def without(text: str, key: Key) -> str:
    """The text, which is TOML, without what is at `key`. Raises ConfigError where that is for a person to do."""
    wanted = deepcopy(tomllib.loads(text))
    table = wanted
    for name in key[:-1]:
        table = table.get(name, {})
    if table.pop(key[-1], None) is None:
        return text
    return _first(wanted, [_removed(text, key)], key)


def _first(wanted: dict[str, Any], drafts: list[Iterator[str]], key: Key) -> str:
    """The first draft that says what is wanted and nothing else."""
    for each in (draft for some in drafts for draft in some):
        try:
            if _pruned(tomllib.loads(each)) == _pruned(wanted):
                return each
        except ValueError:
            continue
    raise ConfigError(f"{'.'.join(key)} cannot be changed in the way the file is written", hint="edit it by hand")


def _pruned(body: dict[str, Any]) -> dict[str, Any]:
    """Without tables that are empty: they say nothing."""
    tables = {name: _pruned(each) for name, each in body.items() if isinstance(each, dict)}
    return {name: tables.get(name, each) for name, each in body.items() if tables.get(name, True)}


def _lines_added(text: str, key: Key, value: object, wanted: dict[str, Any]) -> Iterator[str]:
    """A line below those of its table, before the comment of what follows; or a table at the end."""
    end = "\r\n" if "\r\n" in text else "\n"
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += end
    table, known = key[:-1], lines_of(text)
    line = f"{tomlkit.key(key[-1]).as_string()} = {tomlkit.item(value).as_string()}{end}"
    if table and table not in known:
        header = ".".join(tomlkit.key(each).as_string() for each in table)
        yield "".join([*lines, *([end] if lines else []), f"[{header}]{end}", line])
        return
    said = [at for name, at in known.items() if name[:-1] == table and (table or not _is_table(wanted[name[0]]))]
    comments = next((at for at, each in enumerate(lines) if not each.startswith("#")), len(lines))
    start = max([*said, known[table] if table else comments if not said else 0])
    for at in islice(range(start, len(lines) + 1), _NEAR):
        yield "".join([*lines[:at], line, *lines[at:]])


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


def _replaced(text: str, key: Key, value: object) -> Iterator[str]:
    try:
        document: Any = tomlkit.parse(text)
        table = document
        for name in key[:-1]:
            if name not in table:
                table[name] = tomlkit.table()
            table = table[name]
        table[key[-1]] = value
        yield tomlkit.dumps(document)
    except TOMLKitError:
        return


def _removed(text: str, key: Key) -> Iterator[str]:
    try:
        document: Any = tomlkit.parse(text)
        table = document
        for name in key[:-1]:
            table = table[name]
        del table[key[-1]]
        yield tomlkit.dumps(document)
    except TOMLKitError:
        return
