"""From what was typed to one node: look up, choose, ask; and the listings of nodes."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

from ssmx.app import App
from ssmx.errors import AmbiguousTarget, NoSuchTarget, SsmxError, TargetOffline, TryLater
from ssmx.model.columns import USUAL, age, as_json, column
from ssmx.model.target import (
    Address,
    DnsName,
    Group,
    Name,
    NodeId,
    Nothing,
    One,
    Pick,
    Several,
    Spec,
    Tags,
    Target,
    Unreachable,
    check_once,
    choose,
    is_pattern,
)
from ssmx.model.wording import either

_POLL = 3.0  # seconds between two looks while --wait waits

# "User initiated (2026-11-02 17:04:11 GMT)": EC2's StateTransitionReason.
_STOPPED_AT = re.compile(r"\(([^)]+)\)")


def one(app: App, spec: Spec, *, pick: Pick | None = None, wait: bool = False) -> Target:
    """The node that `spec` means; asks on a terminal where it means several.

    Raises NoSuchTarget, AmbiguousTarget, TargetOffline, TryLater (--wait took too long), or what AWS answered.
    """
    return one_and_how(app, spec, pick=pick, wait=wait)[0]


def one_and_how(app: App, spec: Spec, *, pick: Pick | None = None, wait: bool = False) -> tuple[Target, bool]:
    """As `one`; and whether it is this node for good: given by its id, or chosen by the user from several."""
    deadline = time.monotonic() + app.settings.wait_timeout.value
    told = False
    while True:
        found = candidates(app, spec)
        match choose(found, pick):
            case One(target, asleep):
                if asleep and not isinstance(spec, NodeId):
                    app.show.note(f"left out: {', '.join(_why_not(app, each) for each in asleep)}")
                return target, isinstance(spec, NodeId)
            case Several(targets):
                return _chosen(app, spec, targets), True
            case Unreachable(targets):
                offline = _offline(app, spec, targets)
                if not wait or all(target.state in ("terminated", "shutting-down") for target in targets):
                    raise offline
                if time.monotonic() >= deadline:
                    raise TryLater(
                        f"after {app.settings.wait_timeout.value:.0f} s, {offline.message}",
                        hint="wait longer with SSMX_WAIT_TIMEOUT, in seconds",
                        details=offline.details,
                    )
                if not told:
                    app.show.note(f"{offline.message}; waiting for it")
                    told = True
                time.sleep(_POLL)
            case Nothing():
                raise _nothing(app, spec)


def candidates(app: App, spec: Spec) -> list[Target]:
    """Every node that `spec` may mean, with a spinner where it takes long."""
    app.clients.credentials()  # before the threads and the spinner: this may ask for an MFA code
    with app.show.progress(f"looking for {spec.text}", lambda: app.inventory.count):
        return app.inventory.find(spec)


def resolve(app: App, spec: Spec, *, pick: Pick | None) -> int:
    """Print what `spec` means: the node, or all it may mean; gives the exit status `ssmx shell` would give."""
    match choose(candidates(app, spec), pick):
        case One(target, asleep):
            if app.settings.output.value == "json":
                app.show.json(as_json(target))
            else:
                # An answer for scripts is the node alone; people see its namesakes below it.
                shown = [target, *asleep] if app.settings.output.value == "table" else [target]
                nodes(app, shown, (*USUAL, "agent", "ping", "account", "region"))
            return 0
        case Several(targets):
            raise _ambiguous(app, spec, targets)
        case Unreachable(targets):
            raise _offline(app, spec, targets)
        case Nothing():
            raise _nothing(app, spec)


def listing(app: App, specs: Sequence[Spec], *, columns: Sequence[str]) -> int:
    """Print the nodes that fit `specs`: tags narrow, names (exact, pattern or part) and ids are alternatives."""
    check_once([pair for spec in specs if isinstance(spec, Tags) for pair in spec.pairs])
    app.clients.credentials()
    wide = tuple(_part(spec) for spec in specs)
    with app.show.progress("listing nodes", lambda: app.inventory.count):
        found = app.inventory.listing(wide)
    ordered = sorted(found, key=lambda target: (target.name.casefold(), target.id))
    nodes(app, ordered, columns or USUAL)
    if not ordered:
        app.show.note(f"no nodes {'fit' if specs else 'exist'} {_where(app)}")
    return 0


def nodes(app: App, targets: Sequence[Target], columns: Sequence[str]) -> None:
    """Print nodes in the form the user asked for."""
    match app.settings.output.value:
        case "json":
            app.show.json([as_json(target) for target in targets])
        case "name":
            app.show.lines([target.name or target.id for target in targets])
        case form:
            chosen = [column(name) for name in columns]
            now = app.now()
            rows = [[each.text(target, now) for each in chosen] for target in targets]
            app.show.table([each.heading for each in chosen], rows, form=form)


def _part(spec: Spec) -> Spec:
    """In a listing a bare word is part of a name; elsewhere that would be a guess."""
    return Name(f"*{spec.text}*") if isinstance(spec, Name) and not is_pattern(spec.text) else spec


def _chosen(app: App, spec: Spec, targets: Sequence[Target]) -> Target:
    if not app.may_ask():
        raise _ambiguous(app, spec, targets)
    return targets[app.ask(f"{len(targets)} nodes are {_called(spec)}. Which one?", _rows(app, targets))]


def _rows(app: App, targets: Sequence[Target]) -> list[list[str]]:
    return [[column(name).text(target, app.now()) for name in USUAL] for target in targets]


def _ambiguous(app: App, spec: Spec, targets: Sequence[Target]) -> AmbiguousTarget:
    lines = "".join(f"\n  {line}" for line in app.show.aligned(_rows(app, targets)))
    return AmbiguousTarget(
        f"{len(targets)} online nodes are {_called(spec)}:{lines}",
        hint="name one by its id, or decide with --newest, --oldest or --any",
        details={"candidates": [as_json(target) for target in targets]},
    )


def _offline(app: App, spec: Spec, targets: Sequence[Target]) -> TargetOffline:
    reasons = [_why_not(app, target) for target in targets]
    several = "".join(f"\n  {reason}" for reason in reasons)
    return TargetOffline(
        reasons[0] if len(reasons) == 1 else f"none of {len(reasons)} nodes {_called(spec)} is online:{several}",
        hint="start it or mend its agent; --wait waits until it is online",
        details={"candidates": [as_json(target) for target in targets]},
    )


def _why_not(app: App, target: Target) -> str:
    """Why no session can start on this node, and since when."""
    if target.state not in ("", "running"):
        since = _STOPPED_AT.search(target.stopped)
        return f"{target.label} is {target.state}" + (f" since {since[1]}" if since else "")
    if target.ping:
        ago = age(target.last_ping, app.now())
        since_when = f": its agent last called {ago} ago ({target.last_ping:%Y-%m-%d %H:%M} UTC)" if ago else ""
        return f"{target.label} is offline ({target.ping}){since_when}"
    return f"{target.label} is running, but Systems Manager does not know it (no agent, role or route)"


def _nothing(app: App, spec: Spec) -> NoSuchTarget:
    near: list[str] = []
    if isinstance(spec, Name) and not is_pattern(spec.text):
        try:
            near = app.inventory.near(spec.text)
        except SsmxError as error:  # a suggestion is no reason to fail differently
            app.show.detail(f"no suggestion: {error.message}")
    hint = f"did you mean {either(near)}?" if near else "another region or account? -r REGION, -p PROFILE"
    return NoSuchTarget(f"no node is {_called(spec)} {_where(app)}", hint=hint, details={"near": near})


def _where(app: App) -> str:
    """Where we looked, and where each of these came from: a wrong region is the commonest cause of nothing."""
    region, profile = app.clients.region, app.clients.profile
    try:
        account = app.clients.caller.account
    except SsmxError:
        account = "unknown"
    return (
        f"in account {account}, region {region.value} (from {region.origin}), "
        f"profile {profile.value or 'none'} (from {profile.origin})"
    )


def _called(spec: Spec) -> str:
    match spec:
        case Name(text):
            return f"named like {text!r}" if is_pattern(text) else f"named {text!r}"
        case NodeId(text) | Address(text) | DnsName(text):
            return text
        case Tags(text):
            return f"tagged {text}"
        case Group(_, name):
            return f"in Auto Scaling group {name!r}"
