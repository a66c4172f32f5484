"""`transport = "auto"`: the plugin or our own client, and the other one once where the first cannot begin."""

from __future__ import annotations

from collections.abc import Callable

from ssmx.errors import AccessDenied, LocalFault, NoPlugin, ProtocolError, SessionLost, TryLater
from ssmx.model.plan import Plan
from ssmx.model.plugin import Choice, Plugin
from ssmx.model.session import Outcome, Session
from ssmx.transport.native import NativeTransport
from ssmx.transport.plugin.transport import PluginTransport

_UNOPENED = (AccessDenied, LocalFault, NoPlugin, ProtocolError, SessionLost, TryLater)


class AutoTransport:
    """Chooses for each session, once its StreamUrl is known. `plugin` is None where none can be used."""

    def __init__(
        self,
        choice: Choice,
        native: NativeTransport,
        plugin: PluginTransport | None,
        *,
        installed: Plugin | None,
        note: Callable[[str], None],
    ) -> None:
        self._choice = choice
        self._native = native
        self._plugin = plugin
        self._installed = installed
        self._note = note

    def carry(self, session: Session, plan: Plan) -> Outcome:
        """Run the session to its end; raises what either transport raises."""
        # Newer plugins refuse whatever is not AWS, such as the sandbox.
        if self._plugin is None or self._installed is None or not session.is_aws:
            return self._native.carry(session, plan)
        first: NativeTransport | PluginTransport = self._plugin
        second: NativeTransport | PluginTransport = self._native
        other = "ssmx's own client"
        if self._choice.carrier != "plugin":
            first, second, other = second, first, self._installed.label
        try:
            return first.carry(session, plan)
        except _UNOPENED as error:
            if first.opened:
                raise
            self._note(f"{error.message}; trying {other}, once")
            return second.carry(session, plan)
