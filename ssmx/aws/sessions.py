"""Start and end sessions, and list one's own."""

from __future__ import annotations

from collections.abc import Callable

from botocore.exceptions import ClientError

from ssmx.aws.clients import Clients
from ssmx.aws.errors import code_of, translated
from ssmx.model.plan import Plan
from ssmx.model.session import Session, SessionRecord


class Sessions:
    """The sessions of one account and region. `pace(account)` is called before every StartSession."""

    def __init__(self, clients: Clients, *, pace: Callable[[str], None]) -> None:
        self._clients = clients
        self._pace = pace

    def start(self, plan: Plan) -> Session:
        """Start the session of `plan`. Raises TargetOffline, DocumentMissing, BadParameter, AccessDenied…"""
        client = self._clients.get("ssm")
        self._pace(plan.target.account)
        with translated("ssm:StartSession", plan.target.id):
            answer = client.start_session(**plan.request())
        return Session(answer["SessionId"], answer["StreamUrl"], answer["TokenValue"])

    def end(self, session_id: str) -> bool:
        """End a session; False where it had ended already. Raises AccessDenied, TryLater…"""
        client = self._clients.get("ssm")
        try:
            with translated("ssm:TerminateSession", session_id):
                client.terminate_session(SessionId=session_id)
        except Exception as error:
            cause = error.__cause__
            if isinstance(cause, ClientError) and _has_ended(cause):
                return False
            raise
        return True

    def active(self) -> list[SessionRecord]:
        """The caller's sessions that the service holds open, oldest first."""
        caller = self._clients.caller
        pages = self._clients.get("ssm").get_paginator("describe_sessions")
        owned = [{"key": "Owner", "value": caller.arn}]
        with translated("ssm:DescribeSessions"):
            found = [
                session
                for page in pages.paginate(State="Active", Filters=owned, PaginationConfig={"PageSize": 200})
                for session in page["Sessions"]
            ]
        records = [
            SessionRecord(
                id=session["SessionId"],
                target=session.get("Target", ""),
                region=self._clients.region.value,
                account=caller.account,
                started=session.get("StartDate"),
                status=session.get("Status", ""),
                document=session.get("DocumentName", ""),
                reason=session.get("Reason", ""),
            )
            for session in found
        ]
        return sorted(records, key=lambda record: record.started.timestamp() if record.started else 0.0)


def _has_ended(error: ClientError) -> bool:
    said = str(error.response.get("Error", {}).get("Message", ""))
    return code_of(error) == "DoesNotExistException" or "not in a valid state" in said
