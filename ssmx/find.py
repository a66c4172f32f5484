"""From what was typed to one node: look up, choose, ask; and the listings of nodes."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from ssmx import elsewhere
from ssmx.app import App
from ssmx.errors import AmbiguousTarget, ConfigError, NoSuchTarget, SsmxError, TargetOffline, TryLater
from ssmx.light import dataclass
from ssmx.model.columns import USUAL, age, as_json, column
from ssmx.model.index import NODES, Index
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
    fits,
    is_one_name,
    is_pattern,
)
from ssmx.model.wording import either
from ssmx.store.recent import Last

_POLL = 3.0  # seconds between two looks while --wait waits

# "User initiated (2026-11-02 17:04:11 GMT)": EC2's StateTransitionReason.
_STOPPED_AT = r"\(([^)]+)\)"


@dataclass(frozen=True, slots=True)
class Found:
    """A node. `chosen`: it is this one for good, given by its id or chosen by the user from several.

    `known`: AWS was not asked; it has told of the node shortly before.
    """

    target: Target
    chosen: bool
    known: bool = False


def node(app: App, spec: Spec, *, pick: Pick | None = None, wait: bool = False, live: bool = False) -> Found:
    """The node to start a session on, which may be known from shortly before unless it is to be looked up `live`.

    Raises as `one` does.
    """
    known = None if live else _known(app, spec)
    return known or _one(app, spec, pick, wait=wait)


def one(app: App, spec: Spec, *, pick: Pick | None = None, wait: bool = False) -> Target:
    """The node that `spec` means; asks on a terminal where it means several.

    Raises NoSuchTarget, AmbiguousTarget, TargetOffline, TryLater (--wait took too long), or what AWS answered.
    """
    return _one(app, spec, pick, wait=wait).target


def _one(app: App, spec: Spec, pick: Pick | None, *, wait: bool) -> Found:
    deadline = time.monotonic() + app.settings.wait_timeout.value
    told = False
    while True:
        found = candidates(app, spec)
        match choose(found, pick):
            case One(target, asleep):
                if asleep and not isinstance(spec, NodeId):
                    app.show.note(f"left out: {', '.join(why_not(app, each) for each in asleep)}")
                return Found(target, chosen=isinstance(spec, NodeId))
            case Several(targets):
                return Found(_chosen(app, spec, targets), chosen=True)
            case Unreachable(targets):
                offline = _offline(app, spec, targets)
                if not wait or all(_is_gone(target) for target in targets):
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
                there = _elsewhere(app, spec)
                if not there or not app.settings.anywhere.value:
                    raise _nothing(app, spec, there)
                elsewhere.go(app, spec.text, there)


def _known(app: App, spec: Spec) -> Found | None:
    """The one node that AWS has told of shortly before, where it was online; None where that is not known."""
    is_one = isinstance(spec, NodeId) or (isinstance(spec, Name) and is_one_name(spec))
    index = app.learning.about(spec.text) if is_one and app.settings.index_fresh.value else None
    if index is None or app.last_account not in ("", index.scope.account):
        return None
    now = app.now().timestamp()
    since = now - app.settings.index_fresh.value
    asked = index.node if isinstance(spec, NodeId) else index.named
    found = asked(spec.text, since=since, until=now)
    if len(found) != 1 or not found[0].online:
        return None
    app.show.detail(f"{found[0].label} was online less than {now - since:.0f} s ago; it is not looked up again")
    return Found(found[0], chosen=isinstance(spec, NodeId), known=True)


def remember(app: App, spec: Spec, found: Found) -> None:
    """It is the last target from now on: what `-` is."""
    named = found.target.id if found.chosen else spec.text
    last = Last(named, app.clients.profile.value, found.target.region, found.target.account)
    app.recent.went(app.place, last, found.target.id)


def _elsewhere(app: App, spec: Spec) -> list[Index]:
    """The other accounts and regions that are known to have the name or the id."""
    return elsewhere.places(app, lambda index: index.has(spec.text)) if isinstance(spec, Name | NodeId) else []


def candidates(app: App, spec: Spec) -> list[Target]:
    """Every node that `spec` may mean, with a spinner where it takes long. Raises ConfigError for `-`, too."""
    app.clients.credentials()  # before the threads and the spinner: this may ask for an MFA code
    with app.show.progress(f"looking for {spec.text}", lambda: app.inventory.count):
        found = app.inventory.find(spec)
    _check_account(app, found)
    return found


def _check_account(app: App, found: Sequence[Target]) -> None:
    """Raise ConfigError where these are nodes of another account than that of the last target, which was meant."""
    here = next((each.account for each in found if each.account), "")
    if here and app.last_account not in ("", here):
        raise ConfigError(
            f"the last target was in account {app.last_account}, and this is account {here}",
            hint="name it, with its profile: NAME%PROFILE",
        )


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
            there = _elsewhere(app, spec)
            if not there or not app.settings.anywhere.value:
                raise _nothing(app, spec, there)
            elsewhere.go(app, spec.text, there)
            return resolve(app, spec, pick=pick)


def listing(app: App, specs: Sequence[Spec], *, columns: Sequence[str], cached: bool = False) -> int:
    """Print the nodes that fit `specs`: tags narrow, names (exact, pattern or part) and ids are alternatives.

    `cached`: as they are known, without asking AWS. Raises TryLater where nothing is known.
    """
    wide = widened(specs)
    if cached:
        known = _index(app).targets()
        found = [target for target in known if fits(target, wide)] if wide else known
    else:
        app.clients.credentials()
        with app.show.progress("listing nodes", lambda: app.inventory.count):
            found = app.inventory.listing(wide)
    ordered = in_order(found)
    nodes(app, ordered, columns or USUAL)
    if not ordered:
        app.show.note(f"no nodes {'fit' if specs else 'exist'} {_where(app)}")
    return 0


def in_order(targets: Sequence[Target]) -> list[Target]:
    """As they are listed."""
    return sorted(targets, key=lambda target: (target.name.casefold(), target.id))


def _index(app: App) -> Index:
    """What is known here; says since when. Raises TryLater where nothing is."""
    index = app.learning.index
    if index is None:
        raise TryLater("nothing is known of this account and region yet", hint="ssmx index refresh")
    listed = index.listed.get(NODES)
    if listed is None:
        app.show.note("these are nodes that were looked up; `ssmx index refresh` lists all")
    else:
        app.show.note(f"nodes as they were {age(datetime.fromtimestamp(listed, UTC), app.now())} ago")
    return index


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


def widened(specs: Sequence[Spec]) -> tuple[Spec, ...]:
    """What a listing takes `specs` for. Raises UsageError for a tag that is named twice."""
    check_once([pair for spec in specs if isinstance(spec, Tags) for pair in spec.pairs])
    return tuple(_part(spec) for spec in specs)


def _part(spec: Spec) -> Spec:
    """In a listing a bare word is part of a name; elsewhere that would be a guess."""
    return Name(f"*{spec.text}*") if isinstance(spec, Name) and not is_pattern(spec.text) else spec


def _chosen(app: App, spec: Spec, targets: Sequence[Target]) -> Target:
    if not app.may_ask():
        raise _ambiguous(app, spec, targets)
    scores = app.recent.scores()
    ordered = sorted(targets, key=lambda target: -scores.get(target.id, 0.0))  # of the same worth as they were
    return ordered[app.ask(f"{len(ordered)} nodes are {called(spec)}. Which one?", _rows(app, ordered))]


def _rows(app: App, targets: Sequence[Target]) -> list[list[str]]:
    return [[column(name).text(target, app.now()) for name in USUAL] for target in targets]


def _ambiguous(app: App, spec: Spec, targets: Sequence[Target]) -> AmbiguousTarget:
    lines = "".join(f"\n  {line}" for line in app.show.aligned(_rows(app, targets)))
    return AmbiguousTarget(
        f"{len(targets)} online nodes are {called(spec)}:{lines}",
        hint="name one by its id, or decide with --newest, --oldest or --any",
        details={"candidates": [as_json(target) for target in targets]},
    )


def _offline(app: App, spec: Spec, targets: Sequence[Target]) -> TargetOffline:
    reasons = [why_not(app, target) for target in targets]
    gone = all(_is_gone(target) for target in targets)
    several = "".join(f"\n  {reason}" for reason in reasons)
    return TargetOffline(
        reasons[0] if len(reasons) == 1 else f"none of {len(reasons)} nodes {called(spec)} is online:{several}",
        hint="it is gone for good" if gone else "start it or mend its agent; --wait waits until it is online",
        details={"candidates": [as_json(target) for target in targets]},
    )


def _is_gone(target: Target) -> bool:
    """Whether it will never be online again."""
    return target.state in ("terminated", "shutting-down")


def why_not(app: App, target: Target) -> str:
    """Why no session can start on this node, and since when."""
    if target.state not in ("", "running"):
        since = re.search(_STOPPED_AT, target.stopped)
        return f"{target.label} is {target.state}" + (f" since {since[1]}" if since else "")
    if target.ping:
        ago = age(target.last_ping, app.now())
        since_when = f": its agent last called {ago} ago ({target.last_ping:%Y-%m-%d %H:%M} UTC)" if ago else ""
        return f"{target.label} is offline ({target.ping}){since_when}"
    return f"{target.label} is running, but Systems Manager does not know it (no agent, role or route)"


def _nothing(app: App, spec: Spec, there: Sequence[Index]) -> NoSuchTarget:
    near: list[str] = []
    if not there and isinstance(spec, Name) and not is_pattern(spec.text):
        try:
            near = app.inventory.near(spec.text)
        except SsmxError as error:  # a suggestion is no reason to fail differently
            app.show.detail(f"no suggestion: {error.message}")
    hint = f"did you mean {either(near)}?" if near else "another region or account? -r REGION, -p PROFILE"
    return NoSuchTarget(
        f"no node is {called(spec)} {_where(app)}",
        hint=elsewhere.hint(app, spec.text, there) if there else hint,
        details={"near": near, "elsewhere": elsewhere.as_json(there)},
    )


def _where(app: App) -> str:
    """Where we looked, and where each of these came from: a wrong region is the commonest cause of nothing."""
    region, profile = app.clients.region, app.clients.profile
    return (
        f"in account {elsewhere.account(app) or 'unknown'}, region {region.value} (from {region.origin}), "
        f"profile {profile.value or 'none'} (from {profile.origin})"
    )


def called(spec: Spec) -> str:
    """What nodes of this spec are, for people."""
    match spec:
        case Name(text):
            return f"named like {text!r}" if is_pattern(text) else f"named {text!r}"
        case NodeId(text) | Address(text) | DnsName(text):
            return text
        case Tags(text):
            return f"tagged {text}"
        case Group(_, name):
            return f"in Auto Scaling group {name!r}"
