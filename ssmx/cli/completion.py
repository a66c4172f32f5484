"""ssmx completion"""

from __future__ import annotations

import click

from ssmx.app import App
from ssmx.cli.options import Group
from ssmx.ui.complete import SHELLS, Node, render


@click.group("completion", cls=Group)
def command() -> None:
    """Completion of commands and options in your shell."""


@command.command("show")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_obj
@click.pass_context
def show(ctx: click.Context, app: App, shell: str) -> int:
    """Print the completion script of SHELL.

    \b
    ssmx completion show bash > ~/.local/share/bash-completion/completions/ssmx
    ssmx completion show zsh  > ~/.zfunc/_ssmx
    ssmx completion show fish > ~/.config/fish/completions/ssmx.fish
    """
    root = ctx.find_root()
    app.show.text(render(shell, tree(root.command, root)))
    return 0


def tree(of: click.Command, ctx: click.Context) -> Node:
    """The command with its options and commands, as plain data."""
    options: dict[str, tuple[str, tuple[str, ...] | None]] = {}
    for param in of.get_params(ctx):
        if isinstance(param, click.Option) and not param.hidden:
            takes = None if param.is_flag or param.count else _choices(param)
            for name in param.opts:
                options[name] = ((param.help or "").rstrip("."), takes)
    inner: dict[str, Node] = {}
    if isinstance(of, click.Group):
        for name in of.list_commands(ctx):
            found = of.get_command(ctx, name)
            if found is not None and not found.hidden:
                inner[name] = tree(found, click.Context(found, info_name=name, parent=ctx))
    words = [choice for param in of.params if isinstance(param, click.Argument) for choice in _choices(param)]
    return Node((of.get_short_help_str(200)).rstrip("."), options, inner, tuple(words))


def _choices(param: click.Parameter) -> tuple[str, ...]:
    return tuple(param.type.choices) if isinstance(param.type, click.Choice) else ()
