"""What stands for a name together with where that is: `NAME%PROFILE/REGION`, and `-` for the last target."""

from __future__ import annotations

from ssmx.app import App
from ssmx.errors import UsageError
from ssmx.model.settings import Value
from ssmx.model.target import split_scope

LAST = "-"


def target(app: App, text: str) -> str:
    """The name of a node; this run is turned to where that is. Raises UsageError."""
    if text != LAST:
        return name(app, text)
    last = app.recent.last(app.place)
    if last is None:
        raise UsageError("there is no last target yet", hint="- is the node of the last shell, command or tunnel")
    app.last_account = "" if "profile" in app.flags else last.account
    where = {"profile": last.profile, "region": last.region}
    app.prefer({key: Value(value, "the last target") for key, value in where.items() if value})
    return last.target


def name(app: App, text: str) -> str:
    """The name of a node or an endpoint; this run is turned to where that is. Raises UsageError."""
    found, profile, region = split_scope(text)
    for key, value in (("profile", profile), ("region", region)):
        other = app.flags.get(key)
        if value and other is not None and other.value != value:
            raise UsageError(f"{text}, and {key} {other.value} (from {other.origin})", hint="say it once")
        if value:
            app.prefer({key: Value(value, text)})
    return found
