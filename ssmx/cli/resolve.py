"""ssmx resolve"""

from __future__ import annotations

from importlib import import_module

import click

from ssmx import find
from ssmx.app import App
from ssmx.cli.options import Command, pick_options, scopes_option, target_argument
from ssmx.model.target import Pick, Spec


@click.command(cls=Command)
@target_argument
@pick_options
@scopes_option
@click.pass_obj
def command(app: App, target: Spec, pick: Pick | None, *, everywhere: bool) -> int:
    """Print the node that TARGET means, and fail as `ssmx shell` would where it means none or several.

    Never asks. Namesakes that are stopped or offline are listed below the node. With -A it exits with 1 where not
    every profile and region has answered: the name may be there as well.
    """
    if everywhere:
        status: int = import_module("ssmx.scopes").resolve(app, target, pick=pick)
        return status
    return find.resolve(app, target, pick=pick)
