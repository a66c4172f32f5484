"""Where ssmx keeps what it keeps: the config and state folders of the operating system."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from ssmx.errors import LocalFault
from ssmx.store import pointed


def home_folder() -> Path:
    """The user's home. LocalFault without one."""
    with _home():
        return Path.home()


def config_file() -> Path:
    """The user's `config.toml`, which may not exist; `~/.config/ssmx` on Linux. LocalFault without a home."""
    return Path(pointed.config_file({**os.environ, "HOME": str(home_folder())}))


def state_folder(*parts: str) -> Path:
    """A folder of our state, made private (0700) on first use; raises LocalFault where it cannot be made."""
    with _home():
        ours = _of_system("state")
    _make(ours)
    return _make(ours.joinpath(*parts))


def cache_folder() -> Path:
    """The folder of what can be fetched again, made private (0700) on first use; raises LocalFault."""
    with _home():
        return _make(_of_system("cache"))


def _of_system(kind: str) -> Path:
    platformdirs = import_module("platformdirs")  # many a run needs no folder of it
    return Path(getattr(platformdirs, f"user_{kind}_path")("ssmx", appauthor=False))


def _make(folder: Path) -> Path:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LocalFault(f"cannot make {folder}: {error.strerror}", hint="check who owns its parent") from error
    return folder


@contextmanager
def _home() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:  # no HOME, and a uid that nobody knows, as in some containers
        raise LocalFault("your home folder is not known", hint="set HOME") from error
