"""Start and end sessions, and list one's own."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from ssmx.aws.clients import Clients
from ssmx.aws.errors import code_of, refusals, translated
from ssmx.errors import ProtocolError, SignInExpired, SsmxError, Throttled
from ssmx.model.plan import Plan
from ssmx.model.session import Session, SessionRecord


class Sessions:
    """The sessions of one account and region.

    `pace(account)` is called before every StartSession. `pause(seconds)` waits, and raises what must not wait.
    """

    def __init__(self, clients: Clients, *, pace: Callable[[str], None], pause: Callable[[float], None]) -> None:
        self._clients = clients
        self._pace = pace
        self._pause = pause

    def start(self, plan: Plan) -> Session:
        """Start the session of `plan`. Raises TargetOffline, DocumentMissing, BadParameter, AccessDenied…

        Repeated only where AWS says that it throttled: an answer that was lost may have started a session.
        """
        client = self._clients.get("ssm", attempts=1)
        for attempt in range(1, self._clients.attempts + 1):
            self._pace(plan.target.account)
            self._pause(0.0)
            try:
                with translated("ssm:StartSession", plan.target.id):
                    answer = client.start_session(**plan.request())
                break
            except Throttled:
                if attempt == self._clients.attempts:
                    raise
                self._pause(import_module("random").uniform(0.5, 1.0) * 2 ** (attempt - 1))  # jitter
        session = Session(*(str(answer.get(key) or "") for key in ("SessionId", "StreamUrl", "TokenValue")))
        if session.id and session.stream_url and session.token:
            return session
        if session.id:
            self.end(session.id)
        raise ProtocolError("StartSession answered without an id, a StreamUrl or a token")

    def end(self, session_id: str) -> bool:
        """End a session; False where it had ended already. Raises AccessDenied, TryLater…

        Where the sign-in is being renewed or cannot be, with the keys that were good last: they may still be.
        """
        if self._clients.renewing:
            return _terminate(self._clients.with_last_known("ssm"), session_id)
        try:
            return _terminate(self._clients.get("ssm"), session_id)
        except SignInExpired as expired:
            try:
                return _terminate(self._clients.with_last_known("ssm"), session_id)
            except SsmxError:
                raise expired from None

    def resume(self, session_id: str) -> Session | None:
        """The session with a new StreamUrl and token; None where it has ended. Raises AccessDenied, TryLater…

        Tried once: whoever resumes tries again in its own time.
        """
        client = self._clients.get("ssm", attempts=1)
        with translated("ssm:ResumeSession", session_id):
            try:
                answer = client.resume_session(SessionId=session_id)
            except refusals() as error:
                if not _has_ended(error):
                    raise
                return None
        session = Session(session_id, str(answer.get("StreamUrl") or ""), str(answer.get("TokenValue") or ""))
        return session if session.stream_url and session.token else None

    def active(self) -> list[SessionRecord]:
        """The caller's sessions that the service holds open."""
        caller = self._clients.caller
        pages = self._clients.get("ssm").get_paginator("describe_sessions")
        owned = [{"key": "Owner", "value": caller.arn}]
        with translated("ssm:DescribeSessions"):
            found = [
                session
                for page in pages.paginate(State="Active", Filters=owned, PaginationConfig={"PageSize": 200})
                for session in page["Sessions"]
            ]
        return [self._record(session) for session in found]

    def is_open(self, session_id: str) -> bool:
        """Whether the service holds this session open, whoever's it is."""
        client = self._clients.get("ssm")
        with translated("ssm:DescribeSessions"):
            answer = client.describe_sessions(State="Active", Filters=[{"key": "SessionId", "value": session_id}])
            return bool(answer["Sessions"])

    def _record(self, session: dict[str, Any]) -> SessionRecord:
        return SessionRecord(
            id=session["SessionId"],
            target=session.get("Target", ""),
            region=self._clients.region.value,
            account=self._clients.caller.account,
            started=session.get("StartDate"),
            status=session.get("Status", ""),
            document=session.get("DocumentName", ""),
            reason=session.get("Reason", ""),
        )


def _terminate(client: Any, session_id: str) -> bool:
    with translated("ssm:TerminateSession", session_id):
        try:
            client.terminate_session(SessionId=session_id)
        except refusals() as error:
            if not _has_ended(error):
                raise
            return False
    return True


def _has_ended(error: Any) -> bool:
    said = str(error.response.get("Error", {}).get("Message", ""))
    return code_of(error) == "DoesNotExistException" or "not in a valid state" in said
