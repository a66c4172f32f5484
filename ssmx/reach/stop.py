"""`ssmx stop`: end tunnels, wherever they were started, and wait until they are really gone."""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence

from ssmx.app import App
from ssmx.errors import LocalFault, SsmxError, TryLater
from ssmx.model.running import Keeper
from ssmx.model.wording import together
from ssmx.process import signal_process
from ssmx.reach.keepers import keepers, keeps
from ssmx.reach.watch import answer_ended, unknown
from ssmx.tunnel.asking import ask

_END_SECONDS = 15.0
_SIGNALLED_SECONDS = 4.0  # of them, for a process that has not answered and is signalled
_LOOK_SECONDS = 0.1


def stop(app: App, names: Sequence[str], *, every: bool) -> int:
    """End these tunnels, or `every` one. Raises NoSuchTunnel before any ends, TryLater where one does not."""
    living = keepers().living()
    running = [name for keeper in living for name in keeper.names]
    for name in names:
        if name not in running:
            raise unknown(name, running)
    if every and not running:
        app.show.note("no tunnel runs")
    wanted = set(running if every else names)
    chosen = [(keeper, [name for name in keeper.names if name in wanted]) for keeper in living]
    chosen = [(keeper, each) for keeper, each in chosen if each]
    for keeper, each in chosen:
        if not keeper.file:
            _say_what_else_ends(app, keeper, each)
            _end(keeper)
    deadline = time.monotonic() + _END_SECONDS
    left = [(keeper, each) for keeper, each in chosen if not _gone(app, keeper, each, deadline)]
    ended = [(keeper, each) for keeper, each in chosen if (keeper, each) not in left]
    _answer(app, ended)
    if left:
        raise _not_ended(left)
    return 0


def _say_what_else_ends(app: App, keeper: Keeper, names: Sequence[str]) -> None:
    others = [name for name in keeper.names if name not in names]
    if others:
        verb = "ends" if len(others) == 1 else "end"
        app.show.note(f"{together(others)} {verb} too: it is one process with {together(names)} (pid {keeper.pid})")


def _end(keeper: Keeper) -> None:
    """Ask a process to end; it goes on where it was stopped, as it could not end."""
    _signal(keeper, signal.SIGTERM)
    _signal(keeper, signal.SIGCONT)


def _signal(keeper: Keeper, number: int) -> None:
    try:
        signal_process(keeper.pid, keeper.birth, number)
    except PermissionError as error:
        raise LocalFault(
            f"may not end process {keeper.pid} ({together(keeper.names)})", hint="it is of another user: sudo?"
        ) from error


def _gone(app: App, keeper: Keeper, names: Sequence[str], deadline: float) -> bool:
    """Wait until these tunnels of a process are gone; whether they are."""
    if keeper.file and _taken_down(app, keeper, names, deadline):
        return True
    while keeps(keeper, names):
        if time.monotonic() > deadline:
            return False
        app.signals.pause(_LOOK_SECONDS)
    return True


def _taken_down(app: App, keeper: Keeper, names: Sequence[str], deadline: float) -> bool:
    """Have the process of a team's file end these tunnels; whether it says that they are gone.

    Where it does not answer and they are all that it keeps, it is ended as any other.
    """
    seconds = max(deadline - time.monotonic() - _SIGNALLED_SECONDS, 1.0)
    try:
        _signal(keeper, signal.SIGCONT)  # where it was stopped, it could not answer
        answer = ask(keeper.socket, {"do": "down", "names": list(names)}, seconds=seconds)
        return not {each["name"] for each in answer["tunnels"]} & set(names)
    except (SsmxError, KeyError, TypeError) as error:
        app.show.detail(f"process {keeper.pid} has not taken down {together(names)}: {error}")
        if set(names) == set(keeper.names):
            _end(keeper)
        return False


def _answer(app: App, ended: Sequence[tuple[Keeper, Sequence[str]]]) -> None:
    """Tell which tunnels have ended: all of a process that is not a team's."""
    gone = [(name, keeper.pid) for keeper, names in ended for name in (names if keeper.file else keeper.names)]
    answer_ended(app, gone)
    for name, _ in gone:
        app.show.note(f"{name} has ended")


def _not_ended(left: Sequence[tuple[Keeper, Sequence[str]]]) -> TryLater:
    said = together([f"{together(names)} (pid {keeper.pid})" for keeper, names in left])
    keeper, names = left[0]
    return TryLater(
        f"{said} {'has' if len(left) == 1 and len(names) == 1 else 'have'} not ended in {_END_SECONDS:.0f} seconds",
        hint=f"`ssmx logs {names[0]}` may say why; `kill -9 {keeper.pid}` leaves its sessions open",
        details={"pids": [each.pid for each, _ in left]},
    )
