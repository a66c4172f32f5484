"""What stands at the local end of a session."""

from __future__ import annotations

import asyncio
from typing import Protocol

from ssmx.channel.events import Event, Ready
from ssmx.transport.native.support import Support


class End(Protocol):
    """What stands at the local end."""

    def handle(self, event: Event) -> None:
        """Take an event; raises what is to end the session."""

    def settle(self) -> None:
        """All that came is handled, or there may be room to send: look how things stand. Raises likewise."""

    @property
    def full(self) -> bool:
        """Whether it takes no more for the moment."""

    async def room(self) -> None:
        """Wait until it takes more."""

    def tell(self, text: str) -> None:
        """Tell the user something, in the middle of the session."""


class Lobby:
    """The local end as long as nobody knows what it is to be: it keeps what happens."""

    full = False

    def __init__(self, support: Support) -> None:
        self.tell = support.note
        self.kept: list[Event] = []
        self.ready: asyncio.Future[Ready] = asyncio.get_running_loop().create_future()

    def handle(self, event: Event) -> None:
        """Keep it."""
        self.kept.append(event)
        if isinstance(event, Ready) and not self.ready.done():
            self.ready.set_result(event)

    def settle(self) -> None:
        """Nothing to be done."""

    async def room(self) -> None:
        """There is."""
