"""What a Channel tells its driver; a closed union, matched to the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, NamedTuple

from ssmx.light import dataclass


@dataclass(frozen=True, slots=True)
class Ready:
    """The session can carry bytes: start reading the keyboard, send the terminal's size."""

    session_type: str
    """Standard_Stream, InteractiveCommands, NonInteractiveCommands or Port; empty where nobody said."""
    agent_version: str
    """Empty in sessions without a handshake."""
    properties: Mapping[str, Any] = field(default_factory=dict)


class Output(NamedTuple):
    """Bytes of the far side, in order. A tuple, because one is made for every message."""

    data: bytes
    error: bool = False
    """From the command's standard error (separate output streams only)."""


@dataclass(frozen=True, slots=True)
class Exited:
    """The command has ended, with this status (separate output streams only)."""

    status: int


@dataclass(frozen=True, slots=True)
class PortRefused:
    """The node could not connect to the far port; in a mux session, for a stream that it closes next."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence of the agent for the user."""

    text: str


@dataclass(frozen=True, slots=True)
class KeyNeeded:
    """The session is to be encrypted with a data key of this KMS key: answer with `use_key` or `fail_key`."""

    key_id: str
    """An id, an ARN or an alias."""
    challenge: str = ""
    """What has to be in the key's context; empty with agents up to 3.3.807.x."""


@dataclass(frozen=True, slots=True)
class WrongType:
    """The document opens a session of a type we did not ask for, and the channel refused it."""

    session_type: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The service ended the session; `reason` is empty for a normal end."""

    reason: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The far side stopped acknowledging: nothing more will come."""

    reason: str


Event = Ready | Output | Exited | PortRefused | Notice | KeyNeeded | WrongType | Closed | Lost
