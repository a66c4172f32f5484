"""ssmx shell"""

from __future__ import annotations

import click

from ssmx import connect
from ssmx.app import App
from ssmx.cli.options import Assignment, Command, pick_options, session_options, target_argument, transport_option
from ssmx.model.target import Pick, Spec


@click.command(cls=Command, tail=True)
@target_argument
@click.option("--document", metavar="NAME", default="", help="Session document instead of the account's default.")
@click.option(
    "--parameter", "parameters", type=Assignment(), multiple=True, help="Parameter of the document; repeat."
)
@transport_option
@pick_options
@session_options
@click.pass_obj
def command(
    app: App,
    target: Spec,
    document: str,
    parameters: tuple[tuple[str, str], ...],
    reason: str,
    pick: Pick | None,
    wait: bool,
    dry_run: bool,
) -> int:
    """Open a shell on TARGET: a name, i-…, mi-…, Key=Value[,Key=Value], an address, a DNS name or asg/NAME.

    A name with * or ? is a pattern. Of several nodes ssmx asks, or refuses where it cannot ask.

    After Enter, ~. ends the session, though what runs in it hangs, and ~? explains, as in ssh.

    After -- stands a command to run on a terminal there. Session Manager does not report its exit status;
    `ssmx run` is for that.

    \b
    ssmx shell payments-api
    ssmx shell web --newest -- sudo journalctl -f
    """
    wish = connect.Wish(document, parameters, app.tail or (), reason, pick, wait, dry_run)
    return connect.shell(app, target, wish)
