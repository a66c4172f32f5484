"""The processes of this user that keep tunnels, and how they are asked."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from ssmx.store.paths import state_folder
from ssmx.store.running import Keepers


def keepers() -> Keepers:
    """All of them. Raises LocalFault where our state has no folder."""
    return Keepers(state_folder("tunnels"))


def log_of(name: str) -> Path:
    """The file in which a background tunnel says what happens to it. Raises LocalFault."""
    return state_folder("tunnels", "logs") / f"{quote(name, safe='')}.log"
