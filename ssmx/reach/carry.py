"""Hand forwards over to those who keep them, with what they need of this run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from ssmx import lifetime
from ssmx.app import App
from ssmx.model.target import NodeId, Target
from ssmx.tunnel.support import Lane, OpenLink, Support, Then


def carry(
    app: App, lanes: Sequence[Lane], *, open_link: OpenLink, then: Then, has_client: bool, json_events: bool
) -> int:
    """Carry forwards until the user or the client ends them; gives the exit status. Raises what ends them badly.

    Events are an answer, unless a client has standard output.
    """

    def event(body: Mapping[str, Any]) -> None:
        app.show.event(body, answer=not has_client)

    def why_gone(target: Target) -> str:
        found = app.inventory.find(NodeId(target.id))
        if any(node.online for node in found):
            return ""
        states = (node.state if node.state not in ("", "running") else f"offline ({node.ping})" for node in found)
        return next(states, "gone")

    support = Support(
        start=partial(lifetime.start, app),
        end=partial(lifetime.end, app),
        renew=app.clients.renew,
        why_gone=why_gone,
        open_link=open_link,
        wait_seconds=app.settings.wait_timeout.value,
        ports=app.ports,
        signals=app.signals,
        nobody_asked=app.nobody_asked,
        note=app.show.note,
        detail=app.show.detail,
        error=app.show.error,
        event=event if json_events else None,
        silent=json_events and has_client,
    )
    return app.keep_forwards(lanes, support, then, has_client=has_client)
