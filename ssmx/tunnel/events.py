"""What happens to a forward, told in one line each: for people on standard error, for programs as JSON."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from ssmx.errors import SsmxError
from ssmx.model.forward import Forward
from ssmx.model.plan import Plan
from ssmx.tunnel.support import Place, Support

_REFUSALS_SECONDS = 5.0  # between two lines about connections that were refused


class Events:
    """The events of one forward. `name` is what the user calls it; `several`: there are others."""

    def __init__(self, support: Support, *, name: str, forward: Forward, several: bool) -> None:
        self._support = support
        self._name = name
        self._prefix = f"{name}: " if several else ""
        self._forward = forward
        self.place = Place()
        self._refused_at = 0.0
        self._ready_before = False

    def ready(self, plan: Plan, session_id: str) -> None:
        """The tunnel carries connections."""
        if not self._ready_before:
            self._say(f"{self.place.label} leads to {self.far(plan)}")
        else:
            self._say(f"{self._prefix}connected again, {self.through(plan)}")
        self._ready_before = True
        self._tell("ready", target=plan.target.id, target_name=plan.target.name, session=session_id)

    def reconnecting(self, error: SsmxError, *, paused: bool = False) -> None:
        """The link was lost, or cannot be had yet; ssmx goes on. `paused`: the user has to do something first."""
        does = "it goes on when that is done" if paused else "connecting again"
        hint = f" ({error.hint})" if paused and error.hint else ""
        self._say(f"{self._prefix}{error.message}{hint}; {does}")
        self._tell("reconnecting", code=error.code, reason=error.message, hint=error.hint)

    def resuming(self) -> None:
        """The connection is lost, and the session is being resumed; people are told of that by the link."""
        self._tell("reconnecting", code="resuming", reason="the connection is lost; the session is being resumed")

    def resumed(self, plan: Plan, session_id: str) -> None:
        """It has been resumed."""
        self._tell("ready", target=plan.target.id, target_name=plan.target.name, session=session_id)

    def trying(self, error: SsmxError) -> None:
        """A node does not do; another is tried."""
        self._say(f"{self._prefix}{error.message}; trying another node")
        self._tell("reconnecting", code=error.code, reason=error.message, hint=error.hint)

    def idle(self, error: SsmxError) -> None:
        """The session ended while nobody used it."""
        self._say(f"{self._prefix}{error.message}; the next connection opens another")
        self._tell("idle", reason=error.message)

    def refused(self, error: SsmxError) -> None:
        """A connection could not be made at the far side; told now and then, as there may be many."""
        now = time.monotonic()
        if not self._refused_at or now - self._refused_at > _REFUSALS_SECONDS:
            self._refused_at = now
            self._say(f"{self._prefix}{error.message}" + (f" ({error.hint})" if error.hint else ""))
            self._tell("refused", code=error.code, reason=error.message)

    def unanswered(self, plan: Plan, seconds: float) -> None:
        """A connection was made some time ago, and nothing has come back through the node."""
        where = f"{self._prefix}{self._forward.far} has not answered for {seconds:.0f} seconds"
        command = f"ssmx why {plan.target.id} {self._forward.far} --try"
        self._say(f"{where} {self.through(plan)} (`{command}` looks into it)")
        self._tell("unanswered", target=plan.target.id, seconds=round(seconds))

    def closed(self, status: int, reason: str) -> None:
        """It is over, with this exit status."""
        self._tell("closed", status=status, reason=reason)

    def far(self, plan: Plan) -> str:
        """Where it leads, and through which node."""
        if not self._forward.host:
            return f"{self._forward.far} of {plan.target.label}"
        return f"{self._forward.far} through {plan.target.label}"

    def through(self, plan: Plan) -> str:
        """The node."""
        return f"on {plan.target.label}" if not self._forward.host else f"through {plan.target.label}"

    def _say(self, text: str) -> None:
        if not self._support.silent:
            self._support.note(text)

    def _tell(self, event: str, **facts: Any) -> None:
        if self._support.event is None:
            return
        place = self.place
        listens = {"socket": place.socket} if place.socket else {"local_host": place.host, "local_port": place.port}
        self._support.event(
            {
                "event": event,
                "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "name": self._name,
                **listens,
                "host": self._forward.host or None,
                "port": self._forward.port,
                **facts,
            }
        )
