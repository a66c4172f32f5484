"""`ssmx wait`: until tunnels are ready, those that are not there yet included."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ssmx.app import App
from ssmx.errors import TryLater
from ssmx.model.running import State
from ssmx.model.status import is_up, listens
from ssmx.model.wording import together
from ssmx.reach.watch import Seen, seen

_LOOK_SECONDS = 0.2
_STUCK = (State.FAILED, State.PAUSED)


def wait(app: App, names: Sequence[str], *, seconds: float) -> int:
    """Return when each of these tunnels takes connections. Raises TryLater where one does not in time."""
    names = list(dict.fromkeys(names))
    deadline = time.monotonic() + seconds
    told: set[tuple[str, str]] = set()
    while True:
        found = {each.facts.name: each for each in seen(app.now()) if each.facts.name in names}
        waiting = [name for name in names if name not in found or not is_up(found[name].facts)]
        if not waiting:
            break
        if time.monotonic() >= deadline:
            raise _late([(name, _reason(found.get(name))) for name in waiting], seconds)
        for name in waiting:
            if (why := _worth_telling(found.get(name))) and (name, why) not in told:
                told.add((name, why))
                app.show.note(f"{name}: {why}; waiting")
        app.signals.pause(_LOOK_SECONDS)
    if app.settings.output.value == "json":
        app.show.json([found[name].as_json() for name in names])
    for name in names:
        app.show.note(f"{name} is {found[name].facts.state}: {listens(found[name].facts)}")
    return 0


def _worth_telling(found: Seen | None) -> str:
    """What the user is told of a tunnel that is waited for; empty where it is on its way."""
    if found is None:
        return "no tunnel of this name runs yet"
    facts = found.facts
    return f"{facts.state}: {facts.problem}" if facts.state in _STUCK else ""


def _reason(found: Seen | None) -> str:
    """Why a tunnel is not ready."""
    if found is None:
        return "no tunnel of this name runs"
    facts = found.facts
    return f"it is {facts.state}" + (f": {facts.problem}" if facts.problem else "")


def _late(reasons: Sequence[tuple[str, str]], seconds: float) -> TryLater:
    names = [name for name, _ in reasons]
    verb = "is" if len(names) == 1 else "are"
    why = "; ".join(why if len(names) == 1 else f"{name}: {why}" for name, why in reasons)
    return TryLater(
        f"{together(names)} {verb} not ready after {seconds:g} s: {why}",
        hint="`ssmx ps` shows what runs; --timeout gives it longer",
        details={"waiting": names},
    )
