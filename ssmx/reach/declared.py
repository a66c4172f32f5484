"""From a tunnel of a team's file to one that can be kept: its account, its route, and the client through it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace

from ssmx.app import App
from ssmx.errors import SsmxError, UsageError
from ssmx.model.dialect import KUBERNETES, Access, dialect
from ssmx.model.endpoint import HOST, Endpoint, host_endpoint
from ssmx.model.forward import Forward, Local
from ssmx.model.plan import Plan, Streams
from ssmx.model.plugin import Kind
from ssmx.model.settings import Value
from ssmx.model.target import Target, parse
from ssmx.model.team import Declared
from ssmx.model.team_values import DB, FORWARD
from ssmx.reach import endpoints, route, service
from ssmx.reach.carry import support_of
from ssmx.reach.endpoints import DATABASES, Wanted, spelled
from ssmx.reach.forward import Wish, client_of, planned
from ssmx.reach.service import Sought
from ssmx.store.passing import passing_folder
from ssmx.tunnel.support import Place, Route, Tunnel

_MINUTE = 60.0


class Accounts:
    """An App for each account and region that a file's tunnels are in.

    A code of MFA is asked for at once, where there is a terminal; later nothing is.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._apps: dict[tuple[str, ...], App] = {}

    def of(self, declared: Declared) -> App:
        """The one for this tunnel. A flag goes before the file; the sandbox has an account of its own."""
        said = {
            name: value
            for name, value in (("profile", declared.profile), ("region", declared.region))
            if value.value and name not in self._app.flags and not self._app.settings.sandbox.value
        }
        key = (*(f"{name}={each.value}" for name, each in said.items()), declared.endpoint_url)
        key = (*key, declared.credential_process)
        if key not in self._apps:
            made = self._app.another()
            made.flags |= said
            if declared.endpoint_url:
                made.endpoints["*"] = declared.endpoint_url
            made.credential_process = declared.credential_process
            if made.may_ask() and made.clients.wants_mfa:  # while there is a terminal
                made.clients.credentials()
            made.flags["input"] = Value(False, "ssmx up")
            del made.settings
            self._apps[key] = made
        return self._apps[key]

    def known(self) -> list[App]:
        """Those that tunnels are in so far."""
        return [*self._apps.values()]


class Later:
    """A route that is found out when it is first wanted: until then nothing is asked of AWS."""

    patient = True

    def __init__(self, find: Callable[[], Route]) -> None:
        self._find = find
        self._found: Route | None = None

    def plan(self) -> Plan:
        """That of the route; where that has none, it is found out anew the next time."""
        try:
            self._found = self._found or self._find()
            return self._found.plan()
        except SsmxError:
            self._found = None
            raise

    def gone(self, error: SsmxError) -> bool:
        """What the route says."""
        return self._found is not None and self._found.gone(error)

    def worked(self, target: Target) -> None:
        """Tell the route."""
        if self._found is not None:
            self._found.worked(target)


class _Recent:
    """The endpoint of a tunnel, which all its lanes want at the same time: AWS is asked once a minute."""

    def __init__(self, app: App, declared: Declared) -> None:
        self._find: Callable[[], Endpoint] = lambda: endpoint_of(app, declared)
        self._lock = threading.Lock()
        self._found: Endpoint | None = None
        self._until = 0.0

    def __call__(self) -> Endpoint:
        with self._lock:
            if self._found is None or time.monotonic() > self._until:
                self._found = self._find()
                self._until = time.monotonic() + _MINUTE
            return self._found


def tunnel_of(app: App, declared: Declared, *, key: str) -> Tunnel:
    """The tunnel, whose session begins with its first connection; `app` is of its account."""
    recent = _Recent(app, declared)
    return Tunnel(
        lambda: Later(lambda: _route(app, declared, recent)),
        Local(declared.port or None),
        declared.name,
        declared.name,
        key,
        support_of(app, open_link=app.links(_kind(declared), called=declared.name)),
        _streams(declared),
        declared.leads_to,
        declared.lanes,
        declared.idle_minutes * _MINUTE,
    )


def endpoint_of(app: App, declared: Declared) -> Endpoint:
    """The endpoint that it leads to, of which AWS is asked where that is needed; a node's is one of its own."""
    if declared.kind == FORWARD:
        return Endpoint(HOST, declared.name, declared.to, declared.remote, tls=False)
    if declared.kind == HOST:
        return replace(host_endpoint(declared.to), name=declared.name)
    if declared.kind == DB and "/" not in declared.to:
        place, name = DATABASES, declared.to
    else:
        place, name = spelled(declared.to if declared.kind == DB else f"{declared.kind}/{declared.to}")
    return endpoints.one(app, place, name, Wanted(declared.reader, declared.part))


def access_of(app: App, declared: Declared, endpoint: Endpoint, place: Place, *, ca_bundle: bool) -> Access:
    """How a client on this machine reaches its endpoint. `ca_bundle`: with the authorities that verify it."""
    sought = Sought(None, declared.to, user=declared.iam_user or declared.user)
    return service.access(app, endpoint, sought, place, None, needed=False, ca_bundle=ca_bundle)


def check_client(declared: Declared, words: Sequence[str]) -> None:
    """Raise UsageError where neither the user nor the file names a client, and ssmx knows none."""
    if declared.kind in (FORWARD, HOST) and not (words or declared.client):
        raise UsageError(
            f"{declared.name} has no client of its own",
            hint=f"ssmx up {declared.name} -- CLIENT, or `client` in the file",
        )


def run_client(app: App, declared: Declared, place: Place, words: Sequence[str]) -> int:
    """Run a client through the tunnel, which is up at `place`; gives its exit status.

    `words` are the user's; without them the file's own, or the endpoint's.
    """
    chosen = words or declared.client or None
    if declared.kind in (FORWARD, HOST):
        streams = _streams(declared) or Streams(declared.remote)
        client = client_of(chosen, [Forward(Local(), streams.port, streams.host)], [place])
        assert client is not None
        return app.run_client(client)
    endpoint = endpoint_of(app, declared)
    user = declared.iam_user or declared.user
    sought = Sought(None, declared.to, user=user, iam=bool(declared.iam_user), own=chosen is None)
    wish = Wish(client=tuple(chosen or ()))
    with passing_folder("kube") if dialect(endpoint) is KUBERNETES else nullcontext() as folder:
        return app.run_client(service.client_through(app, endpoint, sought, wish, place, folder))


def _kind(declared: Declared) -> Kind:
    return Kind.FORWARD if declared.kind == FORWARD else Kind.TUNNEL


def _streams(declared: Declared) -> Streams | None:
    """Where it leads, where the file alone says it."""
    if declared.kind == FORWARD:
        return Streams(declared.remote)
    if declared.kind == HOST:
        endpoint = host_endpoint(declared.to)
        return Streams(endpoint.port, endpoints.host_of(endpoint))
    return None


def _route(app: App, declared: Declared, find: Callable[[], Endpoint]) -> Route:
    """The way there now; asks AWS."""
    wish = Wish(reason=declared.reason)
    if declared.kind == FORWARD:
        _, make = route.to(app, parse(declared.to), pick=None, wait=False)
        return make(planned(app, Forward(Local(), declared.remote), wish))
    endpoint = find()
    forward = Forward(Local(), endpoint.port, endpoints.host_of(endpoint))
    via = parse(declared.jump) if declared.jump else None
    return service.routes(app, endpoint, via, forward, wish)()
