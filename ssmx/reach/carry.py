"""Hand forwards over to those who keep them, with what they need of this run."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any

from ssmx import lifetime
from ssmx.app import App
from ssmx.model.target import NodeId, Target
from ssmx.tunnel.support import Lane, OpenLink, Support, Then

_FINISH_SECONDS = 1.0


def carry(
    app: App, lanes: Sequence[Lane], *, open_link: OpenLink, then: Then, has_client: bool, json_events: bool
) -> int:
    """Carry forwards until the user or the client ends them; gives the exit status. Raises what ends them badly.

    Events are an answer, unless a client has standard output.
    """
    told = _Told(lambda body: app.show.event(body, answer=not has_client), note=app.show.note)

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
        event=told.put if json_events else None,
        silent=json_events and has_client,
    )
    try:
        return app.keep_forwards(lanes, support, then, has_client=has_client)
    finally:
        told.finish()


class _Told:
    """Prints events on a thread of its own: a reader who does not read, or is gone, must not stop a tunnel."""

    def __init__(self, show: Callable[[Mapping[str, Any]], None], *, note: Callable[[str], None]) -> None:
        self._show = show
        self._note = note
        self._queue: SimpleQueue[Mapping[str, Any] | None] = SimpleQueue()
        self._thread = Thread(target=self._run, daemon=True)

    def put(self, body: Mapping[str, Any]) -> None:
        """Print it, soon."""
        if not self._thread.ident:
            self._thread.start()
        self._queue.put(body)

    def finish(self) -> None:
        """Wait until all is printed, a second at most."""
        if self._thread.ident:
            self._queue.put(None)
            self._thread.join(_FINISH_SECONDS)

    def _run(self) -> None:
        while (body := self._queue.get()) is not None:
            try:
                self._show(body)
            except (OSError, ValueError):
                self._note("nobody reads the events any more; the ports stay")
                with suppress(OSError):  # Python would try again at its end
                    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                return
