"""What an agent does in a session once it stands: the side of `NodeAgent` that the kinds of session share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ssmx.channel.frame import Message
from ssmx.channel.payload import PayloadType
from ssmx.sandbox.far import Far


@dataclass(frozen=True, slots=True)
class Post:
    """What a duty may ask of its agent.

    `say` sends a message. `listens` is whether somebody is there who keeps up. `acknowledge` is called once for
    each message a duty was given, when it has taken it. `end` ends the session after the last message is delivered,
    `fail` with an error of the agent. `far` is where ports lead.
    """

    say: Callable[[PayloadType, bytes], None]
    listens: Callable[[], bool]
    acknowledge: Callable[[Message], None]
    end: Callable[[str], None]
    fail: Callable[[str], None]
    far: Far


class Duty(Protocol):
    """One kind of session. Everything runs on the agents' event loop."""

    @property
    def pid(self) -> int | None:
        """The process it runs, if it runs one."""

    def begin(self) -> None:
        """Start."""

    def take(self, message: Message) -> None:
        """A message of the client: bytes, a size, a flag."""

    def attend(self) -> None:
        """Whether somebody listens has changed: read what is to be told, or leave it."""

    def close(self) -> None:
        """The session is over."""

    def kill(self) -> None:
        """The sandbox ends: leave no process behind. For any thread."""
