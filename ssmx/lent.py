"""What one run of ssmx gives the official plugin: the service, credentials that are renewed, and an end."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ssmx.model.session import Session
from ssmx.transport.plugin.contract import Service
from ssmx.transport.plugin.transport import Support
from ssmx.transport.websocket import dial

if TYPE_CHECKING:
    from ssmx.app import App


def support(app: App) -> Support:
    """The Support of this run."""
    clients = app.clients

    def service() -> Service:
        return Service(clients.region.value, app.endpoint, clients.lent_settings())

    async def reach(session: Session, label: str) -> None:
        (await dial(session.stream_url, sign=clients.sign, authorities=clients.authorities(), label=label)).abort()

    def end(session_id: str) -> Sequence[str]:
        words = ["sessions", "end", session_id, "--no-input", "--region", clients.region.value]
        return [sys.executable, "-P", "-m", "ssmx", *words]

    return Support(
        service=service,
        credentials=clients.lent,
        last_known=clients.last_known,
        reach=reach,
        is_open=app.sessions.is_open,
        asked_here=app.asking.here,
        end=end,
        escapes=app.settings.escapes.value,
        profile=lambda: clients.profile.value,
    )
