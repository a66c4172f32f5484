"""ssmx forward"""

from __future__ import annotations

import click

from ssmx.app import App
from ssmx.cli.options import (
    Command,
    bind_option,
    events_option,
    keeping_options,
    pick_options,
    session_options,
    target_argument,
    transport_option,
)
from ssmx.errors import UsageError
from ssmx.model.forward import Forward, parse_ports, parse_remote
from ssmx.model.target import Pick, Spec
from ssmx.reach import forward
from ssmx.reach.forward import Wish


def _page(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    if value is not None and not value.startswith("/"):
        raise UsageError(
            f"--open {value}: a URL path begins with /", hint="write --open=/path, or --open as the last word"
        )
    return value


@click.command(cls=Command, tail=True, tail_name="CLIENT")
@target_argument
@click.argument("ports", metavar="[[LOCAL:]REMOTE]...", nargs=-1)
@click.option("-L", "remotes", metavar="[BIND:]LPORT:HOST:RPORT", multiple=True, help="A port of a host; repeat.")
@bind_option
@click.option(
    "--socket", metavar="PATH", default="", help="A unix socket that only you can open, instead of a port."
)
@click.option(
    "--open",
    "page",
    metavar="[/PATH]",
    is_flag=False,
    flag_value="/",
    callback=_page,
    help="Show it in the browser.",
)
@events_option
@keeping_options
@transport_option
@pick_options
@session_options
@click.pass_obj
def command(
    app: App,
    target: Spec,
    ports: tuple[str, ...],
    remotes: tuple[str, ...],
    bind: str,
    socket: str,
    page: str | None,
    events: str | None,
    pick: Pick | None,
    reason: str,
    called: str,
    lanes: int,
    *,
    background: bool,
    wait: bool,
    dry_run: bool,
) -> int:
    """Bring ports of TARGET, or with -L of hosts that it reaches, to localhost, until Ctrl-C.

    LOCAL left out is REMOTE where that is free; otherwise, and as 0, a free port that is the same the next time.
    The port stays: a lost connection, a sleep or a replaced node is dealt with behind it.

    After -- stands a client, which runs while the ports are there; its exit status is ours. {host} and {port} in
    its words, and the variables SSMX_HOST and SSMX_PORT, are the first forward's.

    \b
    ssmx forward admin-ui 8080 --open
    ssmx forward payments-api 15432:5432 9090
    ssmx forward bastion-prod -L 13306:legacy.corp.internal:3306 -- mysqldump -h {host} -P {port} crm
    """
    forwards: list[Forward] = [parse_ports(each, bind=bind, socket=socket) for each in ports]
    forwards += [parse_remote(each, bind=bind) for each in remotes]
    if socket and (len(forwards) != 1 or remotes):
        raise UsageError(
            "--socket is for one port of the node", hint=f"ssmx forward {target.text} PORT --socket PATH"
        )
    if page is not None and socket:
        raise UsageError("--open and --socket at once", hint="browsers open ports")
    wish = Wish(app.tail, events == "json", page, reason, pick, wait, dry_run, background, called, lanes)
    return forward.forward(app, target, forwards, wish)
