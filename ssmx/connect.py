"""A session from its plan to its end: start, carry, and end it whatever happened."""

from __future__ import annotations

from dataclasses import dataclass

from ssmx import explain, find, lifetime
from ssmx.app import App, Transport
from ssmx.errors import SsmxError, UsageError
from ssmx.model.plan import Plan, plan_run, plan_shell
from ssmx.model.plugin import Choice, Kind
from ssmx.model.session import Outcome
from ssmx.model.target import Pick, Spec


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
        reason=wish.reason or app.settings.reason.value,
    )
    if transport is None:
        return explain.plan(app, plan, app.choice(Kind.SHELL))
    app.show.note(explain.whereabouts(app, plan))
    return _carry(app, transport, plan)


def run(app: App, spec: Spec, wish: Wish, *, timeout: float) -> int:
    """A command without a terminal on the node `spec` means; gives its status. `timeout` in seconds, 0 for none."""
    if not wish.command:
        raise UsageError("no command", hint="ssmx run TARGET -- COMMAND")
    target = find.one(app, spec, pick=wish.pick, wait=wish.wait)
    reason = wish.reason or app.settings.reason.value
    plan = plan_run(target, wish.command, timeout=timeout, reason=reason)
    if wish.dry_run:
        return explain.plan(app, plan, Choice("native", "session-manager-plugin does not tell a command's status"))
    if app.input_is_redirected():
        app.show.note("standard input is not sent: the session document has none for the command")
    app.show.detail(explain.whereabouts(app, plan))  # standard error is the command's
    return _carry(app, app.native_transport(), plan)


def _carry(app: App, transport: Transport, plan: Plan) -> int:
    """Start the session of `plan`, carry it and end it; gives its exit status."""
    with app.signals.held("ending the session first"):
        session = lifetime.start(app, plan)
        ended = Outcome(70, "failed")
        try:
            ended = transport.carry(session, plan)
        except SsmxError as error:
            ended = Outcome(error.exit, error.code)
            raise
        finally:
            lifetime.end(app, session.id, ended)
    return ended.status
