"""`ssmx tunnel`: an endpoint of the catalog, or any host, through a node that reaches it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ssmx import explain
from ssmx.app import App
from ssmx.errors import SsmxError, UsageError
from ssmx.model import client as told
from ssmx.model.catalog import HOST, Endpoint, Family, host_endpoint, service_named
from ssmx.model.client import Access, token_refused, user_of
from ssmx.model.forward import Forward, Local, far_host
from ssmx.model.plugin import Kind
from ssmx.model.target import Spec, Target
from ssmx.reach import endpoints, route
from ssmx.reach.carry import carry
from ssmx.reach.endpoints import Wanted
from ssmx.reach.forward import Wish, check_client, planned, warn
from ssmx.reach.route import Jumps
from ssmx.tunnel.support import Client, Lane, Place, Route


@dataclass(frozen=True, slots=True)
class Sought:
    """Which endpoint, through which node, and who signs in. `via` is None where ssmx chooses the node."""

    service: str
    name: str
    wanted: Wanted = field(default_factory=Wanted)
    via: Spec | None = None
    local: Local = field(default_factory=Local)
    user: str = ""
    iam: bool = False


def tunnel(app: App, sought: Sought, wish: Wish) -> int:
    """Carry a tunnel to the endpoint until the user or the client ends it; gives the exit status."""
    check_client(wish.client)
    if sought.iam and wish.client is None:
        raise UsageError("--iam-user is for a client", hint="ssmx tunnel … --iam-user U -- psql")
    if sought.via is None and (wish.wait or wish.pick):
        raise UsageError("--wait, --newest, --oldest and --any are for the node of --via", hint="add --via TARGET")
    open_link = None if wish.dry_run else app.links(Kind.TUNNEL)
    endpoint = _endpoint(app, sought)
    if sought.iam and (why := token_refused(endpoint)):
        raise UsageError(f"--iam-user: {why}", hint="--user signs in with a password")
    if app.settings.ca_bundle.value and endpoint.family is not Family.OTHER:
        app.database_ca()  # a file that is not there is said at once
    forward = Forward(sought.local, endpoint.port, far_host(endpoint.host) or _not_here(endpoint))
    warn(app, [forward])
    path = _route(app, endpoint, sought.via, forward, wish)
    if open_link is None:
        return explain.plan(app, path.plan(), app.choice(Kind.TUNNEL))

    def then(places: Sequence[Place]) -> Client | None:
        return _client(app, endpoint, sought, wish, places[0])

    lane = Lane(path, forward, endpoint.label, f"{endpoint.host}:{endpoint.port}")
    return carry(
        app,
        [lane],
        open_link=open_link,
        then=then,
        has_client=wish.client is not None,
        json_events=wish.json_events,
    )


def _endpoint(app: App, sought: Sought) -> Endpoint:
    if sought.service == HOST:
        if sought.via is None:
            raise UsageError("a host needs a node that reaches it", hint="ssmx tunnel host HOST:PORT --via TARGET")
        return host_endpoint(sought.name)
    return endpoints.one(app, service_named(sought.service), sought.name, sought.wanted)


def _not_here(endpoint: Endpoint) -> str:
    raise UsageError(f"{endpoint.address} is the node itself", hint="`ssmx forward TARGET PORT` is for its ports")


def _route(app: App, endpoint: Endpoint, via: Spec | None, forward: Forward, wish: Wish) -> Route:
    if via is None:
        return Jumps(app, endpoint, planned(forward, wish))
    target, make_route = route.to(app, via, pick=wish.pick, wait=wish.wait)
    if endpoint.vpc and target.vpc and target.vpc != endpoint.vpc:
        app.show.note(_elsewhere(endpoint, target))
    return make_route(planned(forward, wish))


def _elsewhere(endpoint: Endpoint, target: Target) -> str:
    return f"{target.label} is in {target.vpc}, and {endpoint.label} in {endpoint.vpc}: it needs a route there"


def _client(app: App, endpoint: Endpoint, sought: Sought, wish: Wish, place: Place) -> Client | None:
    """What runs through the tunnel; where nothing does, or it verifies otherwise, the recipe is told."""
    access = Access(
        endpoint,
        place.host,
        place.port,
        user=user_of(endpoint, os.environ, asked=sought.user),
        ca_bundle=_certificates(app, endpoint, needed=wish.client is not None),
    )
    if wish.client is None or endpoint.family is Family.MYSQL:
        for line in told.recipe(access):
            app.show.note(line)
    if wish.client is None:
        return None
    if sought.iam:
        access = replace(access, password=app.catalog.token(endpoint, access.user))
    words = told.arguments(wish.client, host=place.host, port=place.port)
    env = told.environment(access, os.environ)
    if sought.iam:
        words, env = told.with_token(words, env, access)
    return Client(words, env)


def _certificates(app: App, endpoint: Endpoint, *, needed: bool) -> str:
    """The file that the database's certificate is verified with; empty where there is none to be verified.

    Without a client the tunnel is worth having without it.
    """
    if endpoint.family is Family.OTHER:
        return ""
    try:
        return app.database_ca()
    except SsmxError as error:
        if needed:
            raise
        app.show.note(f"{error.message} ({error.hint})")
        return "global-bundle.pem"
