"""Through which node each endpoint was reached the last time. One JSON object in a file."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from ssmx.store import mapping


class LastJumps:
    """The ids of nodes that are remembered in `path`; where that is missing or broken, none are."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def last(self, key: str) -> str:
        """The node through which the endpoint `key` was reached last; empty where none is known."""
        found = mapping.read(self._path).get(key, "")
        return found if isinstance(found, str) else ""

    def keep(self, key: str, node: str) -> None:
        """Remember it; an empty one forgets. Where that fails, the nodes are ranked anew the next time."""
        if self.last(key) == node:
            return
        with suppress(OSError), mapping.changed(self._path) as known:
            known[key] = node
