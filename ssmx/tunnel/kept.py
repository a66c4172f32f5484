"""One tunnel from its port to its far end: what listens, and the lanes behind that."""

from __future__ import annotations

import asyncio

from ssmx.model.running import Facts, overall
from ssmx.tunnel.events import Events
from ssmx.tunnel.lanes import Lanes
from ssmx.tunnel.listener import Listener
from ssmx.tunnel.places import listen
from ssmx.tunnel.support import Place, Tunnel


class Kept:
    """A tunnel that is kept, on the running event loop: `listen`, `begin`, `run`, and `close` in every case."""

    def __init__(self, tunnel: Tunnel, *, several: bool, hurry: asyncio.Event) -> None:
        self.tunnel = tunnel
        self.events = Events(tunnel, several=several)
        self._lanes = Lanes(tunnel, self.events, hurry=hurry)
        self._listener = Listener(self._lanes, refused=self._lanes.refused, released=self._lanes.released)

    @property
    def place(self) -> Place:
        """Where it listens."""
        return self.events.place

    async def listen(self) -> None:
        """Listen where that is wanted. Raises LocalFault."""
        self.events.place = await listen(
            self.tunnel.support, self._listener, self.tunnel.local, key=self.tunnel.key
        )

    async def begin(self) -> None:
        """Open its first sessions, unless they wait for a connection. Raises where none can be had."""
        await self._lanes.begin()

    async def run(self) -> None:
        """Keep it; raises the error with which it is over for good."""
        await self._lanes.run()

    async def close(self) -> None:
        """Listen no more, cut every connection, end every session."""
        await self._listener.close()
        await self._lanes.close()

    def facts(self) -> Facts:
        """What it does at this moment."""
        lanes = tuple(each.facts() for each in self._lanes.lanes)
        through = next((each for each in lanes if each.target), None)
        streams, until = self.events.streams, self.tunnel.support.signed_in_until()
        return Facts(
            self.tunnel.name,
            overall(lanes),
            host=self.place.host,
            port=self.place.port,
            socket=self.place.socket,
            endpoint=streams.far if streams else self.tunnel.leads,
            target=through.target if through else "",
            target_name=through.target_name if through else "",
            lanes=lanes,
            connections=self._listener.connections,
            served=self._listener.served,
            sent=self._listener.sent,
            received=self._listener.received,
            reconnects=sum(each.reconnects for each in lanes),
            problem=next((each.problem for each in lanes if each.problem), ""),
            signed_in_until=until.isoformat(timespec="seconds") if until else "",
        )
