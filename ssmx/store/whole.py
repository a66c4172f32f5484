"""Write a file or a folder whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path


def write(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Put `data` in the place of what is at `path`, for this user alone unless `mode` says otherwise.

    Raises OSError, and leaves what was there then.
    """
    draft = _draft_of(path)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), mode)
        draft.replace(path)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


@contextmanager
def folder(path: Path) -> Iterator[Path]:
    """A private folder to be filled, which is at `path` afterwards, unless another ssmx has made that meanwhile.

    Raises OSError; what was filled is thrown away where something is raised within.
    """
    draft = _draft_of(path)
    draft.mkdir(mode=0o700)
    try:
        yield draft
        with suppress(OSError):  # the other has
            draft.rename(path)
    finally:
        import_module("shutil").rmtree(draft, ignore_errors=True)


def _draft_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.urandom(4).hex()}")
