"""Which nodes reach endpoints: asked of AWS, ranked by model/jump; and the ranking, printed."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from ssmx.app import App
from ssmx.errors import NoJump
from ssmx.model.endpoint import Endpoint
from ssmx.model.jump import TAG, Ranking, Verdict, is_tagged, rank
from ssmx.model.network import Holds, Peering
from ssmx.model.target import NodeId, Target

_HEADINGS = ("RANK", "NODE", "ZONE", "AGENT", "MARKS", "WHY")
ANSWERS = {Holds.YES: "yes", Holds.UNKNOWN: "perhaps", Holds.NO: "no"}
TAGGED = ((TAG, "true"),)


def key(endpoint: Endpoint) -> str:
    """What the node that worked last is remembered for."""
    return f"{endpoint.region}/{endpoint.host}:{endpoint.port}"


def remembered(app: App, endpoint: Endpoint, *, warn: Callable[[str], None]) -> Ranking:
    """The node through which the endpoint was reached last, judged as it is now; nothing where none is known."""
    last = app.last_jumps.last(key(endpoint))
    found = [node for node in app.inventory.find(NodeId(last)) if node.id == last] if last else []
    return ranked(app, endpoint, found, warn=warn) if found else Ranking((), ())


def of_vpc(app: App, endpoint: Endpoint, *, tagged: bool, warn: Callable[[str], None]) -> Ranking:
    """The nodes of the endpoint's VPC, ranked; those that are `tagged` for it alone, or all."""
    nodes = app.inventory.in_vpcs([endpoint.vpc], tags=TAGGED if tagged else ())
    return ranked(app, endpoint, nodes, warn=warn)


def of_peers(app: App, endpoint: Endpoint, *, warn: Callable[[str], None]) -> Ranking:
    """The nodes of the VPCs that are peered with the endpoint's."""
    peerings = app.surroundings(warn=warn).peerings([endpoint.vpc])
    vpcs = _peered(peerings) - {endpoint.vpc}
    nodes = app.inventory.in_vpcs(sorted(vpcs)) if vpcs else []
    return _judged(app, endpoint, nodes, peerings, warn=warn)


def of_all(app: App, endpoint: Endpoint) -> Ranking:
    """All nodes of the endpoint's VPC and of peered ones, ranked. Raises NoJump where its VPC is not known."""
    if not endpoint.vpc:
        raise NoJump(f"the VPC of {endpoint.label} is not known")
    warn = app.show.note
    peerings = app.surroundings(warn=warn).peerings([endpoint.vpc])
    nodes = app.inventory.in_vpcs(sorted({endpoint.vpc, *_peered(peerings)}))
    return _judged(app, endpoint, nodes, peerings, warn=warn, for_people=True)


def ranked(
    app: App,
    endpoint: Endpoint,
    nodes: Sequence[Target],
    *,
    warn: Callable[[str], None],
    for_people: bool = False,
) -> Ranking:
    """These nodes, wherever they are, ranked by what lies between them and the endpoint.

    `for_people`: all groups by their names.
    """
    away = any(endpoint.vpc and node.vpc and node.vpc != endpoint.vpc for node in nodes)
    peerings = app.surroundings(warn=warn).peerings([endpoint.vpc]) if away else None
    return _judged(app, endpoint, nodes, peerings, warn=warn, for_people=for_people)


def _judged(
    app: App,
    endpoint: Endpoint,
    nodes: Sequence[Target],
    peerings: Sequence[Peering] | None,
    *,
    warn: Callable[[str], None],
    for_people: bool = False,
) -> Ranking:
    network = app.surroundings(warn=warn).around([endpoint], nodes, peerings, all_names=for_people)
    return rank(endpoint, nodes, network, last=app.last_jumps.last(key(endpoint)))


def _peered(peerings: Sequence[Peering] | None) -> set[str]:
    """All VPCs of these peerings."""
    return {vpc for peering in peerings or () for vpc in peering.vpcs}


def for_each(app: App, endpoints: Sequence[Endpoint]) -> dict[Endpoint, Ranking]:
    """The nodes that reach each of the endpoints, those of peered VPCs included; in few calls."""
    vpcs = sorted({each.vpc for each in endpoints if each.vpc})
    if not vpcs:
        return {each: Ranking((), ()) for each in endpoints}
    surroundings = app.surroundings(warn=app.show.note)
    peerings = surroundings.peerings(vpcs)
    nodes = app.inventory.in_vpcs(sorted({*vpcs, *_peered(peerings)}))
    network = surroundings.around(endpoints, nodes, peerings)
    near = {vpc: {vpc} for vpc in vpcs}
    for vpc, peering in itertools.product(vpcs, peerings or ()):
        near[vpc] |= set(peering.vpcs) if vpc in peering.vpcs else set()
    rankings: dict[Endpoint, Ranking] = {}
    known: dict[tuple[object, ...], Ranking] = {}  # many endpoints differ in nothing that matters to a node
    for each in endpoints:
        alike = (each.vpc, each.zone, each.port, each.groups, each.subnets, each.dual, each.public)
        if alike not in known:
            known[alike] = rank(each, [node for node in nodes if node.vpc in near.get(each.vpc, ())], network)
        rankings[each] = known[alike]
    return rankings


def show(app: App, endpoint: Endpoint, ranking: Ranking) -> int:
    """Print the ranking and why each other node was refused; gives the status, 69 where no node is left."""
    match app.settings.output.value:
        case "json":
            app.show.json(
                {
                    "endpoint": {"label": endpoint.label, "address": endpoint.address, "vpc": endpoint.vpc},
                    "jumps": [verdict_json(each) for each in ranking.jumps],
                    "refused": [verdict_json(each) for each in ranking.refused],
                }
            )
        case "name":
            app.show.lines([each.node.id for each in ranking.jumps])
        case form:
            last = app.last_jumps.last(key(endpoint))
            rows = [_row(str(at), each, last) for at, each in enumerate(ranking.jumps, 1)]
            rows += [_row("-", each, last) for each in ranking.refused]
            app.show.table(_HEADINGS, rows, form=form)
    if not ranking.jumps:
        app.show.note(f"no node can carry a tunnel to {endpoint.label}")
    return 0 if ranking.jumps else 69


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """A node and its checks, as JSON shows them."""
    return {
        "id": verdict.node.id,
        "name": verdict.node.name,
        "reaches": ANSWERS[verdict.holds],
        "tagged": is_tagged(verdict.node),
        "why": verdict.why,
        "checks": [
            {
                "about": each.about,
                "holds": ANSWERS[each.holds],
                "why": each.why,
                "mend": each.mend,
                "command": each.command,
            }
            for each in verdict.checks
        ],
    }


def _row(number: str, verdict: Verdict, last: str) -> list[str]:
    node = verdict.node
    marks = [("tagged", is_tagged(node)), ("worked last", node.id == last), ("spot", node.spot)]
    said = ", ".join(word for word, holds in marks if holds)
    return [number, node.label, node.zone, node.agent_version, said, verdict.why]
