"""What is not here, and is known to be in another account or region."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ssmx.errors import AmbiguousTarget, ConfigError, SsmxError
from ssmx.model.index import Index, Scope
from ssmx.model.wording import together

if TYPE_CHECKING:
    from ssmx.app import App

_SHOWN = 3


def places(app: App, has: Callable[[Index], object]) -> list[Index]:
    """The other accounts and regions of which this is known."""
    return [each for each in app.learning.elsewhere() if has(each)]


def hint(app: App, name: str, there: Sequence[Index]) -> str:
    """Where it is, and what to add to the command to get there."""
    said = [f"{_where(each)}: {_way(app, name, each.scope)}" for each in there[:_SHOWN]]
    more = f"; and in {len(there) - _SHOWN} more" if len(there) > _SHOWN else ""
    return f"{name} is in {together(said)}{more}"


def as_json(there: Sequence[Index]) -> list[dict[str, Any]]:
    """The places, as JSON shows them."""
    scopes = [each.scope for each in there]
    return [{"account": each.account, "region": each.region, "profile": each.profile} for each in scopes]


def go(app: App, name: str, there: Sequence[Index]) -> None:
    """Turn this run to where the name is known to be; asks on a terminal where that is in several places.

    Raises AmbiguousTarget, and ConfigError where the profile leads to another account by now.
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
        rows = [[each.scope.region, each.alias or each.scope.account, each.scope.profile] for each in there]
        at = app.ask(f"{name} is in {len(there)} places. Which one?", rows)
    app.show.note(f"{name} is in {_where(there[at])}")
    scope = there[at].scope
    app.turn_to(scope.profile, scope.region, why="--anywhere")
    if (now := app.clients.caller.account) != scope.account:
        raise ConfigError(
            f"profile {scope.profile or 'none'} is in account {now}, and {name} in account {scope.account}",
            hint="choose a profile of that account with -p",
        )


def _where(index: Index) -> str:
    scope = index.scope
    return f"{scope.region} of {index.alias or f'account {scope.account}'} (profile {scope.profile or 'none'})"


def account(app: App) -> str:
    """The account this run is in; empty where AWS does not say."""
    try:
        return app.clients.caller.account
    except SsmxError:
        return ""


def _way(app: App, name: str, scope: Scope) -> str:
    """What leads there from here."""
    profile, region = app.clients.profile, app.clients.region
    if not scope.profile and scope.account != account(app):
        return "sign in as you did then"  # with keys: no option leads there
    if "%" in profile.origin + region.origin:
        return f"say {name}%{scope.profile}/{scope.region}"
    words = [f"-r {scope.region}"] if scope.region != region.value else []
    words += [f"-p {scope.profile}"] if scope.profile and scope.profile != profile.value else []
    return f"add {' '.join(words)}" if words else "sign in as you did then"
