"""From SERVICE and NAME to one endpoint: look up, choose, ask; and listings of services."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from ssmx import elsewhere
from ssmx.app import App
from ssmx.errors import AmbiguousEndpoint, NoSuchEndpoint, SsmxError, TryLater, UsageError
from ssmx.light import dataclass
from ssmx.model.catalog import SERVICES, service_named
from ssmx.model.dialect import dialect
from ssmx.model.endpoint import Endpoint, fitting, near
from ssmx.model.forward import far_host
from ssmx.model.index import Index
from ssmx.model.jump import Ranking, is_tagged
from ssmx.model.listing import Service
from ssmx.model.target import Target, is_pattern
from ssmx.model.wording import either
from ssmx.reach import nodes

_HEADINGS = ("SERVICE", "NAME", "ROLE", "ENGINE", "ENDPOINT", "STATUS", "IAM", "VPC", "REACHED THROUGH")
_FEW = 5  # nodes, in JSON for each endpoint: --explain has all
ENDPOINTS = "endpoints"  # in the place of a service, in listings: all of them


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which endpoint of a name: the usual one, the reader, or one that is called `part`."""

    reader: bool = False
    part: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a name is looked for: one service, or several that are called `said` together."""

    services: tuple[Service, ...]
    said: str

    @property
    def command(self) -> str:
        """What lists them."""
        return f"ssmx ls {self.said}" if len(self.services) == 1 else f"ssmx ls {ENDPOINTS}"


DATABASES = Place(tuple(each for each in SERVICES.values() if each.database), "database")
EVERYWHERE = Place(tuple(SERVICES.values()), "")


def of_service(service: Service) -> Place:
    """One service."""
    return Place((service,), service.name)


def listed(word: str) -> Place | None:
    """What `ssmx ls WORD` lists the endpoints of; None where the word is one for nodes."""
    if word == ENDPOINTS:
        return EVERYWHERE
    return of_service(SERVICES[word]) if word in SERVICES else None


def spelled(text: str) -> tuple[Place, str]:
    """SERVICE/NAME. Raises UsageError."""
    service, _, name = text.partition("/")
    return of_service(service_named(service)), name


def one(app: App, place: Place, name: str, wanted: Wanted) -> Endpoint:
    """The endpoint that is meant; asks on a terminal where several are, and where `name` is empty.

    Raises NoSuchEndpoint, AmbiguousEndpoint, UsageError, or what AWS answered.
    """
    app.clients.credentials()  # before the threads and the spinner: this may ask for an MFA code
    kind = f"{place.said} " if place.said else ""
    every: list[Endpoint] = []
    found: list[Endpoint] = []
    if name and not is_pattern(name) and "." not in name:
        with app.show.progress(f"looking for {name}", lambda: 0):
            found = app.catalog.named(place.services, name)
        every = found
    fits = fitting(found, name, reader=wanted.reader, part=wanted.part)
    if not found:
        with app.show.progress(f"listing {kind}endpoints", lambda: 0):
            every = app.catalog.every(place.services)
        fits = fitting(every, name or "*", reader=wanted.reader, part=wanted.part)
    if not name and not app.may_ask():
        raise UsageError(
            f"no NAME, and nobody to ask which of {len(fits)} {kind}endpoints is meant",
            hint=f"give one: `{place.command}` lists them",
        )
    if len(fits) == 1 and (name or not app.may_ask()):
        return _there(fits[0])
    if not fits:
        there = _elsewhere(app, place, name) if not fitting(every, name or "*") else []
        if there and app.settings.anywhere.value:
            elsewhere.go(app, name, there)
            return one(app, place, name, wanted)
        raise _nothing(app, place, name, wanted, every, there)
    question = f"{len(fits)} {kind}endpoints" + (f" are called {name!r}" if name else "") + ". Which one?"
    if app.may_ask():
        scores = app.recent.scores()
        fits = sorted(fits, key=lambda each: -scores.get(each.label, 0.0))
        chosen = fits[app.ask(question, [_cells(each, place) for each in fits])]
        app.recent.chose(chosen.label)
        return _there(chosen)
    lines = "".join(f"\n  {line}" for line in app.show.aligned([_cells(each, place) for each in fits]))
    raise AmbiguousEndpoint(
        f"{len(fits)} {kind}endpoints are called {name!r}:{lines}",
        hint=_how_to_choose(fits),
        details={"candidates": [as_json(each) for each in fits]},
    )


def _how_to_choose(fits: Sequence[Endpoint]) -> str:
    """What tells these apart."""
    if len({(each.service, each.name) for each in fits}) == 1:
        limits = dialect(fits[0]).limits(fits[0])
        parts = [each.part for each in fits if each.part] or [each.host for each in fits]
        return f"--endpoint {either(parts)}" + (f". {limits}" if limits else "")
    if len({each.name for each in fits}) == 1:
        return f"say which: {either([each.label for each in fits if each.is_main] or [fits[0].label])}"
    return "give the whole name, or the host name of one"


def _there(endpoint: Endpoint) -> Endpoint:
    """The endpoint, which has an address. Raises TryLater."""
    if not endpoint.host:
        raise TryLater(f"{endpoint.label} is {endpoint.status or 'not ready'}, and has no address yet")
    return endpoint


def host_of(endpoint: Endpoint) -> str:
    """Its host, as a session document takes it. Raises UsageError where that is the node itself."""
    host = far_host(endpoint.host)
    if not host:
        raise UsageError(
            f"{endpoint.address} is the node itself", hint="`ssmx forward TARGET PORT` is for its ports"
        )
    return host


def listing(app: App, place: Place, names: Sequence[str]) -> int:
    """Print the endpoints of services whose names hold one of `names`, and what reaches them."""
    app.clients.credentials()
    kind = f"{place.said} " if place.said else ""
    with app.show.progress(f"listing {kind}endpoints", lambda: 0):
        every = app.catalog.every(place.services)
    patterns = [name if is_pattern(name) else f"*{name}*" for name in names]
    found = [each for each in every if not patterns or any(_fits(each, pattern) for pattern in patterns)]
    rankings = {each: Ranking((), ()) for each in found}
    why = ""
    try:
        if app.settings.output.value != "name":
            with app.show.progress("looking for nodes that reach them", lambda: app.inventory.count):
                rankings = nodes.for_each(app, found)
    except SsmxError as error:  # the endpoints are the answer
        why = "?"
        app.show.note(f"cannot tell what reaches them: {error.message}")
    match app.settings.output.value:
        case "json":
            app.show.json([as_json(each, rankings[each].nodes) for each in found])
        case "name":
            app.show.lines(list(dict.fromkeys(each.name for each in found)))
        case form:
            rows = [[*_cells(each, place, all_cells=True), why or _reached(rankings[each].nodes)] for each in found]
            app.show.table(_HEADINGS, rows, form=form)
    if not found:
        app.show.note(f"no {kind}endpoints {'fit' if names else 'exist'} in {app.clients.region.value}")
    return 0


def as_json(endpoint: Endpoint, jumps: Sequence[Target] = ()) -> dict[str, object]:
    """An endpoint as JSON shows it; `jumps` are the nodes that reach it, best first."""
    return {
        "service": endpoint.service,
        "name": endpoint.name,
        "role": endpoint.role.value,
        "part": endpoint.part,
        "host": endpoint.host,
        "port": endpoint.port,
        "engine": endpoint.engine,
        "status": endpoint.status,
        "iam": endpoint.iam,
        "tls": endpoint.tls,
        "clustered": endpoint.clustered,
        "user": endpoint.user,
        "database": endpoint.database,
        "vpc": endpoint.vpc,
        "zone": endpoint.zone,
        "security_groups": list(endpoint.groups),
        "account": endpoint.account,
        "region": endpoint.region,
        "jumps": [{"id": each.id, "name": each.name, "tagged": is_tagged(each)} for each in jumps[:_FEW]],
        "jump_count": len(jumps),
    }


def _fits(endpoint: Endpoint, pattern: str) -> bool:
    """Whether its name, its part or its host is like the pattern."""
    told = (endpoint.name, endpoint.part, endpoint.host)
    return any(fnmatchcase(each.lower(), pattern.lower()) for each in told if each)


def _cells(endpoint: Endpoint, place: Place, *, all_cells: bool = False) -> list[str]:
    """What tells an endpoint from others; with `all_cells` also how it is."""
    service = endpoint.service if len(place.services) > 1 else ""
    cells = [service, endpoint.name, endpoint.part or endpoint.role.value, endpoint.engine, endpoint.address]
    cells.append(endpoint.status)
    return [*cells, "yes" if endpoint.iam else "no", endpoint.vpc] if all_cells else cells


def _reached(reaching: Sequence[Target]) -> str:
    """The node that `tunnel` would take, and how many more there are."""
    if not reaching:
        return "nothing"
    name, mark = reaching[0].name, ", tagged" if is_tagged(reaching[0]) else ""
    first = f"{name} ({reaching[0].id}{mark})" if name else f"{reaching[0].id}{mark}"
    return f"{first} and {len(reaching) - 1} more" if len(reaching) > 1 else first


def _elsewhere(app: App, place: Place, name: str) -> list[Index]:
    """The other accounts and regions that are known to have the name."""
    services = [each.name for each in place.services]
    return elsewhere.places(app, lambda index: index.has_endpoint(services, name))


def _nothing(
    app: App, place: Place, name: str, wanted: Wanted, every: Sequence[Endpoint], there: Sequence[Index]
) -> SsmxError:
    named = fitting(every, name or "*")
    region = app.clients.region
    if named and (wanted.reader or wanted.part):
        what = f"endpoint {wanted.part!r}" if wanted.part else "reader endpoint"
        others = [each.part for each in every if each.part and each.name == named[0].name]
        has = f"it has {either(others)}" if wanted.part and others else f"`{place.command}` lists what there is"
        return NoSuchEndpoint(f"{named[0].service}/{named[0].name} has no {what}", hint=has)
    if name and app.catalog.refused:  # what may not be looked at may be it
        error = app.catalog.refused[0]
        said = f"{name!r} is not among what may be listed, and not all may: {error.message}"
        return type(error)(said, hint=error.hint, details=error.details)
    close = near(every, name)
    hint = f"did you mean {either(close)}?" if close else "another region or account? -r REGION, -p PROFILE"
    called = f"is called {name!r}" if name else "exists"
    kind = f"{place.said} endpoint" if len(place.services) == 1 else place.said or "endpoint"
    return NoSuchEndpoint(
        f"no {kind} {called} in region {region.value} (from {region.origin}),"
        f" profile {app.clients.profile.value or 'none'}",
        hint=elsewhere.hint(app, name, there) if there else hint,
        details={"near": close, "elsewhere": elsewhere.as_json(there)},
    )
