"""ssmx up"""

from __future__ import annotations

import click

from ssmx.app import App
from ssmx.cli.options import Command, file_option
from ssmx.errors import UsageError
from ssmx.model.export import FORMS
from ssmx.model.unit import UNITS
from ssmx.model.wording import either
from ssmx.reach import export
from ssmx.reach import up as flow


@click.command(cls=Command, tail=True, tail_name="CLIENT")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@file_option
@click.option("--foreground", is_flag=True, help="Stay, until Ctrl-C: for a unit, or a container.")
@click.option("--client", "own_client", is_flag=True, help="Run the tunnel's own client through it, here.")
@click.option(
    "--export", "form", type=click.Choice(FORMS), metavar="FORM", help=f"Print connections as {either(FORMS)}."
)
@click.option("--unit", type=click.Choice(UNITS), metavar="KIND", help=f"Print a user unit of {either(UNITS)}.")
@click.pass_obj
def command(
    app: App,
    names: tuple[str, ...],
    file: str | None,
    form: str | None,
    unit: str | None,
    *,
    foreground: bool,
    own_client: bool,
) -> int:
    """Let the tunnels of the team's file, ssmx.toml, be up: all, or those of these names.

    The file is looked for from this folder upwards. Ports listen at once, and stay; a session begins with the first
    connection and ends after idle_minutes without any. Run again, it brings up what the file says now, and leaves
    what has not changed alone. --export and --unit print, and bring nothing up.

    After -- stands a client for one tunnel; its exit status is ours, and the tunnel stays.

    \b
    ssmx up
    ssmx up payments -- psql -c 'select 1'
    ssmx up --export datagrip
    ssmx up --unit systemd > ~/.config/systemd/user/tunnels.service
    """
    asked = [
        option
        for option, given in (
            ("--export", form),
            ("--unit", unit),
            ("--foreground", foreground),
            ("--client", own_client),
            ("-- CLIENT", app.tail is not None),
        )
        if given
    ]
    if len(asked) > 1:
        raise UsageError(f"{' and '.join(asked)} at once", hint="give one of them")
    if form:
        return export.export(app, names, file, form)
    if unit:
        return export.print_unit(app, names, file, unit)
    if app.tail is not None and not app.tail:
        raise UsageError("no program after --", hint="leave -- out, or ssmx up NAME --client")
    return flow.up(app, names, file, flow.Wish(foreground, () if own_client else app.tail))
