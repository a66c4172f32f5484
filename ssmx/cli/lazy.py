"""A group of commands whose modules are imported when they are used, so that --help costs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click

from ssmx.app import App
from ssmx.cli.options import Group
from ssmx.model.wording import alike, either


class LazyGroup(Group):
    """`table` maps a name to its one line of help; the command is `command` in `ssmx.cli.<name>`,
    with an underscore for a hyphen."""

    def __init__(self, *, table: Mapping[str, str], about: str) -> None:
        super().__init__(name="ssmx", help=about)
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command; None where there is none of that name."""
        if cmd_name not in self._table:
            return None
        command = import_module(f"ssmx.cli.{cmd_name.replace('-', '_')}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a word that is none gets the nearest ones named, and the nearest aliases."""
        if args and args[0] not in self._table:
            app = ctx.find_object(App)
            assert app is not None
            near = alike(args[0], [*self._table, *app.config.aliases()])
            ctx.fail(f"no command {args[0]!r}" + (f"; did you mean {either(near)}?" if near else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._table.items()))
