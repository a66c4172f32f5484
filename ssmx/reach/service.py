"""`ssmx tunnel` and `ssmx db`: an endpoint of the catalog, or any host, through a node that reaches it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import field, replace
from pathlib import Path

from ssmx import explain
from ssmx.app import App
from ssmx.errors import NoClient, SsmxError, UsageError
from ssmx.light import dataclass
from ssmx.model import client as told
from ssmx.model.catalog import trust_of
from ssmx.model.client import token_refused, user_of
from ssmx.model.dialect import KUBERNETES, MYSQL, Access, dialect
from ssmx.model.endpoint import HOST, Endpoint, host_endpoint
from ssmx.model.forward import Forward, Local
from ssmx.model.plan import Streams
from ssmx.model.plugin import Kind
from ssmx.model.target import Spec, Target
from ssmx.reach import endpoints, kube, nodes, route
from ssmx.reach.aside import Aside
from ssmx.reach.background import in_background
from ssmx.reach.carry import carry, supported
from ssmx.reach.endpoints import Place, Wanted
from ssmx.reach.forward import Wish, check_client, check_wish, lanes, planned, scope, warn
from ssmx.reach.route import Jumps
from ssmx.store.passing import passing_folder
from ssmx.tunnel.support import Client, Route, Tunnel
from ssmx.tunnel.support import Place as Listening


@dataclass(frozen=True, slots=True)
class Sought:
    """Which endpoint, through which node, and who signs in.

    `place` is None for a host. `via` is None where ssmx chooses the node; `explain`: how it would, and no more.
    `own`: the words of the client are for the endpoint's own, which ssmx names.
    """

    place: Place | None
    name: str
    wanted: Wanted = field(default_factory=Wanted)
    via: Spec | None = None
    local: Local = field(default_factory=Local)
    user: str = ""
    iam: bool = False
    own: bool = False
    explain: bool = False


def tunnel(app: App, sought: Sought, wish: Wish) -> int:
    """Carry a tunnel to the endpoint until the user or the client ends it; gives the exit status."""
    if not sought.own:
        check_client(wish.client)
    if sought.iam and wish.client is None:
        raise UsageError("--iam-user is for a client", hint="ssmx tunnel … --iam-user U -- psql")
    if sought.via is None and (wish.wait or wish.pick):
        raise UsageError("--wait, --newest, --oldest and --any are for the node of --via", hint="add --via TARGET")
    check_wish(wish)
    if wish.background and not (wish.dry_run or sought.explain):
        asked = sought.wanted.part or ("reader" if sought.wanted.reader else "")
        name = wish.name or (f"{sought.name}-{asked}" if asked else sought.name)
        if not name:
            raise UsageError("--background without a NAME", hint="name the endpoint, as `ssmx ls endpoints` does")
        return in_background(app, name, lambda aside: _carried(app, sought, replace(wish, name=name), aside))
    return _carried(app, sought, wish, None)


def _carried(app: App, sought: Sought, wish: Wish, aside: Aside | None) -> int:
    open_link = None if wish.dry_run or sought.explain else app.links(Kind.TUNNEL)
    endpoint = _endpoint(app, sought)
    if sought.explain:
        return _explained(app, endpoint)
    program = _own_program(endpoint) if sought.own else ""
    _check(app, endpoint, sought, [program, *(wish.client or ())] if program else wish.client)
    forward = Forward(sought.local, endpoint.port, endpoints.host_of(endpoint))
    warn(app, [forward])
    make_route = routes(app, endpoint, sought.via, forward, wish)
    if open_link is None:
        return explain.plan(app, make_route().plan(), app.choice(Kind.TUNNEL))
    has_client = wish.client is not None
    with (
        passing_folder("kube") if dialect(endpoint) is KUBERNETES else nullcontext() as folder,
        supported(app, open_link=open_link, has_client=has_client, json_events=wish.json_events) as support,
    ):

        def then(places: Sequence[Listening]) -> Client | None:
            reached = access(app, endpoint, sought, places[0], folder, needed=has_client)
            return _client(app, reached, sought, wish, program)

        tunnel = Tunnel(
            make_route,
            forward.local,
            wish.name or endpoint.short,
            endpoint.label,
            f"{endpoint.host}:{endpoint.port}",
            support,
            Streams(forward.port, forward.host),
            lanes=wish.lanes,
        )
        return carry(
            app, [tunnel], then, declared=[_declared(app, sought, wish)], has_client=has_client, aside=aside
        )


def _declared(app: App, sought: Sought, wish: Wish) -> dict[str, object]:
    """How a team's file would say it."""
    kind = HOST if sought.place is None else sought.place.said if len(sought.place.services) == 1 else "db"
    asked = {
        "jump": sought.via.text if sought.via else "",
        "reader": sought.wanted.reader,
        "part": sought.wanted.part,
        "port": sought.local.port or 0,
        "user": sought.user,
    }
    return {
        "kind": kind,
        "endpoint": sought.name,
        **{name: value for name, value in asked.items() if value},
        **scope(app),
        **lanes(wish),
    }


def _endpoint(app: App, sought: Sought) -> Endpoint:
    if sought.place is None:
        if sought.via is None:
            raise UsageError("a host needs a node that reaches it", hint="ssmx tunnel host HOST:PORT --via TARGET")
        return host_endpoint(sought.name)
    return endpoints.one(app, sought.place, sought.name, sought.wanted)


def _explained(app: App, endpoint: Endpoint) -> int:
    """How a node is chosen: all of those in the endpoint's VPC and in peered ones."""
    with app.show.progress("looking for nodes that reach it", lambda: app.inventory.count):
        ranking = nodes.of_all(app, endpoint)
    return nodes.show(app, endpoint, ranking)


def _check(app: App, endpoint: Endpoint, sought: Sought, words: Sequence[str] | None) -> None:
    """Say what cannot be before anything begins; note what one tunnel cannot give."""
    if sought.iam and (why := token_refused(endpoint)):
        raise UsageError(f"--iam-user: {why}", hint="--user signs in with a password")
    speaks = dialect(endpoint)
    if words and not sought.wanted.part and (why := speaks.hangs(endpoint, words)):
        raise UsageError(f"{words[0]} would wait for ever: {why}", hint="without a client there is a tunnel")
    if limits := speaks.limits(endpoint):
        app.show.note(limits)
    if app.settings.ca_bundle.value:
        _bundle(app, endpoint)  # a file that is not there is said at once


def _own_program(endpoint: Endpoint) -> str:
    """The client of the endpoint that is installed here. Raises NoClient, UsageError."""
    known = dialect(endpoint).programs
    if not known:
        raise UsageError(
            f"ssmx knows no client for {endpoint.label} ({endpoint.engine or 'no engine'})",
            hint=f"ssmx tunnel {endpoint.service}/{endpoint.name} -- CLIENT",
        )
    found = [each for each in known if shutil.which(each)]
    able = [each for each in found if not endpoint.tls or _does_tls(each, dialect(endpoint).tls_option)]
    if able:
        return able[0]
    hint = f"install it, or run another: ssmx tunnel {endpoint.service}/{endpoint.name} -- CLIENT"
    if found:
        raise NoClient(f"the {found[0]} here was built without TLS, which {endpoint.label} wants", hint=hint)
    more = f", nor {' or '.join(known[1:])}" if len(known) > 1 else ""
    raise NoClient(f"there is no {known[0]} here{more}", hint=hint)


def _does_tls(program: str, option: str) -> bool:
    """Whether the help of this program has the option; without one to look for, it is thought to."""
    if not option:
        return True
    try:
        said = subprocess.run(
            [program, "--help"], capture_output=True, check=False, timeout=5.0, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return True  # it will say itself what is wrong
    return option.encode() in said.stdout + said.stderr


def routes(app: App, endpoint: Endpoint, via: Spec | None, forward: Forward, wish: Wish) -> Callable[[], Route]:
    """What makes routes to the endpoint."""
    if via is None:
        return lambda: Jumps(app, endpoint, planned(app, forward, wish))
    found, make_route = route.to(app, via, pick=wish.pick, wait=wish.wait)
    target = found.target
    if endpoint.vpc and target.vpc and target.vpc != endpoint.vpc:
        app.show.note(_elsewhere(endpoint, target))
    return lambda: make_route(planned(app, forward, wish))


def _elsewhere(endpoint: Endpoint, target: Target) -> str:
    return f"{target.label} is in {target.vpc}, and {endpoint.label} in {endpoint.vpc}: it needs a route there"


def client_through(
    app: App, endpoint: Endpoint, sought: Sought, wish: Wish, place: Listening, folder: Path | None
) -> Client:
    """A client for a tunnel that is up at `place`. Raises UsageError, NoClient."""
    if not sought.own:
        check_client(wish.client)
    program = _own_program(endpoint) if sought.own else ""
    _check(app, endpoint, sought, [program, *(wish.client or ())] if program else wish.client)
    client = _client(app, access(app, endpoint, sought, place, folder, needed=True), sought, wish, program)
    assert client is not None
    return client


def access(
    app: App,
    endpoint: Endpoint,
    sought: Sought,
    place: Listening,
    folder: Path | None,
    *,
    needed: bool,
    ca_bundle: bool = False,
) -> Access:
    """How a client reaches the endpoint by `place`. `needed`: not without the certificates it is verified with.

    `ca_bundle`: they are in a file, though its own clients have them.
    """
    access = Access(
        endpoint,
        place.host,
        place.port,
        user=user_of(endpoint, os.environ, asked=sought.user),
        ca_bundle=_certificates(app, endpoint, needed=needed, in_file=ca_bundle),
    )
    if folder is None:
        return access
    return replace(access, kubeconfig=str(kube.write(app, access, folder / "config")))


def _client(app: App, access: Access, sought: Sought, wish: Wish, program: str) -> Client | None:
    """What runs through the tunnel; where nothing does, or it verifies otherwise, the recipe is told."""
    if wish.client is None or (dialect(access.endpoint) is MYSQL and not sought.own):
        for line in told.recipe(access):
            app.show.note(line)
    if wish.client is None:
        return None
    if sought.iam:
        access = replace(access, password=app.catalog.token(access.endpoint, access.user))
    if program:
        words = told.own_client(program, wish.client, access, is_mariadb=_is_mariadb(program))
    else:
        words = told.arguments(wish.client, access)
    env = told.environment(access, os.environ)
    if sought.iam:
        words, env = told.with_token(words, env, access, is_mariadb=_is_mariadb(words[0]))
    return Client(words, env)


def _is_mariadb(program: str) -> bool:
    """Whether what is called mysql here is MariaDB's, as in Debian."""
    found = shutil.which(program)
    return found is not None and Path(found).resolve().name.startswith("mariadb")


def _bundle(app: App, endpoint: Endpoint, *, in_file: bool = False) -> str:
    return app.ca_bundle(trust_of(endpoint), needed=in_file or dialect(endpoint).needs_ca)


def _certificates(app: App, endpoint: Endpoint, *, needed: bool, in_file: bool) -> str:
    """The file that the endpoint's certificate is verified with; empty where its clients need none.

    Without a client the tunnel is worth having without it.
    """
    try:
        return _bundle(app, endpoint, in_file=in_file)
    except SsmxError as error:
        if needed:
            raise
        app.show.note(f"{error.message} ({error.hint})")
        return "global-bundle.pem"
