"""What is not here, and is known to be in another account or region."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ssmx.errors import AmbiguousTarget
from ssmx.model.index import Index, Scope
from ssmx.model.wording import together

if TYPE_CHECKING:
    from ssmx.app import App

_SHOWN = 3


def places(app: App, has: Callable[[Index], object]) -> list[Scope]:
    """The other accounts and regions of which this is known."""
    return [each.scope for each in app.learning.elsewhere() if has(each)]


def hint(app: App, name: str, there: Sequence[Scope]) -> str:
    """Where it is, and what to add to the command to get there."""
    said = [f"{_where(each)}: add {_words(app, each)}" for each in there[:_SHOWN]]
    more = f"; and in {len(there) - _SHOWN} more" if len(there) > _SHOWN else ""
    return f"{name} is in {together(said)}{more}"


def as_json(there: Sequence[Scope]) -> list[dict[str, Any]]:
    """The places, as JSON shows them."""
    return [{"account": each.account, "region": each.region, "profile": each.profile} for each in there]


def go(app: App, name: str, there: Sequence[Scope]) -> None:
    """Turn this run to where the name is known to be; asks on a terminal where that is in several places.

    Raises AmbiguousTarget.
    """
    if len(there) > 1 and not app.may_ask():
        lines = "".join(f"\n  {_where(each)}" for each in there)
        raise AmbiguousTarget(
            f"{name} is in {len(there)} places:{lines}",
            hint="choose one with -p and -r",
            details={"elsewhere": as_json(there)},
        )
    at = 0
    if len(there) > 1:
        rows = [[each.region, each.account, each.profile] for each in there]
        at = app.ask(f"{name} is in {len(there)} places. Which one?", rows)
    app.show.note(f"{name} is in {_where(there[at])}")
    app.turn_to(there[at].profile, there[at].region, why="--anywhere")


def _where(scope: Scope) -> str:
    return f"{scope.region} of account {scope.account} (profile {scope.profile or 'none'})"


def _words(app: App, scope: Scope) -> str:
    """What leads there from here."""
    words = [f"-r {scope.region}"] if scope.region != app.clients.region.value else []
    if scope.profile and scope.profile != app.clients.profile.value:
        words.append(f"-p {scope.profile}")
    return " ".join(words) or "its profile"
