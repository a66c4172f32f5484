"""Where the team's file is, whose it is, and what it holds."""

from __future__ import annotations

import os
import pwd
import stat
from contextlib import suppress
from pathlib import Path

from ssmx.errors import ConfigError
from ssmx.model.pointer import FILE

_LARGEST = 1_000_000  # bytes; nobody writes that many


def find(start: Path, home: Path) -> Path | None:
    """The nearest ssmx.toml, as `nearest` finds it.

    Raises ConfigError for a file of somebody else, as git does for a repository; root's is taken.
    """
    path = nearest(start, home)
    if path is not None:
        _check_owner(path)
    return path


def nearest(start: Path, home: Path) -> Path | None:
    """The nearest ssmx.toml in `start` or above it, up to and including `home`; None where there is none.

    Outside home, folders above are looked in for as long as they are the user's: anybody may put a file in /tmp.
    """
    start, home = _resolved(start), _resolved(home)
    at_home = start.is_relative_to(home)
    for folder in (start, *start.parents):
        if folder != start and not at_home and not _is_ours(folder):
            return None
        path = folder / FILE
        if os.path.lexists(path):
            return path
        if at_home and folder == home:
            return None
    return None


def read(path: Path) -> str:
    """What is in the file. Raises ConfigError where that cannot be read."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ConfigError(f"{path} is no file", hint="it is a TOML file, in UTF-8")
            data = file.read(_LARGEST + 1)
    except IsADirectoryError:
        raise ConfigError(f"{path} is a folder", hint="it is a TOML file, in UTF-8") from None
    except OSError as error:
        raise ConfigError(
            f"cannot read {path}: {error.strerror}", hint="check its name, and who may read it"
        ) from error
    if len(data) > _LARGEST:
        raise ConfigError(f"{path} is larger than 1 MB", hint="it is a short file of tunnels")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path}:{line}: it is not UTF-8", hint="save it as UTF-8") from None


def _resolved(path: Path) -> Path:
    return Path(os.path.realpath(path))  # Path.resolve raises where links go round


def _ours() -> set[int]:
    """The user; under sudo, who called it, too."""
    ours = {os.getuid()}
    with suppress(ValueError):
        if ours == {0}:
            ours.add(int(os.environ.get("SUDO_UID", "0")))
    return ours


def _is_ours(folder: Path) -> bool:
    try:
        return folder.stat().st_uid in _ours()
    except OSError:
        return False


def _check_owner(path: Path) -> None:
    """Raise ConfigError where somebody else wrote the file, or the link to it."""
    owners = {path.lstat().st_uid}
    with suppress(OSError):  # a link to nothing: reading it says so
        owners.add(path.stat().st_uid)
    others = owners - _ours() - {0}
    if others:
        whose = _name_of(min(others))
        raise ConfigError(
            f"{path} is {whose}'s: it would say where your tunnels lead",
            hint="read it, and make it yours: a copy, or chown",
        )


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
