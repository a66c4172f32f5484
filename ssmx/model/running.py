"""What is known of the tunnels that run: their state, what they carry, and the process that keeps them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, field, fields
from enum import StrEnum
from typing import Any

from ssmx.light import dataclass


class State(StrEnum):
    """What a tunnel, or one of its lanes, is doing."""

    STARTING = "starting"  # its process has not told anything yet
    IDLE = "idle"  # it listens; the next connection opens a session
    CONNECTING = "connecting"
    READY = "ready"
    RECONNECTING = "reconnecting"
    PAUSED = "paused"  # until the user has signed in
    FAILED = "failed"  # no session could be had; the next connection tries again
    DOWN = "down"  # declared, and nobody keeps it
    SILENT = "silent"  # its process lives and does not answer


@dataclass(frozen=True, slots=True)
class LaneFacts:
    """One lane of a tunnel: a session and what it carries."""

    state: State
    session: str = ""
    target: str = ""
    target_name: str = ""
    connections: int = 0
    reconnects: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """A tunnel at one moment. Bytes are counted since it began, as is `served`, its connections.

    `endpoint` is where it leads, empty where that is not known yet. `signed_in_until` is an ISO time, empty where
    the credentials do not end, or have not been needed.
    """

    name: str
    state: State
    host: str = ""
    port: int = 0
    socket: str = ""
    endpoint: str = ""
    target: str = ""
    target_name: str = ""
    lanes: tuple[LaneFacts, ...] = ()
    connections: int = 0
    served: int = 0
    sent: int = 0
    received: int = 0
    reconnects: int = 0
    problem: str = ""
    signed_in_until: str = ""

    def as_json(self) -> dict[str, Any]:
        """As JSON shows it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Kept:
    """A tunnel as its process has written it down: its name, and how a team's file would declare it."""

    name: str
    declared: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Keeper:
    """A process that keeps tunnels. `birth` tells it from every other that has its pid, or will have.

    `socket` is where it answers, `log` the file of what it says, empty where that is a terminal; `file` is the
    team's file that it keeps, empty where there is none, and `asked` in which account and region, as far as the
    file does not say it. `started` is an ISO time.
    """

    pid: int
    birth: str
    started: str
    tunnels: tuple[Kept, ...]
    socket: str = ""
    log: str = ""
    file: str = ""
    asked: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its tunnels."""
        return tuple(each.name for each in self.tunnels)

    def as_json(self) -> dict[str, Any]:
        """As it is written down."""
        return asdict(self)


def keeper_of(body: Mapping[str, Any]) -> Keeper | None:
    """The keeper that was written down; None where a hand or a full disk has spoilt that."""
    try:
        tunnels = tuple(Kept(str(each["name"]), dict(each["declared"])) for each in body["tunnels"])
        said = {name: str(body.get(name, "")) for name in ("birth", "started", "socket", "log", "file")}
        return Keeper(pid=int(body["pid"]), tunnels=tunnels, asked=dict(body.get("asked") or {}), **said)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def facts_of(body: Mapping[str, Any]) -> Facts:
    """The facts that a keeper has told. Raises KeyError, TypeError, ValueError where that is none."""
    lanes = tuple(
        LaneFacts(**{**_known(LaneFacts, each), "state": _state(each["state"])}) for each in body.get("lanes", ())
    )
    return Facts(**{**_known(Facts, body), "state": _state(body["state"]), "lanes": lanes})


def facts_in(answer: Mapping[str, Any]) -> dict[str, Facts]:
    """The facts of each tunnel that a keeper's answer tells of, by its name. Raises as `facts_of` does."""
    return {each.name: each for each in map(facts_of, answer["tunnels"])}


def overall(lanes: Sequence[LaneFacts]) -> State:
    """The state of a tunnel with these lanes: the best of theirs."""
    best = (State.READY, State.CONNECTING, State.RECONNECTING, State.PAUSED, State.IDLE, State.FAILED)
    return next((state for state in best if any(each.state is state for each in lanes)), State.STARTING)


def _state(text: str) -> State:
    """The state of that name; one that only another version of ssmx knows is as good as none."""
    return State(text) if text in set(State) else State.SILENT


def _known(kind: type, body: Mapping[str, Any]) -> dict[str, Any]:
    """Of a body the fields that we know: another version of ssmx may tell more."""
    return {each.name: body[each.name] for each in fields(kind) if each.name in body}
