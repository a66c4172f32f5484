"""ssmx wait"""

from __future__ import annotations

import click

from ssmx.app import App
from ssmx.cli.options import Command
from ssmx.reach import waiting


@click.command(cls=Command)
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option(
    "--timeout", "seconds", type=click.FloatRange(0, 1e9), metavar="S", help="Seconds; the setting wait_timeout."
)
@click.pass_obj
def command(app: App, names: tuple[str, ...], seconds: float | None) -> int:
    """Return when every tunnel NAME is ready, also where it is not there yet.

    A tunnel that opens its session with the first connection is ready when it listens.

    \b
    ssmx wait payments-prod --timeout 30 && psql -h localhost -p 15432
    """
    return waiting.wait(app, names, seconds=app.settings.wait_timeout.value if seconds is None else seconds)
