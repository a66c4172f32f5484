"""The life of a session at AWS: started, written into the journal, and ended whatever happened."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ssmx.app import App
from ssmx.errors import SsmxError, TryLater
from ssmx.model.plan import Plan
from ssmx.model.session import Outcome, Session

END_SECONDS = 8.0


def start(app: App, plan: Plan) -> Session:
    """Start the session of `plan`, which is to be ended. Raises TargetOffline, AccessDenied, SignInExpired…"""
    session = app.sessions.start(plan)
    try:
        _record(app, lambda: app.journal.opened(session.id, plan, profile=app.clients.profile.value))
        app.show.detail(f"session {session.id}")
    except BaseException:
        end(app, session.id, Outcome(70, "failed"))
        raise
    return session


def end(app: App, session_id: str, outcome: Outcome) -> bool:
    """Terminate the session and write that into the journal; a failure here must not hide the first one.

    Gives whether it could be ended, in 8 seconds at most.
    """
    if (failure := end_in_time(app, session_id)) is not None:
        # It stays in the journal as open, where `ssmx sessions ls` finds it.
        app.show.note(f"could not end session {session_id}: {failure.message}; see `ssmx sessions ls`")
        return False
    _record(app, lambda: app.journal.closed(session_id, outcome))
    return True


def end_in_time(app: App, session_id: str) -> SsmxError | None:
    """Terminate the session; gives why that could not be, None where it could, after 8 seconds at most.

    On a thread, because whoever ends, ends: without a network, the AWS SDK would try for minutes.
    """
    failures: list[SsmxError] = [TryLater(f"no answer in {END_SECONDS:.0f} seconds")]

    def terminate() -> None:
        try:
            app.sessions.end(session_id)
        except SsmxError as error:
            failures[:] = [error]
        else:
            failures.clear()

    ending = threading.Thread(target=terminate, daemon=True)
    ending.start()
    ending.join(END_SECONDS)
    return failures[0] if failures else None


def _record(app: App, write: Callable[[], None]) -> None:
    """Write to the journal; whoever needs a session now needs it more than the record, which AWS keeps too."""
    try:
        write()
    except SsmxError as error:
        app.show.note(error.message)
