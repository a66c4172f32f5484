"""A started session, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Session:
    """What StartSession answered. The token opens the data channel: it is never shown, logged or stored."""

    id: str
    stream_url: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a session ended well. `status` is the exit status of ssmx; bytes are those of the terminal."""

    status: int
    cause: str
    bytes_sent: int = 0
    bytes_received: int = 0


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session of the user's as the service or our journal knows it."""

    id: str
    target: str
    region: str
    account: str
    started: datetime | None
    status: str
    """What the service says: Connected, Connecting, Disconnected…; `left over` where its ssmx is gone."""
    document: str = ""
    reason: str = ""
    name: str = ""
    profile: str = ""
    """The profile it was opened with, where our journal knows it."""
    pid: int = 0
    """The ssmx on this machine that holds it; 0 where none does."""
