"""ssmx stop"""

from __future__ import annotations

import click

from ssmx.app import App
from ssmx.cli.options import Command
from ssmx.errors import UsageError
from ssmx.reach import stop


@click.command(cls=Command)
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All that `ssmx ps` lists.")
@click.pass_obj
def command(app: App, names: tuple[str, ...], *, every: bool) -> int:
    """End tunnels by their names, and return when they are gone.

    Their sessions are ended first. Ports that one command brought are one process: they end together.

    \b
    ssmx stop payments-prod
    ssmx stop --all
    """
    if bool(names) == every:
        raise UsageError(
            "which tunnel?" if not names else "names and --all at once", hint="ssmx stop NAME, or --all"
        )
    return stop.stop(app, names, every=every)
