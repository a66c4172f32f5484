"""`ssmx config`: what the settings are and who says so, whether the files are right, and one value changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from ssmx.app import App
from ssmx.errors import ConfigError, UsageError
from ssmx.model import config, team
from ssmx.model.aliases import Alias, expand, first_word
from ssmx.model.config import ALIASES, NAME, TARGET_KEYS, TARGETS, TUNNELS, ConfigFile
from ssmx.model.pointer import FILE
from ssmx.model.scopes import SCOPES
from ssmx.model.settings import ROWS, Value, read_word
from ssmx.model.toml import Key
from ssmx.model.wording import alike, either, together
from ssmx.store import paths
from ssmx.store.config import Config, project_path, read_project, read_user


def show(app: App) -> int:
    """Print every setting, alias, target and scope with its origin; gives the exit status. Raises ConfigError."""
    found = _entries(app)
    match app.settings.output.value:
        case "json":
            app.show.json([{"name": name, **asdict(each)} for name, each in found.items()])
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
    scopes = app.config.scopes()
    for at, table in enumerate(scopes, 1):
        name = f"{SCOPES}.{at}" if len(scopes) > 1 else SCOPES
        found |= {f"{name}.{key}": Value(word, table.origin) for key, word in table.words.items() if word}
    return found


def _word(value: str | bool | float) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _unknown(name: str, known: Collection[str]) -> UsageError:
    near = alike(name, known)
    said = f"; did you mean {either(near)}?" if near else ""
    return UsageError(f"nothing is set by the name {name!r}{said}", hint="`ssmx config show` lists all names")


def path(app: App) -> int:
    """Print where the files are, or would be; gives the exit status."""
    found = [(str(path), whose, path.exists()) for path, whose in _places()]
    match app.settings.output.value:
        case "json":
            app.show.json([dict(zip(("file", "whose", "exists"), each, strict=True)) for each in found])
        case "name":
            app.show.lines([path for path, _, exists in found if exists])
        case form:
            rows = [[path, whose, "yes" if exists else "no"] for path, whose, exists in found]
            app.show.table(("FILE", "WHOSE", "EXISTS"), rows, form=form)
    return 0


def _places() -> list[tuple[Path, str]]:
    """The user's file, and the project's where one is found; which may be somebody else's."""
    found = project_path(anybodys=True)
    return [(paths.config_file(), "user"), *([(found, "project")] if found is not None else [])]


def validate(app: App, file: str | None, commands: Collection[str], valued: Collection[str]) -> int:
    """Print what is wrong with `file`, or with the user's and the project's; gives the exit status.

    `commands` are what an alias may lead to, `valued` the options with a value that may stand before one.
    """
    reads: Mapping[str, Callable[[], ConfigFile | None]]
    if file is not None:
        named = Path(file).absolute()
        reads = {str(named): partial(read_project if named.name == FILE else read_user, named)}
    else:
        read = {"user": lambda: app.config.user, "project": lambda: app.config.project}
        reads = {str(path): read[whose] for path, whose in _places() if whose == "project" or path.exists()}
    answers = [(path, _problem(app, read, commands, valued)) for path, read in reads.items()]
    if app.settings.output.value == "json":
        app.show.json(
            [
                {"file": path, "problem": error.message if error else "", "hint": error.hint if error else ""}
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
        if file is None:
            return None
        aliases = {**app.config.aliases(), **file.aliases}
        for each in file.aliases.values():
            words, _ = expand([each.name], valued, aliases.get)
            at = first_word(words, valued)
            if at is None or words[at] not in commands:
                return _leads_nowhere(each, words[at] if at is not None else "", commands)
    except ConfigError as error:
        return error
    return None


def _leads_nowhere(alias: Alias, word: str, commands: Collection[str]) -> ConfigError:
    near = alike(word, commands)
    said = f"; did you mean {either(near)}?" if near else ""
    hint = 'it begins with one, for example db = "tunnel rds payments-prod"'
    return ConfigError(f"{alias.origin}: alias {alias.name} leads to no command, {word!r}{said}", hint=hint)


def set_value(app: App, name: str, word: str, *, project: bool) -> int:
    """Set one value in the user's file, or the project's; gives the exit status.

    What does not fit never reaches the file. Raises UsageError, ConfigError, LocalFault.
    """
    key = _key(name)
    value = _read(name, word) if len(key) == 1 else word
    path, parse = _file(app, project=project)
    edited = import_module("ssmx.store.edited")  # tomlkit takes time

    def edit(text: str) -> str:
        parse(text)
        made = str(edited.with_value(text, key, value))
        with _said_by_the_user():
            parse(made)
        return made

    edited.change(path, edit)
    app.show.note(f"{name} is {_word(value)} in {path}")
    _tell_what_counts(app, name, path)
    return 0


def _read(name: str, word: str) -> str | bool | float:
    with _said_by_the_user():
        value = read_word(name, word, f"{name} {word}")
    return int(value) if isinstance(value, float) and value.is_integer() else value


@contextmanager
def _said_by_the_user() -> Iterator[None]:
    """A ConfigError is a UsageError here, and names no line: it would be one of a file that will never be."""
    try:
        yield
    except ConfigError as error:
        raise UsageError(re.sub(r"^.*?:\d+: ", "", error.message), hint=error.hint) from None


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
    if table in (TUNNELS, SCOPES):
        said = "a tunnel is changed in its file" if table == TUNNELS else "scopes are changed in their file"
        raise UsageError(said, hint="`ssmx config path` tells where that is")
    raise _unknown(name, [*ROWS, f"{ALIASES}.NAME", *(f"{TARGETS}.NAME.{key}" for key in TARGET_KEYS)])


def _file(app: App, *, project: bool) -> tuple[Path, Callable[[str], ConfigFile]]:
    """The file to change, and what reads a text of it. Raises ConfigError where there is no project."""
    if not project:
        path = paths.config_file()
        return path, lambda text: config.parse(text, str(path))
    found = project_path()
    if found is None:
        raise ConfigError(f"no {FILE} here or above", hint="`ssmx init` writes one")
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
    if now.untrusted() and now.project is not None and path == Path(now.project.path):
        app.show.note(f"read {path}, then `ssmx config trust`: it does what needs that")
