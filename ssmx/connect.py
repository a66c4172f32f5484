"""A session from its plan to its end: start, carry, and end it whatever happened; and the user's open sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ssmx import find
from ssmx.app import App
from ssmx.errors import NoSuchSession, SsmxError
from ssmx.model.columns import age
from ssmx.model.plan import Plan, plan_shell
from ssmx.model.session import Outcome, SessionRecord
from ssmx.model.target import Pick, Spec

LEFT_OVER = "left over"


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
    transport = None if wish.dry_run else app.transport()
    target = find.one(app, spec, pick=wish.pick, wait=wish.wait)
    plan = plan_shell(
        target,
        document=wish.document or app.settings.document.value,
        parameters=wish.parameters,
        command=wish.command,
        reason=wish.reason,
    )
    if transport is None:
        return _show_plan(app, plan)
    app.show.note(f"{target.label} in account {_account(app, plan)}, {target.region}")
    with app.signals.held("ending the session before it begins"):
        session = app.sessions.start(plan)
        ended = ("failed", 70)
        try:
            app.journal.opened(session.id, plan, profile=app.clients.profile.value)
            app.show.detail(f"session {session.id}")
            outcome: Outcome = transport.carry(session, plan)
            ended = (outcome.cause, outcome.status)
        except SsmxError as error:
            ended = (error.code, error.exit)
            raise
        finally:
            _end(app, session.id, how=ended[0], status=ended[1])
    return outcome.status


def _end(app: App, session_id: str, *, how: str, status: int) -> None:
    """Terminate the session and write that into the journal; a failure here must not hide the first one."""
    try:
        app.sessions.end(session_id)
    except SsmxError as error:
        # It stays in the journal as open, where `ssmx sessions ls` finds it.
        app.show.note(f"could not end session {session_id}: {error.message}; see `ssmx sessions ls`")
        return
    try:
        app.journal.closed(session_id, how=how, status=status)
    except SsmxError as error:
        app.show.note(error.message)


def _account(app: App, plan: Plan) -> str:
    return plan.target.account or app.clients.caller.account


def _show_plan(app: App, plan: Plan) -> int:
    profile = app.clients.profile
    named = profile.value if profile.value != "default" else ""
    command = plan.aws_command(profile=named, region=plan.target.region)
    body = {
        "target": plan.target.id,
        "name": plan.target.name,
        "account": _account(app, plan),
        "region": plan.target.region,
        "profile": profile.value,
        "document": plan.document or "the account's default shell document",
        "parameters": {key: list(values) for key, values in plan.parameters.items()},
        "reason": plan.reason,
        "transport": "native",
        "aws": command,
    }
    if app.settings.output.value == "json":
        app.show.json(body)
        return 0
    parameters = " ".join(f"{key}={value}" for key, values in plan.parameters.items() for value in values)
    rows = [[key, parameters if key == "parameters" else str(value)] for key, value in body.items()]
    app.show.lines([f"{key:10}  {value}" for key, value in rows if value])
    return 0


def open_sessions(app: App) -> list[SessionRecord]:
    """The caller's open sessions in this account and region, those that a dead ssmx left over marked as such."""
    journal = {entry.session: entry for entry in app.journal.unclosed()}
    records = []
    for record in app.sessions.active():
        entry = journal.get(record.id)
        if entry is None:
            records.append(record)
        elif entry.pid:
            records.append(replace(record, name=entry.name, pid=entry.pid))
        else:
            records.append(replace(record, name=entry.name, status=LEFT_OVER))
    return records


def list_sessions(app: App) -> int:
    """Print the caller's open sessions."""
    records = open_sessions(app)
    if app.settings.output.value == "json":
        app.show.json(
            [
                {
                    "session": record.id,
                    "target": record.target,
                    "name": record.name,
                    "account": record.account,
                    "region": record.region,
                    "started": record.started.isoformat() if record.started else None,
                    "status": record.status,
                    "document": record.document,
                    "reason": record.reason,
                    "pid": record.pid or None,
                }
                for record in records
            ]
        )
    elif app.settings.output.value == "name":
        app.show.lines([record.id for record in records])
    else:
        rows = [
            [
                record.id,
                record.name,
                record.target,
                age(record.started, app.now()),
                record.status,
                str(record.pid or ""),
                record.document,
                record.reason,
            ]
            for record in records
        ]
        headings = ("SESSION", "NAME", "TARGET", "AGE", "STATUS", "PID", "DOCUMENT", "REASON")
        app.show.table(headings, rows, form=app.settings.output.value)
    if not records:
        app.show.note(f"you have no open session in {app.clients.region.value}")
    return 0


def end_sessions(app: App, ids: Sequence[str], *, left_over: bool, every: bool) -> int:
    """End sessions: those named, those left over, or all of the caller's. Raises NoSuchSession."""
    records = {record.id: record for record in open_sessions(app)}
    known = {entry.session for entry in app.journal.unclosed()}
    for session_id in ids:
        if session_id not in records and session_id not in known:
            raise NoSuchSession(f"you have no open session {session_id}", hint="`ssmx sessions ls` lists them")
    chosen = [
        *ids,
        *(record.id for record in records.values() if every or (left_over and record.status == LEFT_OVER)),
    ]
    for session_id in dict.fromkeys(chosen):
        ended = app.sessions.end(session_id)
        if session_id in known:
            app.journal.closed(session_id, how="ended by `ssmx sessions end`", status=0)
        app.show.note(f"{session_id} {'ended' if ended else 'had ended already'}")
    return 0
