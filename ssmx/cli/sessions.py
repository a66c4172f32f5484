"""ssmx sessions"""

from __future__ import annotations

import click

from ssmx import leftovers
from ssmx.app import App
from ssmx.cli.options import Group
from ssmx.errors import UsageError


@click.group("sessions", cls=Group)
def command() -> None:
    """List and end your open sessions, leftovers of a crash included."""


@command.command("ls")
@click.pass_obj
def ls(app: App) -> int:
    """List your open sessions in this account and region."""
    return leftovers.show(app)


@command.command("end")
@click.argument("ids", metavar="[SESSION]...", nargs=-1)
@click.option("--left-over", is_flag=True, help="Those whose ssmx died.")
@click.option("--all", "every", is_flag=True, help="All of yours, whatever opened them.")
@click.pass_obj
def end(app: App, ids: tuple[str, ...], left_over: bool, every: bool) -> int:
    """End sessions of yours."""
    if not ids and not left_over and not every:
        raise UsageError("which session?", hint="name one of `ssmx sessions ls`, or --left-over, or --all")
    return leftovers.end(app, ids, left_over=left_over, every=every)
