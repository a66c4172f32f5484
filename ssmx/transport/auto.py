"""`transport = "auto"`: the plugin or our own client, and the other one once where the first cannot begin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ssmx.errors import AccessDenied, LocalFault, NoPlugin, ProtocolError, SessionLost, TryLater
from ssmx.model.plan import Plan
from ssmx.model.session import Outcome, Session

# What an unopened data channel ends with: all but the user's wish to end, and a node that refuses.
_UNOPENED = (AccessDenied, LocalFault, NoPlugin, ProtocolError, SessionLost, TryLater)


class Carrier(Protocol):
    """A transport that tells whether the session it carried last was opened at all."""

    @property
    def label(self) -> str:
        """For a sentence."""

    @property
    def opened(self) -> bool:
        """Whether the data channel stood, so that nothing else can carry the session any more."""

    def carry(self, session: Session, plan: Plan) -> Outcome:
        """Run the session to its end; raises what ended it badly."""


class AutoTransport:
    """Chooses for each session, once its StreamUrl is known. Each of the two is made when it is used.

    `plugin_first` is what there is to choose on AWS; a StreamUrl of anybody else is for `native` alone.
    """

    def __init__(
        self,
        native: Callable[[], Carrier],
        plugin: Callable[[], Carrier],
        *,
        plugin_first: bool,
        note: Callable[[str], None],
    ) -> None:
        self._native = native
        self._plugin = plugin
        self._plugin_first = plugin_first
        self._note = note

    def carry(self, session: Session, plan: Plan) -> Outcome:
        """Run the session to its end; raises what either transport raises."""
        if not session.is_aws:
            return self._native().carry(session, plan)
        make_first, make_second = self._native, self._plugin
        if self._plugin_first:
            make_first, make_second = make_second, make_first
        first = make_first()
        try:
            return first.carry(session, plan)
        except _UNOPENED as error:
            if first.opened:
                raise
            second = make_second()
            self._note(f"{error.message}; trying {second.label}, once")
            return second.carry(session, plan)
