"""From SERVICE and NAME to one endpoint: look up, choose, ask; and the listing of a service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ssmx.app import App
from ssmx.errors import AmbiguousEndpoint, NoSuchEndpoint, SsmxError, TryLater, UsageError
from ssmx.model.catalog import Endpoint, Role, Service, fitting, near
from ssmx.model.jump import is_tagged, rank
from ssmx.model.target import Target, is_pattern
from ssmx.model.wording import either

_HEADINGS = ("NAME", "ROLE", "ENGINE", "ENDPOINT", "STATUS", "IAM", "VPC", "REACHED THROUGH")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which endpoint of a name: the usual one, the reader, or a custom one of that name."""

    reader: bool = False
    custom: str = ""


def one(app: App, service: Service, name: str, wanted: Wanted) -> Endpoint:
    """The endpoint that is meant; asks on a terminal where several are, and where `name` is empty.

    Raises NoSuchEndpoint, AmbiguousEndpoint, UsageError, or what AWS answered.
    """
    app.clients.credentials()  # before the threads and the spinner: this may ask for an MFA code
    every: list[Endpoint] = []
    found: list[Endpoint] = []
    if name and not is_pattern(name) and "." not in name:
        with app.show.progress(f"looking for {service.name}/{name}", lambda: 0):
            found = app.catalog.named(service, name.lower())
        every = found
    fits = fitting(found, name, reader=wanted.reader, custom=wanted.custom)
    if not found:
        with app.show.progress(f"listing {service.name}", lambda: 0):
            every = app.catalog.every(service)
        fits = fitting(every, name or "*", reader=wanted.reader, custom=wanted.custom)
    if not name and not app.may_ask():
        raise UsageError(
            f"no NAME, and nobody to ask which of {len(fits)} {service.name} endpoints is meant",
            hint=f"ssmx tunnel {service.name} NAME; `ssmx ls {service.name}` lists them",
        )
    if len(fits) == 1 and (name or not app.may_ask()):
        return _there(fits[0])
    if not fits:
        raise _nothing(app, service, name, wanted, every)
    question = f"{len(fits)} {service.name} endpoints" + (f" are called {name!r}" if name else "") + ". Which one?"
    if app.may_ask():
        return _there(fits[app.ask(question, [_row(each)[:5] for each in fits])])
    lines = "".join(f"\n  {line}" for line in app.show.aligned([_row(each)[:5] for each in fits]))
    raise AmbiguousEndpoint(
        f"{len(fits)} {service.name} endpoints are called {name!r}:{lines}",
        hint="give the whole name, or the host name of one",
        details={"candidates": [as_json(each) for each in fits]},
    )


def _there(endpoint: Endpoint) -> Endpoint:
    """The endpoint, which has an address. Raises TryLater."""
    if not endpoint.host:
        raise TryLater(f"{endpoint.label} is {endpoint.status or 'not ready'}, and has no address yet")
    return endpoint


def listing(app: App, service: Service, names: Sequence[str]) -> int:
    """Print the endpoints of a service whose names hold one of `names`, and what reaches them."""
    app.clients.credentials()
    with app.show.progress(f"listing {service.name}", lambda: 0):
        every = app.catalog.every(service)
    patterns = [name if is_pattern(name) else f"*{name}*" for name in names]
    found = [each for each in every if not patterns or any(_fits(each, pattern) for pattern in patterns)]
    vpcs = sorted({each.vpc for each in found if each.vpc})
    nodes: list[Target] = []
    why = ""
    try:
        with app.show.progress("looking for nodes that reach them", lambda: app.inventory.count):
            nodes = app.inventory.in_vpcs(vpcs) if vpcs else []
    except SsmxError as error:  # the endpoints are the answer
        why = "?"
        app.show.note(f"cannot tell what reaches them: {error.message}")
    jumps = {each: rank(each, nodes).jumps for each in found}
    match app.settings.output.value:
        case "json":
            app.show.json([as_json(each, jumps[each]) for each in found])
        case "name":
            app.show.lines([each.name for each in found if each.role in (Role.INSTANCE, Role.WRITER)])
        case form:
            rows = [[*_row(each), each.vpc, why or _reached(jumps[each])] for each in found]
            app.show.table(_HEADINGS, rows, form=form)
    if not found:
        app.show.note(f"no {service.name} endpoints {'fit' if names else 'exist'} in {app.clients.region.value}")
    return 0


def as_json(endpoint: Endpoint, jumps: Sequence[Target] = ()) -> dict[str, object]:
    """An endpoint as JSON shows it; `jumps` are the nodes that reach it, best first."""
    return {
        "service": endpoint.service,
        "name": endpoint.name,
        "role": endpoint.role.value,
        "host": endpoint.host,
        "port": endpoint.port,
        "engine": endpoint.engine,
        "status": endpoint.status,
        "iam": endpoint.iam,
        "user": endpoint.user,
        "database": endpoint.database,
        "vpc": endpoint.vpc,
        "zone": endpoint.zone,
        "security_groups": list(endpoint.groups),
        "account": endpoint.account,
        "region": endpoint.region,
        "jumps": [{"id": each.id, "name": each.name, "tagged": is_tagged(each)} for each in jumps],
    }


def _fits(endpoint: Endpoint, pattern: str) -> bool:
    return bool(fitting([endpoint], pattern)) or bool(
        fitting([endpoint], pattern, reader=endpoint.role is Role.READER, custom=endpoint.custom)
    )


def _row(endpoint: Endpoint) -> list[str]:
    iam = "yes" if endpoint.iam else "no"
    role = endpoint.custom or endpoint.role.value
    return [endpoint.name, role, endpoint.engine, endpoint.address, endpoint.status, iam]


def _reached(jumps: Sequence[Target]) -> str:
    """The node that `tunnel` would take, and how many more there are."""
    if not jumps:
        return "nothing"
    first = jumps[0].label + (", tagged" if is_tagged(jumps[0]) else "")
    return f"{first} and {len(jumps) - 1} more" if len(jumps) > 1 else first


def _nothing(app: App, service: Service, name: str, wanted: Wanted, every: Sequence[Endpoint]) -> SsmxError:
    named = fitting(every, name or "*")
    region = app.clients.region
    if named and (wanted.reader or wanted.custom):
        what = f"custom endpoint {wanted.custom!r}" if wanted.custom else "reader endpoint"
        others = [each.custom for each in every if each.custom and each.name == named[0].name]
        has = f"it has {either(others)}" if wanted.custom and others else "`ssmx ls rds` lists what there is"
        return NoSuchEndpoint(f"{named[0].label} has no {what}", hint=has)
    close = near(every, name)
    hint = f"did you mean {either(close)}?" if close else "another region or account? -r REGION, -p PROFILE"
    called = f"is called {name!r}" if name else "exists"
    return NoSuchEndpoint(
        f"no {service.name} endpoint {called} in region {region.value} (from {region.origin}),"
        f" profile {app.clients.profile.value or 'none'}",
        hint=hint,
        details={"near": close},
    )
