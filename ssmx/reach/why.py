"""`ssmx why`: whether one node reaches one endpoint, what is missing where it does not, and how to add it."""

from __future__ import annotations

from collections.abc import Sequence

from ssmx import find
from ssmx.app import App
from ssmx.errors import SsmxError
from ssmx.model.endpoint import HOST, Endpoint, host_endpoint
from ssmx.model.forward import Forward, Local
from ssmx.model.jump import Verdict
from ssmx.model.network import Holds
from ssmx.model.partitions import SERVERLESS, is_aws
from ssmx.model.plan import Streams
from ssmx.model.plugin import Kind
from ssmx.model.target import Pick, Spec, Target
from ssmx.reach import endpoints, nodes, probing
from ssmx.reach.carry import carry, supported
from ssmx.reach.endpoints import EVERYWHERE, Wanted
from ssmx.reach.forward import Wish, planned
from ssmx.reach.probing import Tried
from ssmx.reach.route import Fixed
from ssmx.tunnel.support import OpenLink, Place, Tunnel

_HEADINGS = ("ABOUT", "HOLDS", "WHY", "MEND", "COMMAND")
_MARKS = {Holds.YES: "yes", Holds.UNKNOWN: "?", Holds.NO: "no"}
_HEADS = {Holds.YES: "reaches", Holds.UNKNOWN: "may reach", Holds.NO: "does not reach"}


def why(app: App, spec: Spec, text: str, wanted: Wanted, *, pick: Pick | None, attempt: bool) -> int:
    """Print whether the node reaches the endpoint; gives 1 where it does not. With `attempt` it is tried, too."""
    app.clients.credentials()
    open_link = app.links(Kind.TUNNEL) if attempt else None
    endpoint = _endpoint(app, text, wanted)
    host = endpoints.host_of(endpoint)
    node = _node(app, spec, pick)
    ranking = nodes.ranked(app, endpoint, [node], warn=app.show.note, for_people=True)
    [verdict] = [*ranking.jumps, *ranking.refused]
    tried = _tried(app, endpoint, host, node, open_link) if open_link else None
    _show(app, endpoint, verdict, tried)
    if tried is not None:
        return 0 if tried.answered else 1
    return 1 if verdict.holds is Holds.NO else 0


def _endpoint(app: App, text: str, wanted: Wanted) -> Endpoint:
    """SERVICE/NAME, HOST:PORT, or a name or host name of any service."""
    if "/" in text and not text.startswith(f"{HOST}/"):
        place, name = endpoints.spelled(text)
        return endpoints.one(app, place, name, wanted)
    text = text.removeprefix(f"{HOST}/")
    if ":" not in text:
        return endpoints.one(app, EVERYWHERE, text, wanted)
    typed = host_endpoint(text)
    if not is_aws(typed.host) and not typed.host.endswith(f".{SERVERLESS}"):
        return typed
    with app.show.progress("looking for the endpoint", lambda: 0):
        every = app.catalog.every(EVERYWHERE.services)
    same = (each for each in every if (each.host.lower(), each.port) == (typed.host.lower(), typed.port))
    return next(same, typed)


def _node(app: App, spec: Spec, pick: Pick | None) -> Target:
    """The node that is meant, in whatever state it is."""
    found = app.inventory.find(spec)
    return found[0] if len(found) == 1 else find.one(app, spec, pick=pick)


def _tried(app: App, endpoint: Endpoint, host: str, node: Target, open_link: OpenLink) -> Tried:
    """Open a tunnel and ask the endpoint; where there can be no tunnel, why."""
    results: list[Tried] = []

    def probe(places: Sequence[Place]) -> int:
        results.append(probing.probe(app, places[0], endpoint))
        return 0

    forward = Forward(Local(), endpoint.port, host)
    try:
        route = Fixed(node, planned(app, forward, Wish(reason="ssmx why")))
        streams = Streams(endpoint.port, host)
        with supported(app, open_link=open_link) as support:
            label, key = endpoint.label, f"why {endpoint.address}"
            carry(app, [Tunnel(lambda: route, Local(), label, label, key, support, streams)], probe)
    except SsmxError as error:
        return Tried(False, error.message, 0.0)
    return results[0]


def _show(app: App, endpoint: Endpoint, verdict: Verdict, tried: Tried | None) -> None:
    match app.settings.output.value:
        case "json":
            about = endpoints.as_json(endpoint)
            body = {"endpoint": about, **nodes.verdict_json(verdict)}
            if tried is not None:
                body["tried"] = {"answered": tried.answered, "said": tried.said, "seconds": round(tried.seconds, 3)}
            app.show.json(body)
        case "name":
            app.show.lines([nodes.ANSWERS[verdict.holds]])
        case "csv" | "tsv" as form:
            rows = [
                [each.about, nodes.ANSWERS[each.holds], each.why, each.mend, each.command]
                for each in verdict.checks
            ]
            if tried is not None:
                rows.append(["tried", "yes" if tried.answered else "no", tried.said, "", ""])
            app.show.table(_HEADINGS, rows, form=form)
        case _:
            app.show.lines(_lines(endpoint, verdict, tried))


def _lines(endpoint: Endpoint, verdict: Verdict, tried: Tried | None) -> list[str]:
    holds = verdict.holds
    if tried is not None:  # what is seen goes before what is thought
        holds = Holds.YES if tried.answered else Holds.NO
    where = endpoint.label if endpoint.service == HOST else f"{endpoint.label} at {endpoint.address}"
    lines = [f"{verdict.node.label} {_HEADS[holds]} {where}"]
    for check in verdict.checks:
        lines.append(f"  {_MARKS[check.holds]:4} {check.why}")
        lines += [f"       {text}" for text in (check.mend, check.command) if text]
    return [*lines, f"tried: {tried.said}"] if tried is not None else lines
