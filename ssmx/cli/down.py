"""ssmx down"""

from __future__ import annotations

import click

from ssmx.app import App
from ssmx.cli.options import Command, file_option
from ssmx.reach import up as flow


@click.command(cls=Command)
@click.argument("names", metavar="[NAME]...", nargs=-1)
@file_option
@click.pass_obj
def command(app: App, names: tuple[str, ...], file: str | None) -> int:
    """End the tunnels of the team's file, ssmx.toml: all, or those of these names."""
    return flow.down(app, names, file)
