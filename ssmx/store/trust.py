"""Which project files the user has read and trusts, as they were then. One JSON object in a file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from ssmx.errors import ConfigError, LocalFault
from ssmx.model.config import ConfigFile, Guarded
from ssmx.store import mapping
from ssmx.store.paths import state_folder


class Trust:
    """Trust that is kept in `path`; where that is missing or broken, there is none."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def given(self, file: Path, text: str) -> bool:
        """Whether this text of the file is trusted: no other one is."""
        return mapping.read(self._path).get(_key(file)) == _digest(text)

    def give(self, file: Path, text: str) -> None:
        """Trust this text of the file. Raises LocalFault."""
        with self._changed() as known:
            known[_key(file)] = _digest(text)

    def withdraw(self, file: Path) -> bool:
        """Trust the file no more; gives whether it was. Raises LocalFault."""
        with self._changed() as known:
            return known.pop(_key(file), None) is not None

    @contextmanager
    def _changed(self) -> Iterator[dict[str, Any]]:
        try:
            with mapping.changed(self._path) as known:
                yield known
        except OSError as error:
            raise LocalFault(
                f"cannot write {self._path}: {error.strerror}", hint="check who owns it, and its folder"
            ) from error


def kept() -> Trust:
    """The user's. Raises LocalFault where it can be nowhere."""
    return Trust(state_folder() / "trusted.json")


def trusted(file: ConfigFile) -> bool:
    """Whether a project's file is trusted as it was read. Raises LocalFault."""
    return kept().given(Path(file.path), file.text)


def refused(file: ConfigFile, used: Iterable[Guarded]) -> ConfigError:
    """Why the first of what is used of a file is not done."""
    first = next(iter(used))
    return ConfigError(
        f"{file.path}:{first.line}: {first.where} {first.what}, and the file is not trusted",
        hint="read it, then `ssmx config trust`",
        details={"guarded": as_json(file.guarded)},
    )


def as_json(guarded: Iterable[Guarded]) -> list[dict[str, object]]:
    """What needs trust, for programs."""
    return [{"line": each.line, "where": each.where, "what": each.what} for each in guarded]


def _key(file: Path) -> str:
    return os.path.realpath(file)


def _digest(text: str) -> str:
    return str(import_module("hashlib").sha256(text.encode()).hexdigest())
