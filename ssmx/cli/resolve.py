"""ssmx resolve"""

from __future__ import annotations

import click

from ssmx import find
from ssmx.app import App
from ssmx.cli.options import Command, pick_options, target_argument
from ssmx.model.target import Pick, Spec


@click.command(cls=Command)
@target_argument
@pick_options
@click.pass_obj
def command(app: App, target: Spec, pick: Pick | None) -> int:
    """Print the node that TARGET means, and fail as `ssmx shell` would where it means none or several.

    Never asks. Namesakes that are stopped or offline are listed below the node.
    """
    return find.resolve(app, target, pick=pick)
