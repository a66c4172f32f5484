"""Hand tunnels over to those who keep them, with what they need of this run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

from ssmx import lifetime
from ssmx.app import App
from ssmx.errors import LocalFault
from ssmx.model.running import Keeper, Kept
from ssmx.model.target import NodeId, Target
from ssmx.reach.aside import Aside
from ssmx.reach.keepers import holder, keepers
from ssmx.tunnel.support import OpenLink, Support, Then, Tunnel

_FINISH_SECONDS = 1.0


def support_of(
    app: App,
    *,
    open_link: OpenLink,
    event: Callable[[Mapping[str, Any]], None] | None = None,
    silent: bool = False,
) -> Support:
    """What this run gives to those who keep its tunnels."""

    def why_gone(target: Target) -> str:
        found = app.inventory.find(NodeId(target.id))
        if any(node.online for node in found):
            return ""
        states = (node.state if node.state not in ("", "running") else f"offline ({node.ping})" for node in found)
        return next(states, "gone")

    return Support(
        start=partial(lifetime.start, app),
        end=partial(lifetime.end, app),
        renew=lambda: app.clients.renew(),
        why_gone=why_gone,
        open_link=open_link,
        wait_seconds=app.settings.wait_timeout.value,
        ports=app.ports,
        holder=holder,
        nobody_asked=app.asking.nobody,
        note=app.show.note,
        detail=app.show.detail,
        error=app.show.error,
        signed_in_until=lambda: app.clients.signed_in_until,
        event=event,
        silent=silent,
    )


@contextmanager
def supported(
    app: App, *, open_link: OpenLink, has_client: bool = False, json_events: bool = False
) -> Iterator[Support]:
    """The same; events are an answer, unless a client has standard output."""
    told = _Told(lambda body: app.show.event(body, answer=not has_client), note=app.show.note)
    try:
        event = told.put if json_events else None
        yield support_of(app, open_link=open_link, event=event, silent=json_events and has_client)
    finally:
        told.finish()


def carry(
    app: App,
    tunnels: Sequence[Tunnel],
    then: Then,
    *,
    declared: Sequence[Mapping[str, Any]] = (),
    has_client: bool = False,
    aside: Aside | None = None,
) -> int:
    """Carry tunnels until the user or the client ends them; gives the exit status. Raises what ends them badly.

    `declared` is how a team's file would say each of them; without it, other ssmx do not hear of them. With `aside`
    this goes on in the background when they are ready.
    """
    written = [Kept(each.name, body) for each, body in zip(tunnels, declared, strict=False)]
    with _registered(app, written, aside) as keeper:
        if keeper is not None:
            tunnels = [replace(each, name=kept.name) for each, kept in zip(tunnels, keeper.tunnels, strict=True)]
        status = app.carry_tunnels(
            tunnels,
            then if aside is None else aside.after(then),
            has_client=has_client,
            socket=Path(keeper.socket) if keeper is not None else None,
        )
        if aside is not None:
            app.show.note(f"ended with status {status}")
        return status


@contextmanager
def _registered(app: App, written: Sequence[Kept], aside: Aside | None) -> Iterator[Keeper | None]:
    """Known to other ssmx. Who only wants a port for now has it, though our state cannot be written."""
    with ExitStack() as stack:
        keeper = None
        if written:
            try:
                entered = keepers().entered(written, log=aside.log if aside else "", renamed=aside is None)
                keeper = stack.enter_context(entered).keeper
            except LocalFault as fault:
                if aside is not None:
                    raise
                app.show.detail(f"`ssmx ps` will not show this: {fault.message}")
        yield keeper


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
