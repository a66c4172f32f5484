"""A session from its plan to its end: start, carry, and end it whatever happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ssmx import find
from ssmx.app import App
from ssmx.errors import SsmxError
from ssmx.model.plan import Plan, plan_shell
from ssmx.model.plugin import Choice, Kind
from ssmx.model.session import Outcome, is_aws_endpoint
from ssmx.model.target import Pick, Spec


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked of a shell besides its target."""

    document: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    command: tuple[str, ...] = ()
    reason: str = ""
    pick: Pick | None = None
    wait: bool = False
    dry_run: bool = False


def shell(app: App, spec: Spec, wish: Wish) -> int:
    """A shell, or one command on a terminal, on the node `spec` means; gives the exit status."""
    transport = None if wish.dry_run else app.transport(Kind.SHELL)
    target = find.one(app, spec, pick=wish.pick, wait=wish.wait)
    plan = plan_shell(
        target,
        # The setting is for shells; a command goes to a document of its own kind unless one is named here.
        document=wish.document or ("" if wish.command else app.settings.document.value),
        parameters=wish.parameters,
        command=wish.command,
        reason=wish.reason,
    )
    if transport is None:
        return _show_plan(app, plan)
    app.show.note(f"{target.label} in account {_account(app, plan)}, {target.region}")
    with app.signals.held("ending the session first"):
        session = app.sessions.start(plan)
        ended = Outcome(70, "failed")
        try:
            _record(app, lambda: app.journal.opened(session.id, plan, profile=app.clients.profile.value))
            app.show.detail(f"session {session.id}")
            ended = transport.carry(session, plan)
        except SsmxError as error:
            ended = Outcome(error.exit, error.code)
            raise
        finally:
            _end(app, session.id, ended)
    return ended.status


def _end(app: App, session_id: str, outcome: Outcome) -> None:
    """Terminate the session and write that into the journal; a failure here must not hide the first one."""
    try:
        app.sessions.end(session_id)
    except SsmxError as error:
        # It stays in the journal as open, where `ssmx sessions ls` finds it.
        app.show.note(f"could not end session {session_id}: {error.message}; see `ssmx sessions ls`")
        return
    _record(app, lambda: app.journal.closed(session_id, outcome))


def _record(app: App, write: Callable[[], None]) -> None:
    """Write to the journal; whoever needs a shell now needs it more than the record, which AWS keeps too."""
    try:
        write()
    except SsmxError as error:
        app.show.note(error.message)


def _account(app: App, plan: Plan) -> str:
    return plan.target.account or app.clients.caller.account


def _show_plan(app: App, plan: Plan) -> int:
    profile = app.clients.profile
    named = profile.value if profile.value != "default" else ""
    command = plan.aws_command(profile=named, region=plan.target.region)
    choice = app.choice(Kind.SHELL)
    if app.settings.transport.value == "auto" and not is_aws_endpoint(app.endpoint):
        choice = Choice("native", f"{app.endpoint} is not AWS")
    if choice.warning:
        app.show.note(choice.warning)
    body = {
        "target": plan.target.id,
        "name": plan.target.name,
        "account": _account(app, plan),
        "region": plan.target.region,
        "profile": profile.value,
        "document": plan.document or "the account's default shell document",
        "parameters": {key: list(values) for key, values in plan.parameters.items()},
        "reason": plan.reason,
        "transport": choice.carrier,
        "why": choice.why,
        "aws": command,
    }
    if app.settings.output.value == "json":
        app.show.json(body)
        return 0
    parameters = " ".join(f"{key}={value}" for key, values in plan.parameters.items() for value in values)
    rows = [[key, parameters if key == "parameters" else str(value)] for key, value in body.items()]
    app.show.lines([f"{key:10}  {value}" for key, value in rows if value])
    return 0
