"""ssmx ps"""

from __future__ import annotations

import click

from ssmx.app import App
from ssmx.cli.options import Command
from ssmx.reach import watch


@click.command(cls=Command)
@click.pass_obj
def command(app: App) -> int:
    """List the tunnels that run on this machine, in the background, on terminals and for a team's file.

    \b
    ssmx ps
    ssmx ps -o json
    """
    return watch.ps(app)
