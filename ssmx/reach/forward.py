"""`ssmx forward`: ports of a node, or of hosts that it reaches, on this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass

from ssmx import explain
from ssmx.app import App
from ssmx.errors import NoClient, UsageError
from ssmx.model import client as told
from ssmx.model.forward import Forward
from ssmx.model.plan import Plan, plan_forward
from ssmx.model.plugin import Kind
from ssmx.model.target import Pick, Spec, Target
from ssmx.model.wording import host_port
from ssmx.reach import route
from ssmx.reach.carry import carry
from ssmx.reach.route import Planned
from ssmx.tunnel.support import Client, Lane, Place


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked of forwards besides where they lead. `page`: a URL path to show, None for no browser."""

    client: tuple[str, ...] | None = None
    json_events: bool = False
    page: str | None = None
    reason: str = ""
    pick: Pick | None = None
    wait: bool = False
    dry_run: bool = False


def forward(app: App, spec: Spec, forwards: Sequence[Forward], wish: Wish) -> int:
    """Carry `forwards` through the node `spec` means, until the user or the client ends it; gives the status."""
    if not forwards:
        raise UsageError("no port", hint="ssmx forward TARGET [LOCAL:]REMOTE, or -L LPORT:HOST:RPORT")
    check_client(wish.client)
    if forwards[0].local.socket:
        if any("{host}" in word or "{port}" in word for word in wish.client or ()):
            raise UsageError("{host} and {port} with --socket", hint="the socket's path is in $SSMX_SOCKET")
        if app.settings.transport.value == "plugin":
            why = "others of this machine can connect to the plugin's own port"
            raise UsageError(f"--socket and the official plugin at once: {why}", hint="use --transport native")
    kind = Kind.TUNNEL if any(each.host for each in forwards) else Kind.FORWARD
    open_link = None if wish.dry_run else app.links(kind)
    warn(app, forwards)
    target, make_route = route.to(app, spec, pick=wish.pick, wait=wish.wait)
    plans = [planned(each, wish)(target) for each in forwards]  # what cannot be is said before anything begins
    if open_link is None:
        return explain.plans(app, plans, app.choice(kind))
    lanes = [
        Lane(make_route(planned(each, wish)), each, name_of(spec.text, each), key_of(target, spec.text, each))
        for each in forwards
    ]

    def then(places: Sequence[Place]) -> Client | None:
        if wish.page is not None:
            app.show_page(url(places[0], forwards[0].port, wish.page))
        return client_of(wish.client, forwards, places)

    return carry(
        app,
        lanes,
        open_link=open_link,
        then=then,
        has_client=wish.client is not None,
        json_events=wish.json_events,
    )


def planned(to: Forward, wish: Wish) -> Planned:
    """What plans a session for this forward."""

    def plan(target: Target) -> Plan:
        return plan_forward(target, port=to.port, host=to.host, reason=wish.reason)

    return plan


def check_client(words: Sequence[str] | None) -> None:
    """Raise UsageError where no program stands behind `--`, NoClient where there is none of that name."""
    if words is None:
        return
    if not words or not words[0]:
        raise UsageError("no program after --", hint="leave -- out for a tunnel alone")
    if "/" not in words[0] and shutil.which(words[0]) is None:  # before anything begins
        raise NoClient(f"there is no program {words[0]!r}", hint="install it, or give its path")


def warn(app: App, forwards: Sequence[Forward]) -> None:
    """Say so where others than this machine can connect."""
    for each in forwards:
        if not each.local.is_loopback:
            app.show.note(f"warning: other machines can reach {each.far} through {each.local.bind} of this one")


def name_of(target: str, each: Forward) -> str:
    """What the user calls it."""
    return f"{target}:{each.port}" if not each.host else each.far


def key_of(target: Target, text: str, each: Forward) -> str:
    """What its local port is remembered for: the same target, by what it was called, and the same far port."""
    where = f"{target.account or '-'}/{target.region}/{text}"
    return f"{where}:{each.port}" if not each.host else f"{where}/{each.far}"


def url(place: Place, port: int, path: str) -> str:
    """The page that is shown of a port."""
    scheme = "https" if port in (443, 8443) else "http"
    host = "localhost" if place.host == "127.0.0.1" else place.host
    return f"{scheme}://{host_port(host, place.port)}{path}"


def client_of(words: Sequence[str] | None, forwards: Sequence[Forward], places: Sequence[Place]) -> Client | None:
    """The program with the variables and arguments of the first forward, and numbered ones of all."""
    if words is None:
        return None
    env = dict(os.environ)
    for number, (each, place) in enumerate(zip(forwards, places, strict=True), 1):
        ours = {"HOST": place.host, "PORT": str(place.port), "ENDPOINT": each.far}
        if place.socket:
            ours = {"SOCKET": place.socket, "ENDPOINT": each.far}
        env |= {f"SSMX_{name}_{number}": value for name, value in ours.items()} if len(places) > 1 else {}
        env |= {f"SSMX_{name}": value for name, value in ours.items()} if number == 1 else {}
    return Client(told.placed(words, host=places[0].host, port=str(places[0].port)), env)
