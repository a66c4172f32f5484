"""Folders that are there for as long as the process that made them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ssmx import process
from ssmx.store.locked import locked
from ssmx.store.paths import state_folder

_OWNER = "owner"  # the file that says whose folder it is


@contextmanager
def passing_folder(name: str) -> Iterator[Path]:
    """A private folder in our state, removed at the end; those that killed processes left are removed first.

    Raises LocalFault, OSError.
    """
    parent = state_folder(name)
    with locked(parent / ".lock"):  # nobody takes a folder for a dead one's that has not been signed yet
        for each in parent.iterdir():
            if each.is_dir() and not _is_owned(each):
                shutil.rmtree(each, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix="", dir=parent))
        (folder / _OWNER).write_text(f"{os.getpid()} {process.birth(os.getpid())}", "utf-8")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_owned(folder: Path) -> bool:
    """Whether the process that made it lives."""
    try:
        pid, _, birth = (folder / _OWNER).read_text("utf-8").partition(" ")
        return bool(birth) and process.birth(int(pid)) == birth
    except (OSError, ValueError):
        return False
