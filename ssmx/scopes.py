"""`-A`: nodes of every account and region that the config lists, shown as they answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ssmx.app import App
from ssmx.errors import AmbiguousTarget, NoSuchTarget, TargetOffline
from ssmx.find import called, in_order, why_not, widened
from ssmx.model.columns import USUAL, Column, as_json, column
from ssmx.model.target import Nothing, One, Pick, Several, Spec, Target, Unreachable, choose
from ssmx.walk import Answered, Walk

T = TypeVar("T")

INCOMPLETE = 1  # the exit status where not every scope has answered

_WHERE = ("account", "region", "profile")
# Columns are printed before the rows of other scopes are known: so wide as these mostly are.
_WIDTHS = {"name": 20, "id": 19, "ip": 15, "zone": 15, "age": 4, "state": 7, "ssm": 6, "account": 12, "region": 14}


def walked(
    app: App,
    ask: Callable[[App], Sequence[T]],
    *,
    columns: Mapping[str, int],
    row: Callable[[T, App], Sequence[str]],
    body: Callable[[T, App], Any],
    name: Callable[[T], str],
    nothing: str = "",
) -> int:
    """Print what every scope answers, as it comes; gives the exit status. Raises ConfigError.

    `columns` are headings, each with the width it begins with; `row`, `body` and `name` are what each form shows.
    `nothing` is said where nobody has anything.
    """
    form = app.settings.output.value
    rows = app.show.parts([*columns], [max(len(each), width) for each, width in columns.items()], form=form)
    walk = Walk(app, ask)
    bodies: list[Any] = []
    failed = []
    count = 0
    for each in walk.answers():
        if each.answer is None:
            failed.append(each)
            continue
        count += len(each.answer)
        match form:
            case "json":
                bodies += [body(one, each.app) for one in each.answer]
            case "name":
                app.show.lines([name(one) for one in each.answer])
            case _:
                rows.add([row(one, each.app) for one in each.answer])
    if form == "json":
        app.show.json(bodies)
    walk.keep()
    if nothing and not count and not failed:
        app.show.note(f"{nothing} in {_scopes(len(walk.apps))}")
    return _told(app, failed)


def listing(app: App, specs: Sequence[Spec], *, columns: Sequence[str]) -> int:
    """Print the nodes of every scope that fit `specs`; gives the exit status. Raises ConfigError, UsageError."""
    wide = widened(specs)
    names = [*(columns or USUAL)]
    names += [each for each in _WHERE if each not in names]
    shown = [_column(name) for name in names]
    return walked(
        app,
        lambda each: in_order(each.inventory.listing(wide)),
        columns={each.heading: _WIDTHS.get(name, 0) for each, name in zip(shown, names, strict=True)},
        row=lambda target, its: _row(target, its, names),
        body=_as_json,
        name=lambda target: target.name or target.id,
        nothing=f"no nodes {'fit' if specs else 'exist'}",
    )


def resolve(app: App, spec: Spec, *, pick: Pick | None) -> int:
    """Print the one node of all scopes that `spec` means; gives the exit status.

    Where a scope has not answered, one of its nodes may be meant as well: then the status says so. Raises
    AmbiguousTarget, NoSuchTarget, TargetOffline, ConfigError.
    """
    walk = Walk(app, lambda each: each.inventory.find(spec))
    places: dict[tuple[str, str], tuple[Target, App]] = {}  # two profiles may lead to the same account
    failed = []
    answered = 0
    for each in walk.answers():
        if each.answer is None:
            failed.append(each)
        answered += each.answer is not None
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
            _told(app, failed)
            lines = _lines(app, located(targets))
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
            raise NoSuchTarget(f"no node is {called(spec)} in {_scopes(answered)}", hint="ssmx ls -A")
        case Unreachable() | Nothing():
            app.show.note(f"no online node is {called(spec)} in the {_scopes(answered)} that answered")
    return _told(app, failed)


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
            headings = [_column(name).heading for name in names]
            rows = [_row(*each, names) for each in (found if form == "table" else found[:1])]
            app.show.table(headings, rows, form=form)


def _told(app: App, failed: Sequence[Answered[Any]]) -> int:
    """Say which scopes have not answered, and why; gives the exit status."""
    for each in failed:
        if (error := each.error) is not None:
            where = {"profile": each.profile, "region": each.region}
            app.show.failure(
                type(error)(f"{each.where}: {error.message}", hint=error.hint, details={**error.details, **where})
            )
    return INCOMPLETE if failed else 0


def _column(name: str) -> Column:
    return Column("PROFILE", lambda *_: "") if name == "profile" else column(name)


def _row(target: Target, app: App, names: Sequence[str]) -> list[str]:
    profile, now = app.clients.profile.value, app.now()
    return [profile if name == "profile" else _column(name).text(target, now) for name in names]


def _lines(app: App, found: Sequence[tuple[Target, App]]) -> str:
    rows = [_row(*each, (*USUAL, *_WHERE)) for each in found]
    return "".join(f"\n  {line}" for line in app.show.aligned(rows))


def _scopes(count: int) -> str:
    return f"{count} scopes" if count != 1 else "one scope"


def _as_json(target: Target, app: App) -> dict[str, Any]:
    return {**as_json(target), "profile": app.clients.profile.value}
