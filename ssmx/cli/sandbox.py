"""ssmx sandbox, and the global --sandbox; the only user of the sandbox."""

from __future__ import annotations

import os
import shlex

import click

from ssmx.app import App
from ssmx.cli.options import Group
from ssmx.model.settings import Value
from ssmx.sandbox import control
from ssmx.store.paths import state_folder


def enter(app: App) -> None:
    """Make this run talk to the sandbox, started where none runs, and to nothing else."""
    folder = state_folder("sandbox")
    if control.running(folder) is None:
        app.show.note("starting the sandbox, an AWS on this machine; it ends after 30 idle minutes")
    found = control.up(folder)
    _become(control.environment(found))
    # What files say for the user's own AWS means nothing here, also where they name a target; flags do.
    for name, value in (("profile", control.PROFILE), ("region", found.region), ("document", "")):
        if name not in app.flags or app.flags[name].is_from_file:
            app.flags[name] = Value(value, "--sandbox")


def runs() -> bool:
    """Whether there is one."""
    return control.running(state_folder("sandbox")) is not None


def _become(environment: dict[str, str | None]) -> None:
    for name, value in environment.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@click.group("sandbox", cls=Group)
def command() -> None:
    """Run an AWS on this machine: 200 instances in three VPCs, with shells; nothing leaves 127.0.0.1."""


@command.command("up")
@click.option(
    "--idle-minutes",
    type=click.FloatRange(min=0.1),
    default=30.0,
    show_default=True,
    help="End after so long without use.",
)
@click.pass_obj
def up(app: App, idle_minutes: float) -> int:
    """Start the sandbox, unless it runs."""
    _tell(app, control.up(state_folder("sandbox"), idle_minutes=idle_minutes))
    return 0


@command.command("down")
@click.pass_obj
def down(app: App) -> int:
    """End the sandbox and every session in it."""
    app.show.note("the sandbox has ended" if control.down(state_folder("sandbox")) else "no sandbox runs")
    return 0


@command.command("status")
@click.pass_obj
def status(app: App) -> int:
    """Tell whether the sandbox runs; exit 1 where it does not."""
    found = control.running(state_folder("sandbox"))
    if found is None:
        app.show.note("no sandbox runs; `ssmx sandbox up` starts one")
        return 1
    _tell(app, found)
    return 0


@command.command("env")
@click.pass_obj
def env(app: App) -> int:
    """Print shell lines that point other AWS tools at it.

    \b
    eval "$(ssmx sandbox env)"
    """
    environment = control.environment(control.up(state_folder("sandbox")))
    gone = sorted(name for name, value in environment.items() if value is None)
    app.show.lines(
        [f"export {name}={shlex.quote(value)}" for name, value in environment.items() if value is not None]
    )
    app.show.lines([f"unset {' '.join(gone)}"])
    return 0


def _tell(app: App, found: control.Running) -> None:
    body = {
        "endpoint": found.endpoint,
        "region": found.region,
        "account": found.account,
        "config_file": str(found.config_file),
        "pid": found.pid,
    }
    if app.settings.output.value == "json":
        app.show.json(body)
    else:
        app.show.lines([f"{key:12}{value}" for key, value in body.items()])
