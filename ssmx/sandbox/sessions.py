"""Every session of the sandbox, and what the service knows of it. Used by the API's threads and by the agents."""

from __future__ import annotations

import base64
import hmac
import secrets
import string
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from ssmx.sandbox.documents import Work
from ssmx.sandbox.nodes import Node

_SUFFIX = string.ascii_lowercase + string.digits
_HISTORY = 30 * 86400.0  # seconds; AWS keeps ended sessions 30 days


class Status(StrEnum):
    """The words of DescribeSessions."""

    CONNECTING = "Connecting"
    CONNECTED = "Connected"
    DISCONNECTED = "Disconnected"
    TERMINATED = "Terminated"
    FAILED = "Failed"


@dataclass(slots=True)
class Session:
    """One session. Only `Sessions` changes it."""

    id: str
    account: str
    region: str
    node: Node
    work: Work
    owner: str
    reason: str
    token: str = field(repr=False)
    started: float = field(default_factory=time.time)
    used: float = field(default_factory=time.monotonic)
    status: Status = Status.CONNECTING
    ended: float | None = None

    @property
    def active(self) -> bool:
        return self.ended is None


class Sessions:
    """The register. `on_end` hears of every session the service ends, on the thread that ends it."""

    def __init__(self, websocket: str) -> None:
        self.websocket = websocket
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}
        self.on_end: Callable[[str], None] = lambda _session_id: None

    def start(self, *, account: str, region: str, node: Node, work: Work, owner: str, reason: str) -> Session:
        """Register a session; the caller has checked that it may be."""
        who = owner.rsplit("/", 1)[-1]
        suffix = "".join(secrets.choice(_SUFFIX) for _ in range(26))
        session = Session(f"{who}-{suffix}", account, region, node, work, owner, reason, _token())
        with self._lock:
            self._sessions[session.id] = session
        return session

    def stream_url(self, session: Session) -> str:
        """Where the client connects; new at every call, as the service's cell number is."""
        # It begins with ++++//// and ends in =, raw in the query as AWS has them, so that every client's
        # signature of the upgrade has to cope with all three.
        cell = base64.b64encode(b"\xfb\xef\xbe\xff\xff\xff" + secrets.token_bytes(29)).decode()
        return f"{self.websocket}/v1/data-channel/{session.id}?role=publish_subscribe&cell-number={cell}"

    def resume(self, session_id: str, *, account: str, region: str) -> Session | None:
        """Give the session a new token, which makes the old one worthless; None where there is no such session."""
        with self._lock:
            session = self._find(session_id, account, region)
            if session is not None and session.active:
                session.token = _token()
            return session

    def find(self, session_id: str, *, account: str, region: str) -> Session | None:
        """The session of this id in this account and region."""
        with self._lock:
            return self._find(session_id, account, region)

    def admit(self, session_id: str, token: str) -> Session | None:
        """The live session that this token opens."""
        with self._lock:
            session = self._sessions.get(session_id)
            if session is None or not session.active:
                return None
            return session if hmac.compare_digest(session.token.encode(), token.encode()) else None

    def mark(self, session_id: str, status: Status) -> None:
        """The agent reports: a client came or went, or the shell ended."""
        with self._lock:
            session = self._sessions[session_id]
            if session.ended is not None:
                return
            session.status = status
            if status in (Status.TERMINATED, Status.FAILED):
                session.ended = time.time()

    def touch(self, session: Session) -> None:
        """Something was typed or printed."""
        session.used = time.monotonic()

    def end(self, session_id: str) -> None:
        """The service ends it: TerminateSession, or idle time."""
        self.mark(session_id, Status.TERMINATED)
        self.on_end(session_id)

    def end_idle(self) -> None:
        """End what nobody has used for its idle time; called now and then."""
        now = time.monotonic()
        for session in self.every():
            if session.active and now - session.used > session.work.idle_minutes * 60:
                self.end(session.id)

    def every(self) -> list[Session]:
        """All of them, newest first; those that ended 30 days ago are forgotten."""
        oldest = time.time() - _HISTORY
        with self._lock:
            for session_id in [s.id for s in self._sessions.values() if s.ended and s.ended < oldest]:
                del self._sessions[session_id]
            return list(self._sessions.values())[::-1]

    def _find(self, session_id: str, account: str, region: str) -> Session | None:
        session = self._sessions.get(session_id)
        if session is None or (session.account, session.region) != (account, region):
            return None
        return session


def _token() -> str:
    return secrets.token_urlsafe(96)
