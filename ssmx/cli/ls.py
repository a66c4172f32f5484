"""ssmx ls"""

from __future__ import annotations

import click

from ssmx import find
from ssmx.app import App
from ssmx.cli.options import TARGET, Command
from ssmx.errors import UsageError
from ssmx.model.columns import COLUMNS, column
from ssmx.model.target import Spec


def _columns(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[str, ...]:
    names = tuple(filter(None, value.split(",")))
    for name in names:
        try:
            column(name)
        except KeyError:
            raise UsageError(f"no column {name!r}", hint=f"{', '.join(COLUMNS)}, tag:KEY") from None
    return names


@click.command(cls=Command)
@click.argument("filters", type=TARGET, metavar="[FILTER]...", nargs=-1)
@click.option(
    "--columns", default="", callback=_columns, metavar="A,B,…", help=f"Of {', '.join(COLUMNS)}, tag:KEY."
)
@click.pass_obj
def command(app: App, filters: tuple[Spec, ...], columns: tuple[str, ...]) -> int:
    """List nodes with their EC2 and SSM state side by side.

    FILTER is Key=Value (all of them must hold), part of a name, a pattern, an id, an address or asg/NAME
    (any of them).

    \b
    ssmx ls pay
    ssmx ls Env=prod Team=payments -o json
    ssmx ls --columns name,id,agent,tag:Role
    """
    return find.listing(app, filters, columns=columns)
