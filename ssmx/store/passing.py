"""Folders that are there for as long as the process that made them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ssmx import process
from ssmx.store.paths import state_folder

_OWNER = "owner"  # the file that says whose folder it is


@contextmanager
def passing_folder(name: str) -> Iterator[Path]:
    """A private folder in our state, removed at the end; those that killed processes left are removed first.

    Raises LocalFault, OSError.
    """
    parent = state_folder(name)
    for each in parent.iterdir():
        if not _is_owned(each):
            shutil.rmtree(each, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix="", dir=parent))
    try:
        (folder / _OWNER).write_text(f"{os.getpid()} {process.birth(os.getpid())}", "utf-8")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_owned(folder: Path) -> bool:
    """Whether the process that made it lives; one that has just been made has nothing in it yet."""
    try:
        pid, _, birth = (folder / _OWNER).read_text("utf-8").partition(" ")
        return bool(birth) and process.birth(int(pid)) == birth
    except FileNotFoundError:
        return not any(folder.iterdir())
    except (OSError, ValueError):
        return False
