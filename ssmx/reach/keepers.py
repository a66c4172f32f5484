"""The processes of this user that keep tunnels, and who else listens on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from urllib.parse import quote

from ssmx.errors import SsmxError
from ssmx.model.running import Keeper
from ssmx.process import birth
from ssmx.store.paths import state_folder
from ssmx.store.running import Keepers


def keepers() -> Keepers:
    """All of them. Raises LocalFault where our state has no folder."""
    return Keepers(state_folder("tunnels"))


def log_of(name: str) -> Path:
    """The file in which a background tunnel says what happens to it. Raises LocalFault."""
    return state_folder("tunnels", "logs") / f"{quote(name, safe='')}.log"


def lives(keeper: Keeper) -> bool:
    """Whether its process does, and none that has its pid by now."""
    return birth(keeper.pid) == keeper.birth


def keeps(keeper: Keeper, names: Sequence[str]) -> bool:
    """Whether it still keeps one of these tunnels; but for a team's file, those of a process end with it."""
    if not keeper.file:
        return lives(keeper)
    now = [each for each in keepers().living() if (each.pid, each.birth) == (keeper.pid, keeper.birth)]
    return any(name in names for each in now for name in each.names)


def holder(port: int) -> str:
    """Which program listens on a port of this machine, by its name; empty where the system does not tell."""
    psutil = import_module("psutil")  # which nobody needs whose port is free
    for process in psutil.process_iter(["name"]):
        with suppress(psutil.Error):
            listens = [each for each in process.net_connections("tcp") if each.status == psutil.CONN_LISTEN]
            if any(each.laddr.port == port for each in listens):
                return _tunnels_of(process.pid) or f"{process.info['name']} (pid {process.pid})"
    return ""


def _tunnels_of(pid: int) -> str:
    """What we call a process of ours that keeps tunnels; empty for another."""
    with suppress(SsmxError):
        for each in keepers().living():
            if each.pid == pid:
                return f"the tunnel {', '.join(each.names)} (pid {pid}; `ssmx ps` shows it)"
    return ""
