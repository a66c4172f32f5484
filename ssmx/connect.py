"""A session from its plan to its end: start, carry, and end it whatever happened."""

from __future__ import annotations

from collections.abc import Callable

from ssmx import explain, find, lifetime
from ssmx.ahead import Transport
from ssmx.app import App
from ssmx.errors import SsmxError, TargetOffline, UsageError
from ssmx.light import dataclass
from ssmx.model.plan import Plan, plan_run, plan_shell
from ssmx.model.plugin import Choice, Kind
from ssmx.model.session import Outcome
from ssmx.model.target import Pick, Spec, Target


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

    def planned(target: Target) -> Plan:
        plan = plan_shell(
            target,
            # The setting is for shells; a command goes to a document of its own kind unless one is named here.
            document=wish.document or ("" if wish.command else app.settings.document.value),
            parameters=wish.parameters,
            command=wish.command,
            reason=wish.reason or app.settings.reason.value,
        )
        if not wish.dry_run:
            app.show.note(explain.whereabouts(app, plan))
        return plan

    if transport is None:
        return explain.plan(app, planned(_found(app, spec, wish).target), app.choice(Kind.SHELL))
    return _carry(app, transport, spec, wish, planned)


def run(app: App, spec: Spec, wish: Wish, *, timeout: float) -> int:
    """A command without a terminal on the node `spec` means; gives its status. `timeout` in seconds, 0 for none."""
    if not wish.command:
        raise UsageError("no command", hint="ssmx run TARGET -- COMMAND")

    def planned(target: Target) -> Plan:
        plan = plan_run(target, wish.command, timeout=timeout, reason=wish.reason or app.settings.reason.value)
        app.show.detail(explain.whereabouts(app, plan))  # standard error is the command's
        return plan

    if wish.dry_run:
        choice = Choice("native", "session-manager-plugin does not tell a command's status")
        return explain.plan(app, planned(_found(app, spec, wish).target), choice)
    if app.input_is_redirected():
        app.show.note("standard input is not sent: the session document has none for the command")
    return _carry(app, app.later_transport(), spec, wish, planned)


def _found(app: App, spec: Spec, wish: Wish, *, live: bool = False) -> find.Found:
    found = find.node(app, spec, pick=wish.pick, wait=wish.wait, live=live)
    if not wish.dry_run:
        find.remember(app, spec, found)
    return found


def _carry(app: App, transport: Transport, spec: Spec, wish: Wish, planned: Callable[[Target], Plan]) -> int:
    """Start the session that is `planned` for the node that `spec` means, carry it and end it; gives its status.

    A node that was only known from shortly before, and is not there, is looked up.
    """
    found = _found(app, spec, wish)
    try:
        return _carried(app, transport, planned(found.target))
    except _NotThere as gone:
        if not found.known:
            raise gone.error from None
        app.show.detail(f"{gone.error.message}; looking {spec.text} up")
    try:
        return _carried(app, transport, planned(_found(app, spec, wish, live=True).target))
    except _NotThere as gone:
        raise gone.error from None


class _NotThere(Exception):
    """No session could be started, because the node is not there."""

    def __init__(self, error: TargetOffline) -> None:
        super().__init__()
        self.error = error


def _carried(app: App, transport: Transport, plan: Plan) -> int:
    """Start the session of `plan`, carry it and end it; gives its exit status. Raises _NotThere."""
    with app.signals.held("ending the session first"):
        try:
            session = lifetime.start(app, plan)
        except TargetOffline as error:
            raise _NotThere(error) from error
        ended = Outcome(70, "failed")
        try:
            ended = transport.carry(session, plan)
        except SsmxError as error:
            ended = Outcome(error.exit, error.code)
            raise
        finally:
            lifetime.end(app, session.id, ended)
    return ended.status
