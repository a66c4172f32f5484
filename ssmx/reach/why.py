"""`ssmx why`: whether one node reaches one endpoint, what is missing where it does not, and how to add it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from ssmx import find
from ssmx.app import App
from ssmx.errors import NoSuchEndpoint
from ssmx.model.catalog import service_named
from ssmx.model.endpoint import HOST, Endpoint, host_endpoint
from ssmx.model.forward import Forward, Local, far_host
from ssmx.model.jump import Verdict
from ssmx.model.network import Holds
from ssmx.model.plugin import Kind
from ssmx.model.target import Spec, Target
from ssmx.reach import endpoints, nodes, probing
from ssmx.reach.carry import carry
from ssmx.reach.endpoints import EVERYWHERE, Wanted
from ssmx.reach.forward import Wish, planned
from ssmx.reach.route import Fixed
from ssmx.tunnel.support import Lane, Place

_WORDS = {Holds.YES: "yes", Holds.UNKNOWN: "?", Holds.NO: "no"}
_HEADS = {Holds.YES: "reaches", Holds.UNKNOWN: "may reach", Holds.NO: "does not reach"}


def why(app: App, spec: Spec, text: str, wanted: Wanted, *, attempt: bool) -> int:
    """Print whether the node reaches the endpoint; gives 1 where it does not. With `attempt` it is tried, too."""
    app.clients.credentials()
    open_link = app.links(Kind.TUNNEL) if attempt else None
    endpoint = _endpoint(app, text, wanted)
    node = _node(app, spec)
    peerings = None
    if endpoint.vpc and node.vpc and node.vpc != endpoint.vpc:
        peerings = app.surroundings(warn=app.show.note).peerings([endpoint.vpc])
    ranking = nodes.ranked(app, endpoint, [node], peerings, warn=app.show.note, for_people=True)
    [verdict] = [*ranking.jumps, *ranking.refused]
    tried: probing.Tried | None = None
    if open_link is not None:
        results: list[probing.Tried] = []

        def probe(places: Sequence[Place]) -> int:
            results.append(probing.probe(app, places[0], endpoint))
            return 0

        forward = Forward(Local(), endpoint.port, far_host(endpoint.host))
        wish = Wish(reason="ssmx why")
        lane = Lane(Fixed(node, planned(forward, wish)), forward, endpoint.label, f"why {endpoint.address}")
        carry(app, [lane], open_link=open_link, then=probe, has_client=False, json_events=False)
        tried = results[0]
    _show(app, endpoint, verdict, tried)
    if tried is not None:
        return 0 if tried.answered else 1
    return 1 if verdict.holds is Holds.NO else 0


def _endpoint(app: App, text: str, wanted: Wanted) -> Endpoint:
    """SERVICE/NAME, HOST:PORT, or a name or host name of any service."""
    service, slash, name = text.partition("/")
    if slash:
        return endpoints.one(app, endpoints.of_service(service_named(service)), name, wanted)
    if ":" in text:
        typed = host_endpoint(text)
        if ".amazonaws.com" not in typed.host:
            return typed
        with suppress(NoSuchEndpoint):
            known = endpoints.one(app, EVERYWHERE, typed.host, wanted)
            return known if known.port == typed.port else typed
        return typed
    return endpoints.one(app, EVERYWHERE, text, wanted)


def _node(app: App, spec: Spec) -> Target:
    """The node that is meant, in whatever state it is."""
    found = app.inventory.find(spec)
    return found[0] if len(found) == 1 else find.one(app, spec)


def _show(app: App, endpoint: Endpoint, verdict: Verdict, tried: probing.Tried | None) -> None:
    if app.settings.output.value == "json":
        body = {"endpoint": endpoints.as_json(endpoint), **nodes.verdict_json(verdict)}
        del body["endpoint"]["jumps"]
        if tried is not None:
            body["tried"] = {"answered": tried.answered, "said": tried.said, "seconds": round(tried.seconds, 3)}
        app.show.json(body)
        return
    where = endpoint.label if endpoint.service == HOST else f"{endpoint.label} at {endpoint.address}"
    lines = [f"{verdict.node.label} {_HEADS[verdict.holds]} {where}"]
    for check in verdict.checks:
        lines.append(f"  {_WORDS[check.holds]:4} {check.why}")
        lines += [f"       {text}" for text in (check.mend, check.command) if text]
    if tried is not None:
        lines.append(f"tried: {tried.said}")
    app.show.lines(lines)
