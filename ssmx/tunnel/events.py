"""What happens to a tunnel, told in one line each: for people on standard error, for programs as JSON."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from ssmx.errors import SsmxError
from ssmx.model.plan import Plan
from ssmx.model.running import State
from ssmx.tunnel.support import Place, Tunnel

_REFUSALS_SECONDS = 5.0  # between two lines about connections that were refused


class Events:
    """The events of one tunnel, of all its lanes. `several`: there are other tunnels, so its name is told."""

    def __init__(self, tunnel: Tunnel, *, several: bool) -> None:
        self._support = tunnel.support
        self._tunnel = tunnel
        self._several = several
        self.streams = tunnel.streams
        """Where it leads, once that is known."""
        self.place = Place()
        self.is_told = False
        """Whether the user has been told where it leads."""

    def lane(self, number: int) -> LaneEvents:
        """The events of one lane, counted from 1."""
        state = State.IDLE if self._tunnel.idle_seconds else State.STARTING
        return LaneEvents(self, number if self._tunnel.lanes > 1 else 0, state)

    def closed(self, status: int, reason: str) -> None:
        """It is over, with this exit status."""
        self.tell("closed", status=status, reason=reason)

    def say(self, text: str) -> None:
        """Tell people."""
        if not self._support.silent:
            self._support.note(f"{self._tunnel.label}: {text}" if self._several else text)

    def tell(self, event: str, **facts: Any) -> None:
        """Tell programs."""
        if self._support.event is None:
            return
        place, streams = self.place, self.streams
        listens = {"socket": place.socket} if place.socket else {"local_host": place.host, "local_port": place.port}
        self._support.event(
            {
                "event": event,
                "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "name": self._tunnel.label,
                **listens,
                "host": streams.host or None if streams else None,
                "port": streams.port if streams else None,
                **facts,
            }
        )


class LaneEvents:
    """The events of one lane, and the state they leave it in. `number` is 0 where it is the only one."""

    def __init__(self, of: Events, number: int, state: State) -> None:
        self._of = of
        self._lane = f"lane {number}: " if number else ""
        self._facts = {"lane": number} if number else {}
        self._refused_at = 0.0
        self._ready_before = False
        self.state = state
        self.problem = ""
        """What was wrong last; empty while nothing is."""

    def ready(self, plan: Plan, session_id: str) -> None:
        """The lane carries connections."""
        self._of.streams = plan.streams
        if not self._of.is_told:
            self._of.is_told = True
            self._of.say(f"{self._of.place.label} leads to {_far(plan)}")
        elif self._ready_before:
            self._say(f"connected again, {_through(plan)}")
        self._ready_before = True
        self._ready(plan, session_id)

    def connecting(self) -> None:
        """A session is being opened, because somebody wants one."""
        self.state = State.CONNECTING

    def reconnecting(self, error: SsmxError, *, paused: bool = False) -> None:
        """The link was lost, or cannot be had yet; ssmx goes on. `paused`: the user has to do something first."""
        does = "it goes on when that is done" if paused else "connecting again"
        hint = f" ({error.hint})" if paused and error.hint else ""
        self._be(State.PAUSED if paused else State.RECONNECTING, error.message + hint)
        self._say(f"{error.message}{hint}; {does}")
        self._tell("reconnecting", code=error.code, reason=error.message, hint=error.hint)

    def resuming(self) -> None:
        """The connection is lost, and the session is being resumed; people are told of that by the link."""
        self._be(State.RECONNECTING, "the connection is lost; the session is being resumed")
        self._tell("reconnecting", code="resuming", reason=self.problem)

    def resumed(self, plan: Plan, session_id: str) -> None:
        """It has been resumed."""
        self._ready(plan, session_id)

    def trying(self, error: SsmxError) -> None:
        """A node does not do; another is tried."""
        self._say(f"{error.message}; trying another node")
        self._tell("reconnecting", code=error.code, reason=error.message, hint=error.hint)

    def idle(self, reason: str) -> None:
        """The session ended while nobody used it."""
        self._be(State.IDLE, "")
        self._say(f"{reason}; the next connection opens another")
        self._tell("idle", reason=reason)

    def failed(self, error: SsmxError) -> None:
        """No session can be had; the next connection tries again."""
        self._be(State.FAILED, error.message)
        self._say(f"{error.message}" + (f" ({error.hint})" if error.hint else ""))
        self._tell("failed", code=error.code, reason=error.message, hint=error.hint)

    def refused(self, error: SsmxError) -> None:
        """A connection could not be made at the far side; told now and then, as there may be many."""
        now = time.monotonic()
        if not self._refused_at or now - self._refused_at > _REFUSALS_SECONDS:
            self._refused_at = now
            self._say(f"{error.message}" + (f" ({error.hint})" if error.hint else ""))
            self._tell("refused", code=error.code, reason=error.message)

    def unanswered(self, plan: Plan, seconds: float) -> None:
        """A connection was made some time ago, and nothing has come back through the node."""
        command = f"ssmx why {plan.target.id} {plan.streams.far} --try"
        said = f"{plan.streams.far} has not answered for {seconds:.0f} seconds {_through(plan)}"
        self._say(f"{said} (`{command}` looks into it)")
        self._tell("unanswered", target=plan.target.id, seconds=round(seconds))

    def _ready(self, plan: Plan, session_id: str) -> None:
        self._be(State.READY, "")
        self._tell("ready", target=plan.target.id, target_name=plan.target.name, session=session_id)

    def _be(self, state: State, problem: str) -> None:
        self.state, self.problem = state, problem

    def _say(self, text: str) -> None:
        self._of.say(f"{self._lane}{text}")

    def _tell(self, event: str, **facts: Any) -> None:
        self._of.tell(event, **self._facts, **facts)


def _far(plan: Plan) -> str:
    """Where it leads, and through which node."""
    streams = plan.streams
    return f"{streams.far} {'through' if streams.host else 'of'} {plan.target.label}"


def _through(plan: Plan) -> str:
    """The node."""
    return f"through {plan.target.label}" if plan.streams.host else f"on {plan.target.label}"
