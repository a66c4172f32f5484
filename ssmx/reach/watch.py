"""The tunnels that run on this machine, as their processes tell of them; `ssmx ps`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from threading import Thread
from typing import Any

from ssmx.app import App
from ssmx.errors import NoSuchTunnel, SsmxError
from ssmx.light import dataclass
from ssmx.model.columns import age
from ssmx.model.running import Facts, Keeper, State, facts_in
from ssmx.model.status import lanes, listens, through, time_of
from ssmx.model.wording import alike
from ssmx.reach.keepers import keepers, lives
from ssmx.tunnel.asking import ask

_YOUNG_SECONDS = 10.0  # in which a process may not answer yet
_ANSWER_SECONDS = 1.0

_HEADINGS = (*("NAME", "LISTENS", "LEADS TO", "THROUGH", "STATE", "LANES", "CONNECTIONS", "PID", "UP", "FROM"),)


@dataclass(frozen=True, slots=True)
class Seen:
    """One tunnel, and the process that keeps it."""

    keeper: Keeper
    facts: Facts

    def as_json(self) -> dict[str, Any]:
        """As JSON shows it."""
        keeper = self.keeper
        return {
            **self.facts.as_json(),
            "pid": keeper.pid,
            "started": keeper.started,
            "log": keeper.log,
            "file": keeper.file,
        }


def seen(now: datetime) -> list[Seen]:
    """Every tunnel of this user on this machine, oldest first; all are asked at once. Raises LocalFault."""
    found = keepers().living()
    answers: dict[int, dict[str, Facts]] = {}

    def put(keeper: Keeper) -> None:
        answers[keeper.pid] = _told(keeper)

    asking = [Thread(target=put, args=(each,), daemon=True) for each in found]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    return [
        Seen(keeper, answers[keeper.pid].get(name) or Facts(name, _unheard(keeper, now)))
        for keeper in found
        if answers[keeper.pid] or lives(keeper)  # it may have ended meanwhile
        for name in keeper.names
    ]


def ps(app: App) -> int:
    """Print every tunnel that runs."""
    now = app.now()
    found = seen(now)
    match app.settings.output.value:
        case "json":
            app.show.json([each.as_json() for each in found])
        case "name":
            app.show.lines([each.facts.name for each in found])
        case form:
            app.show.table(_HEADINGS, [_row(each, now) for each in found], form=form)
    if not found:
        app.show.note("no tunnel runs")
    return 0


def answer_ended(app: App, ended: Sequence[tuple[str, int]]) -> None:
    """Answer which tunnels have ended, by name, with the pid that each had, where programs ask."""
    match app.settings.output.value:
        case "json":
            app.show.json([{"name": name, "pid": pid} for name, pid in ended])
        case "name":
            app.show.lines([name for name, _ in ended])


def unknown(name: str, known: Sequence[str], also: str = "") -> NoSuchTunnel:
    """What is raised where no tunnel has that name; one of those known that is like it is offered."""
    near = alike(name, known, most=1)
    return NoSuchTunnel(f"no tunnel called {name} runs{also}" + (f": did you mean {near[0]}?" if near else ""))


def _told(keeper: Keeper) -> dict[str, Facts]:
    """What a process tells of its tunnels, by their names; nothing where it does not answer."""
    try:
        return facts_in(ask(keeper.socket, {}, seconds=_ANSWER_SECONDS))
    except (SsmxError, KeyError, TypeError, ValueError, AttributeError):
        return {}


def _unheard(keeper: Keeper, now: datetime) -> State:
    """The state of a tunnel of which its process has told nothing."""
    started = time_of(keeper.started)
    young = started is not None and (now - started).total_seconds() < _YOUNG_SECONDS
    return State.STARTING if young else State.SILENT


def _row(each: Seen, now: datetime) -> list[str]:
    keeper, facts = each.keeper, each.facts
    return [
        *(facts.name, listens(facts), facts.endpoint, through(facts), str(facts.state), lanes(facts)),
        *(str(facts.connections), str(keeper.pid), age(time_of(keeper.started), now), keeper.file),
    ]
