"""ssmx completion"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ssmx.app import App
from ssmx.cli.options import Group, TargetWord
from ssmx.errors import UsageError
from ssmx.model.catalog import SERVICES
from ssmx.model.endpoint import HOST
from ssmx.model.plan import DOCUMENTS
from ssmx.model.regions import REGIONS
from ssmx.store import scripts
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
# What arguments are, but for those whose type says it.
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
    """Let your shell complete commands, options and names."""


def _shell(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str:
    """The shell that was named, or the one the user has."""
    found = value or Path(os.environ.get("SHELL", "")).name
    if found not in SHELLS:
        raise UsageError(f"no completion for the shell {found!r}", hint=f"name one: {', '.join(SHELLS)}")
    return found


def _shell_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.argument("shell", metavar="[SHELL]", required=False, type=click.Choice(SHELLS), callback=_shell)(
        command
    )


@command.command("install")
@_shell_argument
@click.pass_obj
@click.pass_context
def install(ctx: click.Context, app: App, shell: str) -> int:
    """Write the completion script of SHELL, or of yours, where that shell loads it. No file of yours is changed."""
    path = scripts.place(shell, os.environ)
    scripts.install(path, script(ctx, shell))
    app.show.note(f"completion for {shell} is in {path}; new shells have it")
    if line := scripts.wanted(shell, path):
        app.show.note(f"unless it is there, this line belongs into ~/{line[1]}: {line[0]}")
    return 0


@command.command("uninstall")
@_shell_argument
@click.pass_obj
def uninstall(app: App, shell: str) -> int:
    """Remove what `ssmx completion install` has written."""
    path = scripts.place(shell, os.environ)
    gone = scripts.uninstall(path)
    app.show.note(f"removed {path}" if gone else f"there is no {path}")
    return 0


@command.command("show")
@_shell_argument
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
