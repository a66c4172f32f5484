"""One JSON object in a file that several ssmx change at once."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ssmx.store import whole


def read(path: Path) -> dict[str, Any]:
    """The object; empty where the file is missing or broken."""
    try:
        body = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return body if isinstance(body, dict) else {}


@contextmanager
def changed(path: Path) -> Iterator[dict[str, Any]]:
    """The object, to be changed; written afterwards if it was. Two ssmx at once do not lose each other's line.

    Raises OSError.
    """
    descriptor = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        before = read(path)
        body = dict(before)
        yield body
        if body != before:
            whole.write(path, json.dumps(body, indent=1).encode())
    finally:
        os.close(descriptor)
