"""ssmx status"""

from __future__ import annotations

import click

from ssmx.app import App
from ssmx.cli.options import Command, file_option
from ssmx.errors import UsageError
from ssmx.reach import status


@click.command(cls=Command)
@click.argument("names", metavar="[NAME]...", nargs=-1)
@file_option
@click.option("--prometheus", is_flag=True, help="Print it as Prometheus reads it.")
@click.pass_obj
def command(app: App, names: tuple[str, ...], file: str | None, *, prometheus: bool) -> int:
    """Watch tunnels: what they carry, through which node, when the sign-in ends, what is wrong.

    All that run, and what the team's file, ssmx.toml, declares; with -f those of that file alone. On a terminal
    until q or Ctrl-C; elsewhere, and with -o, once. The exit status is then 1 where a tunnel of the given names, or
    of -f, does not run, has failed, or waits for a sign-in.

    \b
    ssmx status
    ssmx status payments-prod -o json
    ssmx status --prometheus
    """
    if prometheus and app.settings.output.value != "table":
        raise UsageError("--prometheus and --output at once", hint="give one of them")
    return status.status(app, names, file, prometheus=prometheus)
