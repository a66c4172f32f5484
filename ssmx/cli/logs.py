"""ssmx logs"""

from __future__ import annotations

import click

from ssmx.app import App
from ssmx.cli.options import Command
from ssmx.reach import logs


@click.command(cls=Command)
@click.argument("name", metavar="NAME")
@click.option("-f", "--follow", is_flag=True, help="Go on until the tunnel ends.")
@click.pass_obj
def command(app: App, name: str, *, follow: bool) -> int:
    """Print what the background tunnel NAME has said, or the last one of that name.

    With -o json each line is an object with the time, `at`, and the `text`.

    \b
    ssmx logs payments-prod -f
    """
    return logs.logs(app, name, follow=follow)
