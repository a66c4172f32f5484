"""The team's file of the folder the user stands in, and whether what it says may be done."""

from __future__ import annotations

import os
from pathlib import Path

from ssmx.app import App
from ssmx.errors import ConfigError
from ssmx.model.config import TUNNEL
from ssmx.model.pointer import FILE
from ssmx.model.team import Team
from ssmx.store import team as store
from ssmx.store.config import read_project
from ssmx.store.paths import home_folder
from ssmx.store.trust import as_json, kept, refused, trusted

_HEADINGS = ("LINE", "WHERE", "WHAT IT DOES")


def declared(app: App, file: str | None) -> Team:
    """What `file` says, or without one the nearest ssmx.toml from here upwards. Raises ConfigError."""
    path = path_of(file)
    app.show.detail(f"tunnels are those of {path}")
    return read_project(path)


def check_trust(app: App, team: Team) -> None:
    """Raise ConfigError where a tunnel needs trust in the file, and it is not trusted as it was read."""
    if not (guarded := team.guards(TUNNEL)):
        return
    if not trusted(team):
        raise refused(team, guarded)
    app.show.detail(f"{team.path} is trusted")


def trust(app: App, file: str | None) -> int:
    """Print what the file may do from here on, and remember it; gives the exit status. Raises ConfigError."""
    team = declared(app, file)
    if team.guarded:
        kept().give(Path(team.path), team.text)
    match app.settings.output.value:
        case "json":
            app.show.json({"file": team.path, "trusted": bool(team.guarded), "guarded": as_json(team.guarded)})
        case "name":
            app.show.lines([team.path])
        case form:
            rows = [[str(each.line), each.where, each.what] for each in team.guarded]
            app.show.table(_HEADINGS, rows, form=form)
    if team.guarded:
        app.show.note(f"{team.path} is trusted until it is changed")
    else:
        app.show.note(f"{team.path} does nothing that needs trust")
    return 0


def untrust(app: App, file: str | None) -> int:
    """Forget that a file, which may be gone, was trusted; gives the exit status. Raises ConfigError, LocalFault."""
    path = path_of(file)
    was_trusted = kept().withdraw(path)
    app.show.note(f"{path} is no longer trusted" if was_trusted else f"{path} was not trusted")
    return 0


def path_of(file: str | None) -> Path:
    """The file that is meant, which may be gone. Raises ConfigError where none is found."""
    if file is None:
        found = store.find(here(), home_folder())
        if found is None:
            raise ConfigError(f"no {FILE} here or above", hint="`ssmx init` writes one")
    else:
        found = Path(file) if Path(file).is_absolute() else here() / file
    return Path(os.path.realpath(found))  # the same file has the same tunnels, whichever link leads to it


def here() -> Path:
    """The folder the user stands in. Raises ConfigError where it is gone."""
    try:
        return Path.cwd()
    except OSError as error:
        raise ConfigError("the folder you are in is gone", hint="cd to one that is there") from error
