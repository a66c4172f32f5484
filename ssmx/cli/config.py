"""ssmx config"""

from __future__ import annotations

from importlib import import_module

import click

from ssmx import config
from ssmx.app import App
from ssmx.cli.options import Group, valued_options
from ssmx.reach import team


@click.group("config", cls=Group)
def command() -> None:
    """Read and change the settings, and say which project files are trusted.

    A flag goes before a named target, that before a variable (SSMX_REGION), that before the project's ssmx.toml,
    and that before your config.toml. All of these commands but show and get work where a file is broken.

    An ssmx.toml that has aliases, targets, `quiet` or `anywhere`, or names programs, hosts, URLs, certificates or
    documents, has them used only after `ssmx config trust`: whoever writes the file could run anything as you. Any
    change of it ends the trust.
    """


_project = click.option("--project", is_flag=True, help="In the nearest ssmx.toml, and not in your config.toml.")


@command.command("show")
@click.pass_obj
def show(app: App) -> int:
    """Print every setting, alias and named target, and who says so."""
    return config.show(app)


@command.command("get")
@click.argument("name")
@click.pass_obj
def get(app: App, name: str) -> int:
    """Print the value of NAME alone: a setting, aliases.NAME, or targets.NAME.KEY."""
    return config.get(app, name)


@command.command("set")
@click.argument("name")
@click.argument("value")
@_project
@click.pass_obj
def set_(app: App, name: str, value: str, *, project: bool) -> int:
    """Set NAME in your config.toml: a setting, aliases.NAME, or targets.NAME.KEY. Comments stay.

    \b
    ssmx config set region eu-west-1
    ssmx config set aliases.pay 'tunnel rds payments-prod'
    ssmx config set targets.api.target Role=api,Env=prod
    """
    return config.set_value(app, name, value, project=project)


@command.command("unset")
@click.argument("name")
@_project
@click.pass_obj
def unset(app: App, name: str, *, project: bool) -> int:
    """Take NAME out of your config.toml; targets.NAME is all of a named target."""
    return config.unset(app, name, project=project)


@command.command("path")
@click.pass_obj
def path(app: App) -> int:
    """Print where your config.toml and the nearest ssmx.toml are, or would be."""
    return config.path(app)


@command.command("validate")
@click.argument("file", metavar="[FILE]", required=False)
@click.pass_obj
def validate(app: App, file: str | None) -> int:
    """Say what is wrong with FILE, or with both files; exit 78 where anything is."""
    return config.validate(app, file, import_module("ssmx.cli").COMMANDS, valued_options())


@command.command("trust")
@click.argument("file", metavar="[FILE]", required=False)
@click.pass_obj
def trust(app: App, file: str | None) -> int:
    """Trust FILE as it is now, and print what it may do; without FILE the nearest ssmx.toml from here upwards."""
    return team.trust(app, file)


@command.command("untrust")
@click.argument("file", metavar="[FILE]", required=False)
@click.pass_obj
def untrust(app: App, file: str | None) -> int:
    """Trust FILE no more; without FILE the nearest ssmx.toml from here upwards."""
    return team.untrust(app, file)
