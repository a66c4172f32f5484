"""ssmx ls"""

from __future__ import annotations

from importlib import import_module

import click

from ssmx import find
from ssmx.app import App
from ssmx.cli.options import Command, scopes_option
from ssmx.errors import UsageError
from ssmx.model.columns import COLUMNS, column
from ssmx.model.target import parse


def _columns(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[str, ...]:
    names = tuple(filter(None, value.split(",")))
    for name in names:
        try:
            column(name)
        except KeyError:
            raise UsageError(f"no column {name!r}", hint=f"{', '.join(COLUMNS)}, tag:KEY") from None
    return names


@click.command(cls=Command)
@click.argument("filters", metavar="[SERVICE] [FILTER]...", nargs=-1)
@click.option(
    "--columns", default="", callback=_columns, metavar="A,B,…", help=f"Of {', '.join(COLUMNS)}, tag:KEY."
)
@click.option("--cached", is_flag=True, help="Nodes as they are known from before, at once, without asking AWS.")
@scopes_option
@click.pass_obj
def command(app: App, filters: tuple[str, ...], columns: tuple[str, ...], *, cached: bool, everywhere: bool) -> int:
    """List nodes with their EC2 and SSM state side by side; or the endpoints of SERVICE and what reaches them.

    FILTER is Key=Value (all of them must hold), part of a name, a pattern, an id, an address or asg/NAME
    (any of them); of endpoints, part of a name or a pattern. SERVICE is one that `ssmx tunnel` knows, or
    `endpoints` for all of them; '*rds*' are nodes.

    \b
    ssmx ls rds
    ssmx ls endpoints payments
    ssmx ls pay
    ssmx ls Env=prod Team=payments -o json
    ssmx ls --columns name,id,agent,tag:Role
    ssmx ls -A pay
    """
    if filters:  # endpoints are another half of ssmx, which a listing of all nodes does without
        endpoints = import_module("ssmx.reach.endpoints")
        if place := endpoints.listed(filters[0]):
            if columns or cached or everywhere:
                given = "--columns" if columns else "--cached" if cached else "-A"
                raise UsageError(f"{given} is for nodes", hint=f"ssmx ls {filters[0]} -o json has everything")
            status: int = endpoints.listing(app, place, filters[1:])
            return status
    if everywhere:
        if cached:
            raise UsageError("-A and --cached at once", hint="`ssmx index show` tells of what is known")
        scopes = import_module("ssmx.scopes")
        shown: int = scopes.listing(app, [parse(each) for each in filters], columns=columns)
        return shown
    return find.listing(app, [parse(each) for each in filters], columns=columns, cached=cached)
