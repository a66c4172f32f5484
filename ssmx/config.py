"""`ssmx config`: what the settings are and who says so, whether the files are right, and one value changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from ssmx.app import App
from ssmx.errors import ConfigError, UsageError
from ssmx.model import config, team
from ssmx.model.aliases import expand, first_word
from ssmx.model.config import ALIASES, NAME, TARGET_KEYS, TARGETS, TUNNELS, ConfigFile
from ssmx.model.settings import ROWS, Value, read_word
from ssmx.model.toml import Key
from ssmx.model.wording import either, together
from ssmx.store import paths
from ssmx.store.config import Config, project_path, read_project, read_user


def show(app: App) -> int:
    """Print every setting, alias and named target with its origin; gives the exit status. Raises ConfigError."""
    found = _entries(app)
    match app.settings.output.value:
        case "json":
            app.show.json(
                [{"name": name, "value": each.value, "origin": each.origin} for name, each in found.items()]
            )
        case "name":
            app.show.lines([*found])
        case form:
            rows = [[name, _word(each.value), each.origin] for name, each in found.items()]
            app.show.table(("NAME", "VALUE", "ORIGIN"), rows, form=form)
    if untrusted := app.config.untrusted():
        where = together([each.where for each in untrusted])
        app.show.note(f"not before `ssmx config trust`: {where}")
    return 0


def get(app: App, name: str) -> int:
    """Print one value; gives the exit status. Raises UsageError for a name that says nothing, ConfigError."""
    found = _entries(app)
    if name not in found:
        raise _unknown(name, found)
    if app.settings.output.value == "json":
        app.show.json(found[name].value)
    else:
        app.show.lines([_word(found[name].value)])
    return 0


def _entries(app: App) -> dict[str, Value[Any]]:
    """All that counts in this run, by names as `get` takes them. Raises ConfigError where a file is broken."""
    if problems := app.config.problems():
        raise problems[0]
    found = {name: getattr(app.settings, name) for name in ROWS}
    found |= {f"{ALIASES}.{name}": Value(each.text, each.origin) for name, each in app.config.aliases().items()}
    for name, each in app.config.targets().items():
        said = {"target": each.target, **each.scope}
        found |= {f"{TARGETS}.{name}.{key}": value for key, value in said.items()}
    return found


def _word(value: str | bool | float) -> str:
    return (
        str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
    )


def _unknown(name: str, known: Collection[str]) -> UsageError:
    near = get_close_matches(name, known)
    said = f"; did you mean {either(near)}?" if near else ""
    return UsageError(f"nothing is set by the name {name!r}{said}", hint="`ssmx config show` lists all names")


def path(app: App) -> int:
    """Print where the files are, or would be; gives the exit status."""
    rows = [(path, whose, "yes" if path.exists() else "no") for path, whose in _places()]
    match app.settings.output.value:
        case "json":
            app.show.json(
                [{"file": str(path), "whose": whose, "exists": is_there == "yes"} for path, whose, is_there in rows]
            )
        case "name":
            app.show.lines([str(path) for path, _, is_there in rows if is_there == "yes"])
        case form:
            app.show.table(("FILE", "WHOSE", "EXISTS"), [[str(path), *rest] for path, *rest in rows], form=form)
    return 0


def _places() -> list[tuple[Path, str]]:
    """The user's file, and the project's where one is found; which may be somebody else's."""
    found = project_path(anybodys=True)
    return [(paths.config_file(), "user"), *([(found, "project")] if found is not None else [])]


def validate(app: App, file: str | None, commands: Collection[str], valued: Collection[str]) -> int:
    """Print what is wrong with `file`, or with the user's and the project's; gives the exit status.

    `commands` are what an alias may lead to, `valued` the options with a value that may stand before one.
    """
    if file is not None:
        named = Path(file).absolute()
        readers = [(named, partial(read_project if named.name == team.FILE else read_user, named))]
    else:
        whose: Mapping[str, Callable[[], ConfigFile | None]]
        whose = {"user": lambda: app.config.user, "project": lambda: app.config.project}
        readers = [(path, whose[each]) for path, each in _places() if each == "project" or path.exists()]
    answers = [(path, _problem(app, read, commands, valued)) for path, read in readers]
    if app.settings.output.value == "json":
        app.show.json(
            [
                {"file": str(path), "problem": error.message if error else "", "hint": error.hint if error else ""}
                for path, error in answers
            ]
        )
    else:
        app.show.lines([f"{path} is right" for path, error in answers if error is None])
        for _, error in answers:
            if error is not None:
                app.show.error(error)
    if not answers:
        app.show.note("there is no file to look at")
    return ConfigError.exit if any(error for _, error in answers) else 0


def _problem(
    app: App, read: Callable[[], ConfigFile | None], commands: Collection[str], valued: Collection[str]
) -> ConfigError | None:
    """What is wrong first; None where a file is right."""
    try:
        file = read()
        aliases = {**app.config.aliases(), **(file.aliases if file else {})}
        for each in file.aliases.values() if file else ():
            words, _ = expand([each.name], valued, aliases.get)
            at = first_word(words, valued)
            command = words[at] if at is not None else ""
            if command not in commands:
                near = get_close_matches(command, commands)
                said = f"; did you mean {either(near)}?" if near else ""
                raise ConfigError(
                    f"{each.origin}: alias {each.name} leads to no command: {command!r}{said}",
                    hint='for example db = "tunnel rds payments-prod"',
                )
    except ConfigError as error:
        return error
    return None


def set_value(app: App, name: str, word: str, *, project: bool) -> int:
    """Set one value in the user's file, or the project's; gives the exit status.

    What does not fit never reaches the file. Raises UsageError, ConfigError, LocalFault.
    """
    key = _key(name)
    value: str | bool | float = word if len(key) > 1 else read_word(name, word, f"{name} {word}")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    path, parse = _file(app, project=project)
    edited = import_module("ssmx.store.edited")  # tomlkit takes time

    def edit(text: str) -> str:
        parse(text)
        made = str(edited.with_value(text, key, value))
        try:
            parse(made)
        except ConfigError as error:  # its line is of a file that will never be
            raise UsageError(re.sub(r"^.*?:\d+: ", f"{name}: ", error.message), hint=error.hint) from None
        return made

    edited.change(path, edit)
    app.show.note(f"{name} is {_word(value)} in {path}")
    _tell_what_counts(app, name, path)
    return 0


def unset(app: App, name: str, *, project: bool) -> int:
    """Take one value out of the user's file, or the project's; gives the exit status.

    Raises UsageError, ConfigError, LocalFault.
    """
    key = _key(name, whole=True)
    path, parse = _file(app, project=project)
    edited = import_module("ssmx.store.edited")
    was_there = False

    def edit(text: str) -> str:
        nonlocal was_there
        parse(text)
        made = str(edited.without(text, key))
        was_there = made != text
        parse(made)
        return made

    edited.change(path, edit)
    app.show.note(f"{name} is no longer in {path}" if was_there else f"{name} was not in {path}")
    _tell_what_counts(app, name, path)
    return 0


def _key(name: str, *, whole: bool = False) -> Key:
    """Where a file says it; `whole`: all of a target may be meant. Raises UsageError."""
    table, _, rest = name.partition(".")
    if name in ROWS:
        return (name,)
    if table == ALIASES and NAME.fullmatch(rest):
        return (table, rest)
    target, _, key = rest.rpartition(".")
    if table == TARGETS and NAME.fullmatch(target) and key in TARGET_KEYS:
        return (table, target, key)
    if table == TARGETS and NAME.fullmatch(rest) and whole:
        return (table, rest)
    if table == TUNNELS:
        raise UsageError("a tunnel is changed in its file", hint="`ssmx config path` tells where that is")
    raise _unknown(name, [*ROWS, f"{ALIASES}.NAME", *(f"{TARGETS}.NAME.{key}" for key in TARGET_KEYS)])


def _file(app: App, *, project: bool) -> tuple[Path, Callable[[str], ConfigFile]]:
    """The file to change, and what reads a text of it. Raises ConfigError where there is no project."""
    if not project:
        path = paths.config_file()
        return path, lambda text: config.parse(text, str(path))
    found = project_path()
    if found is None:
        raise ConfigError(f"no {team.FILE} here or above", hint="`ssmx init` writes one")
    return found, lambda text: team.parse(text, str(found))


def _tell_what_counts(app: App, name: str, path: Path) -> None:
    """Say so where another origin goes before what is in the file now, or the file is to be trusted with it."""
    now = Config()
    now.forgiving = True
    app.config = now
    del app.settings
    try:
        counts = _entries(app).get(name)
    except ConfigError as error:
        app.show.note(f"{error.message}: `ssmx config validate` tells more")
        return
    if counts is not None and counts.origin != "default" and not counts.origin.startswith(f"{path}:"):
        app.show.note(f"{_word(counts.value)} goes before it: {counts.origin}")
    if any(path == Path(file.path) for file in now.files() if now.untrusted()):
        app.show.note(f"read {path}, then `ssmx config trust`: it does what needs that")
