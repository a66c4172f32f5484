"""A session from its plan to its end: start, carry, and end it whatever happened."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from ssmx import find
from ssmx.app import App, Transport
from ssmx.errors import SsmxError, TryLater, UsageError
from ssmx.model.plan import Plan, plan_run, plan_shell
from ssmx.model.plugin import Choice, Kind
from ssmx.model.session import Outcome, is_aws_endpoint
from ssmx.model.target import Pick, Spec

_END_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked of a session besides its target; what a kind of session has not is left out."""

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
        return _show_plan(app, plan, app.choice(Kind.SHELL))
    app.show.note(_whereabouts(app, plan))
    return _carry(app, transport, plan)


def run(app: App, spec: Spec, wish: Wish, *, timeout: float) -> int:
    """A command without a terminal on the node `spec` means; gives its status. `timeout` in seconds, 0 for none."""
    if not wish.command:
        raise UsageError("no command", hint="ssmx run TARGET -- COMMAND")
    target = find.one(app, spec, pick=wish.pick, wait=wish.wait)
    plan = plan_run(target, wish.command, timeout=timeout, reason=wish.reason)
    if wish.dry_run:
        return _show_plan(app, plan, Choice("native", "session-manager-plugin does not tell a command's status"))
    if app.input_is_redirected():
        app.show.note("standard input is not sent: the session document has none for the command")
    app.show.detail(_whereabouts(app, plan))  # standard error is the command's
    return _carry(app, app.native_transport(), plan)


def _carry(app: App, transport: Transport, plan: Plan) -> int:
    """Start the session of `plan`, carry it and end it; gives its exit status."""
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
    if (failure := end_in_time(app, session_id)) is not None:
        # It stays in the journal as open, where `ssmx sessions ls` finds it.
        app.show.note(f"could not end session {session_id}: {failure.message}; see `ssmx sessions ls`")
    else:
        _record(app, lambda: app.journal.closed(session_id, outcome))


def end_in_time(app: App, session_id: str) -> SsmxError | None:
    """Terminate the session; gives why that could not be, None where it could, after 8 seconds at most.

    On a thread, because whoever ends, ends: without a network, the AWS SDK would try for minutes.
    """
    failures: list[SsmxError] = [TryLater(f"no answer in {_END_SECONDS:.0f} seconds")]

    def end() -> None:
        try:
            app.sessions.end(session_id)
        except SsmxError as error:
            failures[:] = [error]
        else:
            failures.clear()

    ending = threading.Thread(target=end, daemon=True)
    ending.start()
    ending.join(_END_SECONDS)
    return failures[0] if failures else None


def _record(app: App, write: Callable[[], None]) -> None:
    """Write to the journal; whoever needs a shell now needs it more than the record, which AWS keeps too."""
    try:
        write()
    except SsmxError as error:
        app.show.note(error.message)


def _whereabouts(app: App, plan: Plan) -> str:
    return f"{plan.target.label} in account {_account(app, plan)}, {plan.target.region}"


def _account(app: App, plan: Plan) -> str:
    return plan.target.account or app.clients.caller.account


def _show_plan(app: App, plan: Plan, choice: Choice) -> int:
    profile = app.clients.profile
    named = profile.value if profile.value != "default" else ""
    command = plan.aws_command(profile=named, region=plan.target.region)
    if app.settings.transport.value == "auto" and not is_aws_endpoint(app.endpoint):
        choice = Choice("native", f"{app.endpoint} is not AWS" if choice.carrier != "native" else choice.why)
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
