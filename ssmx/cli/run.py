"""ssmx run"""

from __future__ import annotations

from math import isfinite

import click

from ssmx import connect
from ssmx.app import App
from ssmx.cli.options import Command, pick_options, session_options, target_argument
from ssmx.errors import UsageError
from ssmx.model.target import Pick, Spec


@click.command(cls=Command, tail=True)
@target_argument
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.0),
    metavar="SECONDS",
    default=0.0,
    help="Interrupt the command after so long, and exit 75.",
)
@pick_options
@session_options
@click.pass_obj
def command(
    app: App, target: Spec, timeout: float, reason: str, pick: Pick | None, wait: bool, dry_run: bool
) -> int:
    """Run COMMAND on TARGET without a terminal: its output, its errors and its exit status are ours.

    One word after -- is a line for the node's shell; several are a program and its arguments, and no shell sees
    them. The command has no standard input. Messages of ssmx itself begin with `ssmx:`, on standard error.

    \b
    ssmx run payments-api -- 'df -h | tail -n +2' > disks.txt
    ssmx run web --newest --timeout 30 -- systemctl is-active nginx
    """
    if not isfinite(timeout):
        raise UsageError(f"--timeout {timeout}: it is a number of seconds", hint="leave it out for none")
    wish = connect.Wish(command=app.tail or (), reason=reason, pick=pick, wait=wait, dry_run=dry_run)
    return connect.run(app, target, wish, timeout=timeout)
