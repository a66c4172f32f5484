"""Ask a process that keeps tunnels; see `answering`. Light: it needs no event loop."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ssmx.errors import TryLater, of_told

_SECONDS = 5.0
_LONGEST = 100  # bytes of a socket's path: 104 on macOS, 108 on Linux


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """The path of a socket in a form that is short enough for the system, within it. Raises OSError."""
    if len(os.fsencode(path)) <= _LONGEST or sys.platform != "linux":
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def ask(path: str, request: Mapping[str, Any], *, seconds: float = _SECONDS) -> dict[str, Any]:
    """What the process at this socket answers. Raises TryLater where it does not, and the error that it tells."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(seconds)
            with reachable(Path(path)) as short:
                connection.connect(short)
            connection.sendall(json.dumps(request).encode() + b"\n")
            with connection.makefile("rb") as lines:
                body = json.loads(lines.readline())
    except (OSError, ValueError) as error:
        raise TryLater(f"the process that keeps the tunnel does not answer: {error}") from error
    if not isinstance(body, dict):
        raise TryLater("the process that keeps the tunnel answers nonsense")
    if "error" in body:
        raise of_told(body["error"])
    return body
