"""Which processes keep tunnels: one file for each, 0600, which tells a process by its pid and its birth.

A file whose process is dead is removed by whoever finds it, and is never taken for a tunnel; a pid that another
process has by now is never signalled.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ssmx.errors import LocalFault
from ssmx.model.running import Keeper, Kept, keeper_of
from ssmx.process import birth, namespace
from ssmx.store import whole
from ssmx.store.locked import locked


class Keepers:
    """The processes that are written down in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def living(self) -> list[Keeper]:
        """Those of this machine that live, oldest first."""
        found = []
        here = _here()
        for path in self._folder.glob("*.json"):
            body = _read(path)
            keeper = keeper_of(body) if body is not None else None
            if body is None or keeper is None or body.get("namespace", here["namespace"]) != here["namespace"]:
                continue  # of others we cannot know whether they live
            if keeper.birth and birth(keeper.pid) == keeper.birth:  # that of a dead one is empty
                found.append(keeper)
            elif body.get("machine") == here["machine"]:  # a home can be shared; and a laptop changes its name
                _forget(path, keeper)
        return sorted(found, key=lambda each: each.started)

    def check_free(self, name: str) -> None:
        """Raise LocalFault where a tunnel of this name is up."""
        _named([Kept(name)], self.living(), renamed=False)

    @contextmanager
    def entered(
        self,
        tunnels: Sequence[Kept],
        *,
        log: str = "",
        file: str = "",
        asked: Mapping[str, str] | None = None,
        renamed: bool = False,
    ) -> Iterator[Entry]:
        """Within it, this process is known to keep these tunnels; `renamed`: by other names where theirs are taken.

        Raises LocalFault where a name is taken, or this cannot be written.
        """
        # Another process that has this pid later has another file: whoever removes ours never removes that.
        path = self._folder / f"{os.getpid()}-{secrets.token_hex(4)}.json"
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        keeper = Keeper(os.getpid(), birth(os.getpid()), now, (), log=log, file=file, asked=asked or {})
        with self._alone():
            others = self.living()
            keeper = replace(
                keeper, tunnels=_named(tunnels, others, renamed=renamed), socket=str(path.with_suffix(".sock"))
            )
            entry = Entry(self, path, keeper)
            entry.write()
        try:
            yield entry
        finally:
            _forget(path, keeper)

    @contextmanager
    def alone(self, file: str) -> Iterator[Callable[[], None]]:
        """Within it, no other `ssmx up` of this file looks for its process; gives what ends that earlier.

        A child that goes on has the lock as well, until it ends it. Raises LocalFault.
        """
        with ExitStack() as stack:
            with _told(self._folder):  # and not what is within
                release = stack.enter_context(
                    locked(self._folder / f".up-{hashlib.sha256(file.encode()).hexdigest()[:8]}.lock")
                )
            yield release

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with _told(self._folder), locked(self._folder / ".lock"):
            yield


class Entry:
    """What is written down of this process."""

    def __init__(self, keepers: Keepers, path: Path, keeper: Keeper) -> None:
        self._keepers = keepers
        self._path = path
        self.keeper = keeper

    def change(self, tunnels: Sequence[Kept]) -> None:
        """Keep these instead. Raises LocalFault where another process has one of the names."""
        with self._keepers._alone():
            others = [each for each in self._keepers.living() if each.pid != self.keeper.pid]
            self.keeper = replace(self.keeper, tunnels=_named(tunnels, others, renamed=False))
            self.write()

    def write(self) -> None:
        """Write it down. Raises OSError."""
        body = {**self.keeper.as_json(), **_here()}
        whole.write(self._path, json.dumps(body, indent=1).encode())


def _named(tunnels: Sequence[Kept], others: Sequence[Keeper], *, renamed: bool) -> tuple[Kept, ...]:
    taken = {name: each for each in others for name in each.names}
    found: list[Kept] = []
    for kept in tunnels:
        name, number = kept.name, 1
        while name in taken or any(name == each.name for each in found):
            if not renamed and name in taken:
                raise LocalFault(
                    f"a tunnel called {name} is up already (pid {taken[name].pid})",
                    hint=f"`ssmx ps` shows it; `ssmx stop {name}`, or give this one another --name",
                )
            number += 1
            name = f"{kept.name}-{number}"
        found.append(replace(kept, name=name))
    return tuple(found)


def _here() -> dict[str, str]:
    """What tells this machine from others that share the home, and from containers of the same host name."""
    return {"machine": os.uname().nodename, "namespace": namespace()}


def _read(path: Path) -> Mapping[str, Any] | None:
    try:
        body = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return body if isinstance(body, dict) else None


def _forget(path: Path, keeper: Keeper) -> None:
    """Remove what a process that has ended left."""
    with suppress(OSError):
        path.unlink(missing_ok=True)
        if keeper.socket:
            Path(keeper.socket).unlink(missing_ok=True)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LocalFault(
            f"cannot write {folder}: {error.strerror or error}", hint="tunnels are written down there: make room"
        ) from error
