"""ssmx plugin"""

from __future__ import annotations

import click

from ssmx import plugins
from ssmx.app import App
from ssmx.cli.options import Group


@click.group("plugin", cls=Group)
def command() -> None:
    """Look at the official session-manager-plugin, or put ssmx in its place.

    ssmx uses the plugin for shells where a good one is installed.
    """


@command.command("status")
@click.pass_obj
def status(app: App) -> int:
    """Tell which plugin is installed, whether it is any good, and what ssmx uses it for.

    Exit status 1 where none is installed that ssmx would use by itself. `plugin = "/path"` in the config file, or
    SSMX_PLUGIN, names one that is not on PATH.
    """
    return plugins.status(app)


@command.command("shim")
@click.option("--dir", "folder", metavar="DIR", default="", help="Folder to write it to, instead of ~/.local/bin.")
@click.option("--remove", is_flag=True, help="Take it away again.")
@click.pass_obj
def shim(app: App, folder: str, remove: bool) -> int:
    """Write an executable named session-manager-plugin that is ssmx, and print where it is.

    `aws ssm start-session`, `aws ecs execute-command` and other tools that start the plugin then run on ssmx: ports
    that survive a lost connection, uploads at the speed of the network, and a terminal that comes back as it was.
    The official plugin is never replaced: what comes first on PATH is used.

    Exit status 1 where --remove finds none.
    """
    return plugins.remove_shim(app, folder) if remove else plugins.shim(app, folder)
