"""The user's open sessions: what the service holds, what our journal knows of them, and how to end them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ssmx.app import App
from ssmx.errors import NoSuchSession
from ssmx.model.columns import age
from ssmx.model.session import Outcome, SessionRecord
from ssmx.store.journal import Entry

LEFT_OVER = "left over"  # the ssmx that opened it is gone
ELSEWHERE = "not asked"  # in another account or region, where only the journal speaks

_HEADINGS = ("SESSION", "NAME", "TARGET", "REGION", "AGE", "STATUS", "PID", "DOCUMENT", "REASON")


def records(app: App) -> list[SessionRecord]:
    """The caller's open sessions here, and what a dead ssmx left over here or elsewhere; oldest first.

    An entry of the journal whose session the service has forgotten is closed.
    """
    active = app.sessions.active()
    account, region = app.clients.caller.account, app.clients.region.value
    journal = {entry.session: entry for entry in app.journal.unclosed()}
    found = [_known(record, journal.pop(record.id, None)) for record in active]
    for entry in filter(lambda entry: entry.left_over, journal.values()):
        if (entry.account, entry.region) != (account, region):
            found.append(_from_journal(entry, ELSEWHERE))
        elif app.sessions.is_open(entry.session):
            # Another role of ours opened it, whose sessions are not among the caller's.
            found.append(_from_journal(entry, LEFT_OVER))
        else:
            app.journal.closed(entry.session, Outcome(0, "had ended when looked for"))
    return sorted(found, key=lambda record: record.started.timestamp() if record.started else 0.0)


def show(app: App) -> int:
    """Print the caller's open sessions."""
    found = records(app)
    match app.settings.output.value:
        case "json":
            app.show.json([_as_json(record) for record in found])
        case "name":
            app.show.lines([record.id for record in found])
        case form:
            app.show.table(_HEADINGS, [_row(app, record) for record in found], form=form)
    if not found:
        app.show.note(f"you have no open session in {app.clients.region.value}")
    return 0


def end(app: App, ids: Sequence[str], *, left_over: bool, every: bool) -> int:
    """End sessions of this account and region: those named, those left over, or all of the caller's.

    Raises NoSuchSession for one that is not open, or not here.
    """
    found = {record.id: record for record in records(app)}
    for session_id in ids:
        record = found.get(session_id)
        if record is None:
            raise NoSuchSession(f"you have no open session {session_id}", hint="`ssmx sessions ls` lists them")
        if record.status == ELSEWHERE:
            profile = f" -p {record.profile}" if record.profile else ""
            raise NoSuchSession(
                f"session {session_id} is in account {record.account}, {record.region}",
                hint=f"ssmx sessions end {session_id} -r {record.region}{profile}",
            )
    here = [record for record in found.values() if record.status != ELSEWHERE]
    chosen = [*ids, *(each.id for each in here if every or (left_over and each.status == LEFT_OVER))]
    known = {entry.session for entry in app.journal.unclosed()}
    for session_id in dict.fromkeys(chosen):
        ended = app.sessions.end(session_id)
        if session_id in known and not found[session_id].pid:
            app.journal.closed(session_id, Outcome(0, "ended by `ssmx sessions end`"))
        app.show.note(f"{session_id} {'ended' if ended else 'had ended already'}")
    return 0


def _known(record: SessionRecord, entry: Entry | None) -> SessionRecord:
    if entry is None:
        return record
    status = LEFT_OVER if entry.left_over else record.status
    return replace(record, name=entry.name, profile=entry.profile, pid=entry.pid, status=status)


def _from_journal(entry: Entry, status: str) -> SessionRecord:
    return SessionRecord(
        id=entry.session,
        target=entry.target,
        region=entry.region,
        account=entry.account,
        started=entry.opened,
        status=status,
        document=entry.document,
        reason=entry.reason,
        name=entry.name,
        profile=entry.profile,
    )


def _row(app: App, record: SessionRecord) -> list[str]:
    return [
        record.id,
        record.name,
        record.target,
        record.region,
        age(record.started, app.now()),
        record.status,
        str(record.pid or ""),
        record.document,
        record.reason,
    ]


def _as_json(record: SessionRecord) -> dict[str, object]:
    return {
        "session": record.id,
        "target": record.target,
        "name": record.name,
        "account": record.account,
        "region": record.region,
        "profile": record.profile,
        "started": record.started.isoformat() if record.started else None,
        "status": record.status,
        "document": record.document,
        "reason": record.reason,
        "pid": record.pid or None,
    }
