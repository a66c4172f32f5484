"""ssmx index"""

from __future__ import annotations

from importlib import import_module

import click

from ssmx import indexes
from ssmx.app import App
from ssmx.cli.options import Group


@click.group("index", cls=Group)
def command() -> None:
    """What is known of nodes and endpoints without asking AWS: for Tab, and for names that were just looked up.

    Every command that lists or looks up adds to it, in a private folder of your cache: names, ids, addresses,
    states and tags, for each account, region and profile.
    """


@command.command("refresh")
@click.option("--stale", is_flag=True, help="Only what is older than `index_refresh` says.")
@click.option(
    "-A",
    "--all-scopes",
    "--all",
    "everywhere",
    is_flag=True,
    help="Of all profiles and regions that the config lists as [scopes]; of these -p, -r alone.",
)
@click.pass_obj
def refresh(app: App, *, stale: bool, everywhere: bool) -> int:
    """List all nodes, endpoints and session documents of this account and region, and keep that."""
    if app.settings.sandbox.value:
        if stale and not import_module("ssmx.cli.sandbox").runs():
            return 0  # nobody has asked for one
        app.enter_sandbox()
    if everywhere:
        return indexes.refresh_all(app, import_module("ssmx.scopes").walked, stale=stale)
    return indexes.refresh(app, stale=stale)


@command.command("show")
@click.pass_obj
def show(app: App) -> int:
    """List the accounts, regions and profiles of which something is known, and since when."""
    return indexes.show(app)


@command.command("clear")
@click.pass_obj
def clear(app: App) -> int:
    """Forget all of it."""
    return indexes.clear(app)
