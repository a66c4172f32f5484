"""Where ssmx keeps what it keeps: the config and state folders of the operating system."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from ssmx.errors import LocalFault


def home_folder() -> Path:
    """The user's home. LocalFault without one."""
    with _home():
        return Path.home()


def config_file() -> Path:
    """The user's `config.toml`, which may not exist; `~/.config/ssmx` on Linux. LocalFault without a home."""
    with _home():
        return platformdirs.user_config_path("ssmx", appauthor=False) / "config.toml"


def state_folder(*parts: str) -> Path:
    """A folder of our state, made private (0700) on first use; raises LocalFault where it cannot be made."""
    with _home():
        ours = platformdirs.user_state_path("ssmx", appauthor=False)
    _make(ours)
    return _make(ours.joinpath(*parts))


def cache_folder() -> Path:
    """The folder of what can be fetched again, made private (0700) on first use; raises LocalFault."""
    with _home():
        return _make(platformdirs.user_cache_path("ssmx", appauthor=False))


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
