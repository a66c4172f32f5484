"""The life of a session at AWS: started, written into the journal, and ended whatever happened."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from ssmx.app import App
from ssmx.errors import AccessDenied, SsmxError, TryLater
from ssmx.model.plan import Plan
from ssmx.model.session import Outcome, Session

END_SECONDS = 8.0
_LEFT_OVER_SECONDS = 1.0  # for which the end of a run waits for that of sessions that are not its own

_ending: dict[App, threading.Thread] = {}  # what ends them
_lock = threading.Lock()


def start(app: App, plan: Plan) -> Session:
    """Start the session of `plan`, which is to be ended. Raises TargetOffline, AccessDenied, SignInExpired…"""
    session = app.sessions.start(plan)
    try:
        _record(app, lambda: app.journal.opened(session.id, plan, profile=app.clients.profile.value))
        app.show.detail(f"session {session.id}")
        end_left_over(app, lambda: plan.target.account)
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
    deadline = time.monotonic() + _LEFT_OVER_SECONDS
    for each in [*_ending.values()]:
        each.join(max(0.0, deadline - time.monotonic()))
    return True


def end_left_over(app: App, account: Callable[[], str]) -> None:
    """End what an ssmx that was killed has left open in `account`, the run's, in its region and by its profile.

    Once in a run, on a thread: its end waits a second for that at most, and what fails is left to the next one.
    """

    def work() -> None:
        try:
            _end_left_over(app, account)
        except SsmxError as error:
            app.show.detail(f"what another ssmx left open stays so: {error.message}")

    with _lock, suppress(RuntimeError):  # lanes begin at the same time; a machine may have no thread left
        if app not in _ending:
            thread = threading.Thread(target=work, daemon=True)
            thread.start()
            _ending[app] = thread


def _end_left_over(app: App, account: Callable[[], str]) -> None:
    scope = app.clients.region.value, app.clients.profile.value
    orphaned = [each for each in app.journal.unclosed() if each.orphaned and (each.region, each.profile) == scope]
    for each in orphaned:
        if each.account and each.account == account():
            try:
                app.sessions.end(each.session)
            except AccessDenied as error:  # of this one: another role of ours may have opened it
                app.show.detail(error.message)
                continue
            app.journal.closed(each.session, Outcome(0, "ended by another ssmx"))
            app.show.detail(f"session {each.session} on {each.name or each.target}, which was left open, is ended")


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
