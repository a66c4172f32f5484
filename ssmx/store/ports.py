"""Which local port was given to what, so that it has the same one the next time. One JSON object in a file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ssmx.store import mapping

# Below the ports that systems give to outgoing connections (Linux from 32768, macOS from 49152).
FIRST, LAST = 15_000, 31_999


class Ports:
    """The ports that are remembered in `path`; where that is missing or broken, none are."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def candidates(self, key: str) -> Iterator[int]:
        """The port that `key` had the last time, or would have; then others, always in the same order."""
        known = _read(self._path)
        taken = {port for other, port in known.items() if other != key}
        if key in known:
            yield known[key]
        start = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8])
        count = LAST - FIRST + 1
        for step in range(count):
            port = FIRST + (start + step) % count
            if port not in taken and port != known.get(key):
                yield port

    def keep(self, key: str, port: int) -> None:
        """Remember the port of `key`, unless it has one. Where that fails, the order is still the same."""
        with suppress(OSError), mapping.changed(self._path) as known:
            known.setdefault(key, port)


def _read(path: Path) -> dict[str, int]:
    known = mapping.read(path)
    return {str(key): port for key, port in known.items() if isinstance(port, int) and 0 < port < 65536}
