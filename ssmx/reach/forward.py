"""`ssmx forward`: ports of a node, or of hosts that it reaches, on this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from functools import partial

from ssmx import explain, find
from ssmx.app import App
from ssmx.errors import NoClient, UsageError
from ssmx.light import dataclass
from ssmx.model import client as told
from ssmx.model.forward import Forward
from ssmx.model.plan import Plan, Streams, plan_forward
from ssmx.model.plugin import Kind
from ssmx.model.target import Pick, Spec, Target
from ssmx.model.wording import host_port
from ssmx.reach import route
from ssmx.reach.aside import Aside
from ssmx.reach.background import in_background
from ssmx.reach.carry import carry, supported
from ssmx.reach.route import Planned
from ssmx.tunnel.support import Client, Place, Tunnel


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked of forwards besides where they lead.

    `page`: a URL path to show, None for no browser. `background`: go on without the terminal. `name` is what ends
    it, empty for one that ssmx gives. `lanes`: sessions beside each other.
    """

    client: tuple[str, ...] | None = None
    json_events: bool = False
    page: str | None = None
    reason: str = ""
    pick: Pick | None = None
    wait: bool = False
    dry_run: bool = False
    background: bool = False
    name: str = ""
    lanes: int = 1


def forward(app: App, spec: Spec, forwards: Sequence[Forward], wish: Wish) -> int:
    """Carry `forwards` through the node `spec` means, until the user or the client ends it; gives the status."""
    if not forwards:
        raise UsageError("no port", hint="ssmx forward TARGET [LOCAL:]REMOTE, or -L LPORT:HOST:RPORT")
    check_client(wish.client)
    check_wish(wish)
    if forwards[0].local.socket:
        if any("{host}" in word or "{port}" in word for word in wish.client or ()):
            raise UsageError("{host} and {port} with --socket", hint="the socket's path is in $SSMX_SOCKET")
        if app.settings.transport.value == "plugin":
            why = "others of this machine can connect to the plugin's own port"
            raise UsageError(f"--socket and the official plugin at once: {why}", hint="use --transport native")
    names = names_of(wish.name or spec.text, forwards)
    if wish.background and not wish.dry_run:
        return in_background(app, names[0], lambda aside: _carried(app, spec, forwards, wish, names, aside))
    return _carried(app, spec, forwards, wish, names, None)


def _carried(
    app: App, spec: Spec, forwards: Sequence[Forward], wish: Wish, names: Sequence[str], aside: Aside | None
) -> int:
    kind = Kind.TUNNEL if any(each.host for each in forwards) else Kind.FORWARD
    open_link = None if wish.dry_run else app.links(kind)
    warn(app, forwards)
    found, make_route = route.to(app, spec, pick=wish.pick, wait=wish.wait)
    target = found.target
    plans = [planned(app, each, wish)(target) for each in forwards]  # what cannot be is said before anything begins
    if open_link is None:
        return explain.plans(app, plans, app.choice(kind))
    find.remember(app, spec, found)

    def then(places: Sequence[Place]) -> Client | None:
        if wish.page is not None:
            app.show_page(url(places[0], forwards[0].port, wish.page))
        return client_of(wish.client, forwards, places)

    has_client = wish.client is not None
    with supported(app, open_link=open_link, has_client=has_client, json_events=wish.json_events) as support:
        tunnels = [
            Tunnel(
                partial(make_route, planned(app, each, wish)),
                each.local,
                name,
                name if wish.name else label_of(spec.text, each),
                key_of(target, spec.text, each),
                support,
                Streams(each.port, each.host),
                lanes=wish.lanes,
            )
            for each, name in zip(forwards, names, strict=True)
        ]
        declared = [_declared(app, spec, each, wish) for each in forwards]
        return carry(app, tunnels, then, declared=declared, has_client=has_client, aside=aside)


def check_wish(wish: Wish) -> None:
    """Raise UsageError for what does not go with the background."""
    if not wish.background:
        return
    for option, given in (("-- CLIENT", wish.client is not None), ("--events", wish.json_events)):
        if given:
            raise UsageError(f"{option} and --background at once", hint="run it in the foreground")


def names_of(name: str, forwards: Sequence[Forward]) -> list[str]:
    """What ends each of them."""
    return [name if len(forwards) == 1 else f"{name}:{each.port}" for each in forwards]


def _declared(app: App, spec: Spec, each: Forward, wish: Wish) -> dict[str, object]:
    """How a team's file would say it."""
    where = {"jump": spec.text, "endpoint": each.far} if each.host else {"target": spec.text, "remote": each.port}
    return {"kind": "host" if each.host else "forward", **where, **scope(app), **lanes(wish)}


def scope(app: App) -> dict[str, object]:
    """The profile and the region, where they were chosen for this run; those of the sandbox are its own."""
    if app.settings.sandbox.value:
        return {}
    asked = {"profile": app.settings.profile.value, "region": app.settings.region.value}
    return {name: value for name, value in asked.items() if value}


def lanes(wish: Wish) -> dict[str, object]:
    """How many lanes, where there are several."""
    return {"lanes": wish.lanes} if wish.lanes > 1 else {}


def planned(app: App, to: Forward, wish: Wish) -> Planned:
    """What plans a session for this forward."""

    reason = wish.reason or app.settings.reason.value

    def plan(target: Target) -> Plan:
        return plan_forward(target, port=to.port, host=to.host, reason=reason)

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


def label_of(target: str, each: Forward) -> str:
    """What the user is told of it."""
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
