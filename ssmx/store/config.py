"""The user's config.toml and the nearest ssmx.toml, as this run has read them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ssmx.errors import ConfigError
from ssmx.model import config
from ssmx.model.aliases import Alias
from ssmx.model.config import ALIAS, SETTING, TARGET, ConfigFile, Guarded, NamedTarget
from ssmx.model.scopes import Scopes
from ssmx.model.settings import Settings, Value, merge
from ssmx.store import paths, trust
from ssmx.store import team as files

if TYPE_CHECKING:
    from ssmx.model.team import Team


class Config:
    """Each file is read once, when it is first wanted.

    `forgiving`: a file that is broken says nothing, and one that is not trusted not what needs trust. So it is for
    commands that mend, or end what runs.
    """

    def __init__(self) -> None:
        self.forgiving = False

    @cached_property
    def user(self) -> ConfigFile:
        """The user's file; as an empty one where there is none. Raises ConfigError."""
        return read_user(paths.config_file())

    @cached_property
    def project(self) -> Team | None:
        """The nearest project's file, if there is one. Raises ConfigError."""
        path = project_path()
        return read_project(path) if path is not None else None

    def files(self) -> list[ConfigFile]:
        """The project's file and the user's: the first goes first. Raises ConfigError, unless forgiving."""
        found, problems = self._read()
        if problems and not self.forgiving:
            raise problems[0]
        return found

    def problems(self) -> list[ConfigError]:
        """Why files cannot be read."""
        return self._read()[1]

    def settings(self, flags: Mapping[str, Value[Any]], environ: Mapping[str, str]) -> Settings:
        """The settings of this run. Raises ConfigError, where one needs trust that the file has not, too."""
        files = self.files()
        said = [each.settings for each in files]
        merged = merge(flags, environ, said)
        for file in files:
            used = [each for each in file.guards(SETTING) if getattr(merged, each.name) is file.settings[each.name]]
            if used and self._untrusted(file, used):
                left = {name: each for name, each in file.settings.items() if not file.guards(SETTING, name)}
                return merge(flags, environ, [left if each is file.settings else each for each in said])
        return merged

    def alias(self, name: str) -> Alias | None:
        """What this word of a command line stands for. Raises ConfigError, also where that needs trust."""
        file = next((each for each in self.files() if name in each.aliases), None)
        if file is None or self._untrusted(file, file.guards(ALIAS, name)):
            return None
        return file.aliases[name]

    def target(self, name: str) -> NamedTarget | None:
        """The target of this name. Raises ConfigError, also where it needs trust."""
        file = next((each for each in self.files() if name in each.targets), None)
        if file is None or self._untrusted(file, file.guards(TARGET, name)):
            return None
        return file.targets[name]

    def aliases(self) -> dict[str, Alias]:
        """Those that count, by their names. Raises ConfigError, unless forgiving."""
        return {name: each for file in self.files()[::-1] for name, each in file.aliases.items()}

    def targets(self) -> dict[str, NamedTarget]:
        """Those that count, by their names. Raises ConfigError, unless forgiving."""
        return {name: each for file in self.files()[::-1] for name, each in file.targets.items()}

    def scopes(self) -> tuple[Scopes, ...]:
        """The scopes of the first file that has any. Raises ConfigError, unless forgiving."""
        return next((each.scopes for each in self.files() if each.scopes), ())

    def untrusted(self) -> tuple[Guarded, ...]:
        """What the project's file says in vain, because it is not trusted with it."""
        return tuple(
            each for file in self.files() if file.guarded and not trust.trusted(file) for each in file.guarded
        )

    def _untrusted(self, file: ConfigFile, used: Iterable[Guarded]) -> bool:
        """Whether this is to be left out. Raises ConfigError for that, unless forgiving."""
        if not used or trust.trusted(file):
            return False
        if not self.forgiving:
            raise trust.refused(file, used)
        return True

    def _read(self) -> tuple[list[ConfigFile], list[ConfigError]]:
        found: list[ConfigFile] = []
        problems = []
        readers: tuple[Callable[[], ConfigFile | None], ...] = (lambda: self.project, lambda: self.user)
        for read in readers:
            try:
                file = read()
            except ConfigError as error:
                problems.append(error)
            else:
                found += [file] if file is not None else []
        return found, problems


def project_path(*, anybodys: bool = False) -> Path | None:
    """The nearest project's file. Raises ConfigError where it is somebody else's, unless `anybodys` will do."""
    try:
        here = Path.cwd()
    except OSError:  # the folder is gone
        return None
    found = (files.nearest if anybodys else files.find)(here, paths.home_folder())
    return Path(os.path.realpath(found)) if found is not None else None


def read_user(path: Path) -> ConfigFile:
    """What the user's file says; nothing where there is none. Raises ConfigError with file and line."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):  # HOME=/dev/null, as services have it
        return ConfigFile(str(path), "")
    except OSError:
        pass  # reading it says why
    return config.parse(files.read(path), str(path))


def read_project(path: Path) -> Team:
    """What a project's file says. Raises ConfigError with file and line."""
    made: Team = import_module("ssmx.model.team").parse(files.read(path), str(path))  # it knows every service
    return made
