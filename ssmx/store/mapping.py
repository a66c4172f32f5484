"""One JSON object in a file that several ssmx change at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ssmx.store import whole
from ssmx.store.locked import locked


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
    with locked(path.with_name(f".{path.name}.lock")):
        before = read(path)
        body = dict(before)
        yield body
        if body != before:
            whole.write(path, json.dumps(body, indent=1).encode())
