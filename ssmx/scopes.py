"""`-A`: nodes of every account and region that the config lists, shown as they answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ssmx.app import App
from ssmx.errors import AmbiguousTarget, NoSuchTarget, TargetOffline
from ssmx.find import called, in_order, why_not, widened
from ssmx.model.columns import USUAL, Column, as_json, column
from ssmx.model.target import Nothing, One, Pick, Several, Spec, Target, Unreachable, choose
from ssmx.ui.show import Parts
from ssmx.walk import Answered, Walk

INCOMPLETE = 1  # the exit status where not every scope has answered

_WHERE = ("account", "region", "profile")
# Columns are printed before the rows of other scopes are known: so wide as these mostly are.
_WIDTHS = {"name": 20, "id": 19, "ip": 15, "zone": 15, "age": 4, "state": 7, "ssm": 6, "account": 12, "region": 14}


def listing(app: App, specs: Sequence[Spec], *, columns: Sequence[str]) -> int:
    """Print the nodes of every scope that fit `specs`, as they come; gives the exit status. Raises ConfigError."""
    wide = widened(specs)
    names = [*(columns or USUAL)]
    names += [each for each in _WHERE if each not in names]
    form = app.settings.output.value
    walk = Walk(app, lambda each: in_order(each.inventory.listing(wide)))
    rows = _parts(app, names, form)
    found: list[dict[str, Any]] = []
    failed = []
    count = 0
    for each in walk.answers():
        if each.answer is None:
            failed.append(each)
            continue
        count += len(each.answer)
        match form:
            case "json":
                found += [_as_json(target, each.app) for target in each.answer]
            case "name":
                app.show.lines([target.name or target.id for target in each.answer])
            case _:
                rows.add(_rows(app, [(target, each.app) for target in each.answer], names))
    if form == "json":
        app.show.json(found)
    walk.keep()
    if not count and not failed:
        app.show.note(f"no nodes {'fit' if specs else 'exist'} in {len(walk.apps)} scopes")
    return told(app, failed)


def resolve(app: App, spec: Spec, *, pick: Pick | None) -> int:
    """Print the one node of all scopes that `spec` means; gives the exit status.

    Where a scope has not answered, one of its nodes may be meant as well: then the status says so. Raises
    AmbiguousTarget, NoSuchTarget, TargetOffline, ConfigError.
    """
    walk = Walk(app, lambda each: each.inventory.find(spec))
    places: dict[tuple[str, str], tuple[Target, App]] = {}  # two profiles may lead to the same account
    failed = []
    for each in walk.answers():
        if each.answer is None:
            failed.append(each)
        for target in each.answer or ():
            places.setdefault((target.region, target.id), (target, each.app))
    walk.keep()

    def located(targets: Sequence[Target]) -> list[tuple[Target, App]]:
        return [places[each.region, each.id] for each in targets]

    def candidates(targets: Sequence[Target]) -> dict[str, Any]:
        return {"candidates": [_as_json(*each) for each in located(targets)]}

    match choose([target for target, _ in places.values()], pick):
        case One(target, asleep):
            _print(app, located([target, *asleep]))
        case Several(targets):
            told(app, failed)
            names = (*USUAL, *_WHERE)
            rows = _rows(app, located(targets), names)
            lines = "".join(f"\n  {line}" for line in app.show.aligned(rows))
            raise AmbiguousTarget(
                f"{len(targets)} online nodes are {called(spec)}:{lines}",
                hint="add -p PROFILE and -r REGION, name one by its id, or decide with --newest, --oldest or --any",
                details=candidates(targets),
            )
        case Unreachable(targets) if not failed:
            reasons = "".join(f"\n  {why_not(app, each)}, in {each.region}" for each in targets)
            raise TargetOffline(
                f"none of {len(targets)} nodes {called(spec)} is online:{reasons}",
                hint="start it or mend its agent",
                details=candidates(targets),
            )
        case Nothing() if not failed:
            raise NoSuchTarget(f"no node is {called(spec)} in {len(walk.apps)} scopes", hint="ssmx ls -A")
        case Unreachable() | Nothing():
            app.show.note(
                f"no online node is {called(spec)} in the {len(walk.apps) - len(failed)} scopes that answered"
            )
    return told(app, failed)


def _print(app: App, found: Sequence[tuple[Target, App]]) -> None:
    """The node, for people with its namesakes below it."""
    match app.settings.output.value:
        case "json":
            app.show.json(_as_json(*found[0]))
        case "name":
            target, _ = found[0]
            app.show.lines([target.name or target.id])
        case form:
            names = (*USUAL, "agent", "ping", *_WHERE)
            headings = [_column(name, app).heading for name in names]
            rows = _rows(app, found if form == "table" else found[:1], names)
            app.show.table(headings, rows, form=form)


def told(app: App, failed: Sequence[Answered[Any]]) -> int:
    """Say which scopes have not answered, and why; gives the exit status."""
    for each in failed:
        if (error := each.error) is not None:
            where = {"profile": each.profile, "region": each.region}
            app.show.failure(
                type(error)(f"{each.where}: {error.message}", hint=error.hint, details={**error.details, **where})
            )
    return INCOMPLETE if failed else 0


def _parts(app: App, names: Sequence[str], form: str) -> Parts:
    columns = [_column(name, app) for name in names]
    widths = [max(len(each.heading), _WIDTHS.get(name, 0)) for each, name in zip(columns, names, strict=True)]
    return app.show.parts([each.heading for each in columns], widths, form=form)


def _column(name: str, app: App) -> Column:
    return Column("PROFILE", lambda *_: app.clients.profile.value) if name == "profile" else column(name)


def _rows(app: App, found: Sequence[tuple[Target, App]], names: Sequence[str]) -> list[list[str]]:
    now = app.now()
    return [[_column(name, its).text(target, now) for name in names] for target, its in found]


def _as_json(target: Target, app: App) -> dict[str, Any]:
    return {**as_json(target), "profile": app.clients.profile.value}
