"""The index: what was learned of each scope, in files that shells read as well; see store/pointed for where.

Whoever changes a scope has its lock, and writes each file whole. What is broken, a link or somebody else's is as
none, and is replaced by the next answer. The folders are private, and are not used where they are not the user's.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from ssmx.errors import LocalFault
from ssmx.model.index import NODES, Answer, Index, Scope, parse, written
from ssmx.store import pointed, whole
from ssmx.store.claim import AGAIN_SECONDS, claim
from ssmx.store.locked import locked

_NEVER = 99_999_999_999  # seconds since 1970, when what is not to be refreshed is stale
_INDEX, _LOCK, _CLAIM = "index", ".lock", ".refresh"
_REMOVALS = 20  # of a folder: who was on the way into it when it was renamed arrives while it is emptied


class Indexes:
    """The indexes in `folder`; `refresh` is the age in seconds from which on they are stale, 0 for never."""

    def __init__(self, folder: Path, *, refresh: float) -> None:
        self._folder = folder
        self._refresh = refresh

    def read(self, scope: str, *, about: str = "") -> Index | None:
        """What is known of the scope of this name, as `parse` gives it; None where nothing is."""
        try:
            return parse(pointed.own_bytes(str(self._folder / "scopes" / scope / _INDEX)), about=about)
        except ValueError:
            return None

    def every(self) -> list[Index]:
        """What is known of each scope, by its name."""
        try:
            names = sorted(each.name for each in (self._folder / "scopes").iterdir())
        except OSError:
            return []
        return [index for name in names if (index := self.read(name)) is not None]

    def learn(self, scope: Scope, answers: Sequence[Answer]) -> Index:
        """Take in what AWS said; gives what is known now.

        Raises LocalFault where it cannot be kept; what was there before stays then.
        """
        try:
            folder = _private(self._folder, "scopes", scope.name)
            with locked(folder / _LOCK):
                index = self.read(scope.name) or Index(scope)
                for answer in answers:
                    index.learn(answer)
                # The lists first: what shells offer may be ahead of what is known, and never behind it for long.
                for kind, words in _lists(index).items():
                    if kind == pointed.NAMES or words != pointed.lines(str(folder), kind):
                        self._write(folder / kind, words, index)
                whole.write(folder / _INDEX, written(index))
                return index
        except OSError as error:
            raise LocalFault(f"cannot keep the index in {self._folder}: {error.strerror}") from error

    def point(self, name: str, scope: Scope) -> None:
        """Let what a shell sees by this name mean the scope, from now on. Raises LocalFault."""
        try:
            path = _private(self._folder, "at") / name
            whole.write(path, f"{scope.name}\n".encode())
        except OSError as error:
            raise LocalFault(f"cannot write a pointer in {self._folder}: {error.strerror}") from error

    def claim(self, scope: Scope) -> bool:
        """Whether this process may refresh the scope: no other does, and none has begun in the last minute."""
        return claim(str(self._folder / "scopes" / scope.name / _CLAIM), AGAIN_SECONDS)

    def clear(self) -> int:
        """Forget everything; gives how many scopes there were. Raises LocalFault."""
        found = len(self.every())
        try:
            for name in ("at", "scopes", "claims"):
                # With what an earlier one, which was killed, has left of it.
                for each in (self._folder / name, *self._folder.glob(f".{name}.*")):
                    with suppress(FileNotFoundError):
                        _remove(each)
        except OSError as error:
            raise LocalFault(f"cannot remove {self._folder}: {error.strerror}") from error
        return found

    def _write(self, path: Path, words: Sequence[str], index: Index) -> None:
        listed = index.listed.get(NODES, 0.0)
        stale = int(listed + self._refresh) if self._refresh else _NEVER
        whole.write(path, pointed.list_of(words, stale).encode("utf-8", "replace"))


def _lists(index: Index) -> Mapping[str, list[str]]:
    return {
        pointed.NAMES: index.names(),
        pointed.WORDS: index.words(),
        pointed.ENDPOINTS: index.endpoint_words(),
        pointed.DOCUMENTS: sorted(index.documents),
    }


def _private(folder: Path, *below: str) -> Path:
    """The folder below, made where it is not there. Raises OSError, and LocalFault where one is not the user's."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for each in (folder, *(folder.joinpath(*below[: at + 1]) for at in range(len(below)))):
        with suppress(FileExistsError):
            each.mkdir(mode=0o700)
        about = each.lstat()
        if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid():
            raise LocalFault(f"{each} is not a folder of yours", hint="remove it")
    return folder.joinpath(*below)


def _remove(path: Path) -> None:
    """Remove a folder, or a link to one, though others write into it: they do not find it under another name."""
    if path.is_symlink():
        path.unlink()
    else:
        gone = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
        path.rename(gone)
        _empty(gone, again=_REMOVALS)


def _empty(folder: Path, *, again: int) -> None:
    try:
        import_module("shutil").rmtree(folder)
    except OSError as error:
        if error.errno != errno.ENOTEMPTY or not again:
            raise
        _empty(folder, again=again - 1)
