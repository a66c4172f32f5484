"""ssmx init"""

from __future__ import annotations

import click

from ssmx.app import App
from ssmx.cli.options import Command, file_option
from ssmx.reach import init as flow


@click.command(cls=Command)
@file_option
@click.pass_obj
def command(app: App, file: str | None) -> int:
    """Write a team's file, ssmx.toml, from the tunnels that run now; with none, one to fill in.

    What is there is never overwritten. `ssmx up` brings up what it says.
    """
    return flow.init(app, file)
