"""What would be done, printed instead of done: a plan with the `aws` command that starts the same session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ssmx.app import App
from ssmx.model.plan import Plan
from ssmx.model.plugin import Choice
from ssmx.model.session import is_aws_endpoint


def plan(app: App, planned: Plan, choice: Choice) -> int:
    """Print one plan; gives the exit status."""
    body = as_json(app, planned, choice)
    if app.settings.output.value == "json":
        app.show.json(body)
    else:
        _show(app, planned, body)
    return 0


def plans(app: App, several: Sequence[Plan], choice: Choice) -> int:
    """Print several plans, as a list in JSON; gives the exit status."""
    bodies = [as_json(app, each, choice) for each in several]
    if app.settings.output.value == "json":
        app.show.json(bodies)
        return 0
    for number, (each, body) in enumerate(zip(several, bodies, strict=True)):
        if number:
            app.show.lines([""])
        _show(app, each, body)
    return 0


def as_json(app: App, planned: Plan, choice: Choice) -> dict[str, Any]:
    """A plan, what carries it and why, and its `aws` command; warns where the choice does."""
    profile = app.clients.profile
    named = profile.value if profile.value != "default" else ""
    if app.settings.transport.value == "auto" and not is_aws_endpoint(app.endpoint):
        choice = Choice("native", f"{app.endpoint} is not AWS" if choice.carrier != "native" else choice.why)
    if choice.warning:
        app.show.note(choice.warning)
    return {
        "target": planned.target.id,
        "name": planned.target.name,
        "account": account(app, planned),
        "region": planned.target.region,
        "profile": profile.value,
        "document": planned.document or "the account's default shell document",
        "parameters": {key: list(values) for key, values in planned.parameters.items()},
        "reason": planned.reason,
        "transport": choice.carrier,
        "why": choice.why,
        "aws": planned.aws_command(profile=named, region=planned.target.region),
    }


def whereabouts(app: App, planned: Plan) -> str:
    """The node, its account and its region, for a sentence."""
    return f"{planned.target.label} in account {account(app, planned)}, {planned.target.region}"


def account(app: App, planned: Plan) -> str:
    """The node's account; asked of AWS where the plan does not know it."""
    return planned.target.account or app.clients.caller.account


def _show(app: App, planned: Plan, body: dict[str, Any]) -> None:
    parameters = " ".join(f"{key}={value}" for key, values in planned.parameters.items() for value in values)
    rows = [[key, parameters if key == "parameters" else str(value)] for key, value in body.items()]
    app.show.lines([f"{key:10}  {value}" for key, value in rows if value])
