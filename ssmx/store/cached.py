"""A file that was fetched once and is kept, fetched again now and then; whole or not at all."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ssmx.errors import LocalFault, SsmxError
from ssmx.store import whole


def cached(path: Path, fetch: Callable[[], bytes], *, days: float) -> Path:
    """The file at `path`, with what `fetch` gives where there is none, or one older than so many days.

    An old one is good enough for a day where it cannot be fetched. Raises what `fetch` raises, and LocalFault.
    """
    try:
        age = time.time() - path.stat().st_mtime
    except OSError:
        age = None
    if age is not None and age < days * 86_400:
        return path
    try:
        found = fetch()
    except SsmxError:
        if age is None:
            raise
        with suppress(OSError):  # not at every run again
            later = time.time() - (days - 1) * 86_400
            os.utime(path, (later, later))
        return path
    try:
        whole.write(path, found)
    except OSError as error:
        raise LocalFault(f"cannot write {path}: {error.strerror}", hint="look at its folder") from error
    return path
