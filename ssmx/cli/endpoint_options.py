"""The options of commands that lead to an endpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from ssmx.app import App
from ssmx.cli.options import (
    TARGET,
    bind_option,
    events_option,
    keeping_options,
    pick_options,
    session_options,
    transport_option,
)
from ssmx.cli.placed import name
from ssmx.errors import UsageError
from ssmx.model.forward import Local
from ssmx.reach.endpoints import Place, Wanted
from ssmx.reach.forward import Wish
from ssmx.reach.service import Sought

F = TypeVar("F", bound=Callable[..., Any])


def _named(_ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    if value is not None and not value.strip():
        raise UsageError(f"{param.opts[0]} names nobody", hint="an empty variable, perhaps")
    return value or ""


def placed(ctx: click.Context, _param: click.Parameter, value: str) -> str:
    """The name of an endpoint, which may say where that is: NAME%PROFILE/REGION. Raises UsageError."""
    app = ctx.find_object(App)
    assert app is not None
    return name(app, value)


def part_options(command: F) -> F:
    """--reader and --endpoint; they give `reader` and `part`."""
    for option in (
        click.option(
            "--endpoint",
            "part",
            metavar="PART",
            default="",
            help="This one of several of the name: a custom endpoint, a listener's port, a broker.",
        ),
        click.option("--reader", is_flag=True, help="The reader endpoint of a cluster."),
    ):
        command = option(command)
    return command


def endpoint_options(command: F) -> F:
    """All that says which endpoint, through which node and as whom; `read` reads what they give."""
    for option in (
        session_options,
        pick_options,
        transport_option,
        events_option,
        keeping_options,
        click.option(
            "--explain", is_flag=True, help="Print which nodes reach it, best first, and why the others do not."
        ),
        click.option("--iam-user", metavar="USER", callback=_named, help="Sign a client in with a token of IAM."),
        click.option("--user", metavar="USER", callback=_named, help="Sign in as this user."),
        part_options,
        bind_option,
        click.option(
            "--port", type=click.IntRange(1, 65535), help="Listen on this port; otherwise the same every time."
        ),
        click.option(
            "--via", type=TARGET, metavar="TARGET", help="Go through this node; ssmx chooses one otherwise."
        ),
    ):
        command = option(command)
    return command


def wanted(part: str, *, reader: bool) -> Wanted:
    """Which endpoint of a name. Raises UsageError."""
    if reader and part:
        raise UsageError("--reader and --endpoint at once", hint="give one of the two")
    return Wanted(reader, part)


def read(
    app: App, place: Place | None, name: str, given: Mapping[str, Any], *, own: bool = False
) -> tuple[Sought, Wish]:
    """What the options of `endpoint_options` say. Raises UsageError."""
    user, iam_user, via = given["user"], given["iam_user"], given["via"]
    if user and iam_user:
        raise UsageError("--user and --iam-user at once", hint="give one of the two")
    if given["explain"] and via:
        raise UsageError("--explain and --via at once", hint="`ssmx why NODE ENDPOINT` tells of one node")
    which = wanted(given["part"], reader=given["reader"])
    if place is None and (which.reader or which.part):
        raise UsageError("a host has no reader and no other endpoints", hint="leave --reader and --endpoint out")
    client = (app.tail or ()) if own else app.tail
    if given["background"] and app.tail is None:  # a database for clients that come later
        own, client = False, None
    sought = Sought(
        place,
        name,
        which,
        via,
        Local(given["port"], given["bind"]),
        user=iam_user or user,
        iam=bool(iam_user),
        own=own,
        explain=given["explain"],
    )
    json_events = given["events"] == "json"
    wish = Wish(
        client,
        json_events,
        None,
        given["reason"],
        given["pick"],
        given["wait"],
        given["dry_run"],
        given["background"],
        given["called"],
        given["lanes"],
    )
    return sought, wish
