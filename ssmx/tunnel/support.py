"""What forwards are made of, and what ssmx gives to those who keep them. Light: it needs no event loop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import field
from datetime import datetime
from typing import Any, Protocol

from ssmx.errors import SsmxError
from ssmx.light import dataclass
from ssmx.model.forward import Local
from ssmx.model.plan import Plan, Streams
from ssmx.model.session import Outcome, Session
from ssmx.model.target import Target
from ssmx.transport.link import Link


class Route(Protocol):
    """Gives the plan of the next session. `patient`: it is worth waiting without end."""

    patient: bool

    def plan(self) -> Plan:
        """Through which node; may ask AWS, for any thread. Raises TargetOffline, NoJump and what AWS answers."""

    def gone(self, error: SsmxError) -> bool:
        """The node planned last does not do; whether another is to be tried at once."""

    def worked(self, target: Target) -> None:
        """The far port has answered through this node; for any thread."""


class Ports(Protocol):
    """The local ports that were given to something."""

    def candidates(self, key: str) -> Iterator[int]:
        """The port that `key` had the last time, then others."""

    def keep(self, key: str, port: int) -> None:
        """Remember the port of `key`."""


OpenLink = Callable[[Session, Plan], Awaitable[Link]]


@dataclass(frozen=True, slots=True)
class Support:
    """Functions and settings of the rest of ssmx.

    `start(plan)` starts a session, `end(session_id, outcome)` ends it and gives whether that could be; `renew()`
    renews the sign-in; `why_gone(target)` is the state of a node that no session can be on, empty where one can.
    They are called on threads: they ask AWS. `open_link` opens a started session. `wait_seconds` is how long a node
    is waited for that has no substitute. `holder(port)` tells which program listens on a port of this machine.
    `event(body)` prints an event for programs, None where none are wanted; `silent`: people are told nothing,
    because standard error is programs' too. `nobody_asked()` is a stretch in which the sign-in asks nobody.
    `signed_in_until()` is when the credentials end, None where they do not.
    """

    start: Callable[[Plan], Session]
    end: Callable[[str, Outcome], bool]
    renew: Callable[[], None]
    why_gone: Callable[[Target], str]
    open_link: OpenLink
    wait_seconds: float
    ports: Ports
    holder: Callable[[int], str]
    nobody_asked: Callable[[], AbstractContextManager[None]]
    note: Callable[[str], None]
    detail: Callable[[str], None]
    error: Callable[[SsmxError], None]
    signed_in_until: Callable[[], datetime | None]
    event: Callable[[Mapping[str, Any]], None] | None
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Tunnel:
    """A place on this machine, and where it leads.

    `route()` makes the route of one of its `lanes`, which are sessions beside each other. `name` is what ends it,
    `label` what the user is told of it, `key` what its local port is remembered for. `support` is of the account
    and region that it is in; `streams` is where it leads, None where only its route will know, and `leads` says it
    until then. `idle_seconds`: a session begins with the first connection and ends so long after the last; 0 for
    one from the beginning.
    """

    route: Callable[[], Route]
    local: Local
    name: str
    label: str
    key: str
    support: Support
    streams: Streams | None = None
    leads: str = ""
    lanes: int = 1
    idle_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where this machine listens: `host` and `port` for clients, or the path of a socket; `label` for people."""

    host: str = ""
    port: int = 0
    socket: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Client:
    """A program and its environment, which may hold a password."""

    words: Sequence[str]
    env: Mapping[str, str] = field(repr=False)


# Called when all is ready, with where each forward listens; on a thread, as it may ask AWS or open a browser. Gives
# the program to run, None where the forwards are all there is, or the exit status with which that is all.
Then = Callable[[Sequence[Place]], Client | int | None]
