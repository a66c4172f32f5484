"""ssmx config"""

from __future__ import annotations

import click

from ssmx.app import App
from ssmx.cli.options import Group
from ssmx.reach import team


@click.group("config", cls=Group)
def command() -> None:
    """Say which project files are trusted.

    An ssmx.toml that names programs, hosts or URLs has them used only after `ssmx config trust`: whoever writes the
    file could run anything as you. Any change of it ends the trust.
    """


@command.command("trust")
@click.argument("file", metavar="[FILE]", required=False)
@click.pass_obj
def trust(app: App, file: str | None) -> int:
    """Trust FILE as it is now, and print what it may do; without FILE the nearest ssmx.toml from here upwards."""
    return team.trust(app, file)


@command.command("untrust")
@click.argument("file", metavar="[FILE]", required=False)
@click.pass_obj
def untrust(app: App, file: str | None) -> int:
    """Trust FILE no more; without FILE the nearest ssmx.toml from here upwards."""
    return team.untrust(app, file)
