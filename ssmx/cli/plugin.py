"""ssmx plugin"""

from __future__ import annotations

import click

from ssmx import plugins
from ssmx.app import App
from ssmx.cli.options import Group


@click.group("plugin", cls=Group)
def command() -> None:
    """Look at the official session-manager-plugin. ssmx uses it for shells where a good one is installed."""


@command.command("status")
@click.pass_obj
def status(app: App) -> int:
    """Tell which plugin is installed, whether it is any good, and what ssmx uses it for.

    Exit status 1 where none is installed that ssmx would use by itself. `plugin = "/path"` in the config file, or
    SSMX_PLUGIN, names one that is not on PATH.
    """
    return plugins.status(app)
