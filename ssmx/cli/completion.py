"""ssmx completion"""

from __future__ import annotations

import click

from ssmx.app import App
from ssmx.cli.options import Group, TargetWord
from ssmx.model.catalog import SERVICES
from ssmx.model.endpoint import HOST
from ssmx.model.plan import DOCUMENTS
from ssmx.model.regions import REGIONS
from ssmx.ui import complete
from ssmx.ui.complete import SHELLS, Node, Option, render

# What options take, by their long names; those that take a TARGET or a choice say so themselves.
_TAKES = {
    "--profile": complete.PROFILE,
    "--region": complete.REGION,
    "--document": complete.DOCUMENT,
    "--file": complete.TEAM,
    "--socket": complete.FILES,
    "--dir": complete.FILES,
}
# What a command's arguments are, but for those that say so themselves. One that ends in dots is that of all after it.
_ARGUMENTS = {
    "tunnel service": complete.SERVICE,
    "tunnel name": complete.NAMED,
    "db name": complete.endpoint(*(each.name for each in SERVICES.values() if each.database)),
    "why endpoint": complete.endpoint(),
    "eks-token cluster": complete.endpoint("eks"),
    "ls filters": f"{complete.SERVICE}+=endpoints+{complete.TARGET} {complete.NAMED}+{complete.TARGET}",
    "up names": complete.DECLARED,
    "down names": complete.DECLARED,
    "status names": f"{complete.RUNNING}+{complete.DECLARED}",
    "wait names": f"{complete.RUNNING}+{complete.DECLARED}",
    "logs name": complete.RUNNING,
    "stop names": complete.RUNNING,
    "config trust file": complete.FILES,
    "config untrust file": complete.FILES,
}


@click.group("completion", cls=Group)
def command() -> None:
    """Completion of commands, options and names in your shell."""


@command.command("show")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_obj
@click.pass_context
def show(ctx: click.Context, app: App, shell: str) -> int:
    """Print the completion script of SHELL; `ssmx completion install` puts it where it belongs."""
    app.show.text(script(ctx, shell))
    return 0


def script(ctx: click.Context, shell: str) -> str:
    """The completion script of a shell."""
    root = ctx.find_root()
    known = {"region": REGIONS, "document": DOCUMENTS, "service": (*SERVICES, HOST)}
    return render(shell, tree(root.command, root), known)


def tree(of: click.Command, ctx: click.Context) -> Node:
    """The command with its options and commands, as plain data."""
    options: dict[str, Option] = {}
    arguments: list[str] = []
    for param in of.get_params(ctx):
        if isinstance(param, click.Option) and not param.hidden:
            about = (param.help or "").rstrip(".")
            takes = None if param.is_flag or param.count else _kind(param, max(param.opts, key=len), _TAKES)
            options.update(dict.fromkeys(param.opts, Option(about, takes)))
        elif isinstance(param, click.Argument):
            name = f"{ctx.command_path} {param.name}".partition(" ")[2]
            arguments += _kind(param, name, _ARGUMENTS).split()
            arguments[-1] += "..." if param.nargs == -1 else ""
    inner: dict[str, Node] = {}
    if isinstance(of, click.Group):
        for name in of.list_commands(ctx):
            found = of.get_command(ctx, name)
            if found is not None and not found.hidden:
                inner[name] = tree(found, click.Context(found, info_name=name, parent=ctx))
    return Node((of.get_short_help_str(200)).rstrip("."), options, inner, tuple(arguments))


def _kind(param: click.Parameter, name: str, known: dict[str, str]) -> str:
    """What this parameter takes, which the table knows by `name` where its type does not say it."""
    if isinstance(param.type, TargetWord):
        return complete.TARGET
    if isinstance(param.type, click.Choice):
        return complete.choice(tuple(param.type.choices))
    return known.get(name, complete.ANY)
