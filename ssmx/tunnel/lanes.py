"""The sessions behind one local port: each new connection goes to the least loaded of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress

from ssmx.errors import SsmxError, TryLater
from ssmx.transport.link import Receiver, Stream
from ssmx.tunnel.events import Events
from ssmx.tunnel.supervisor import Supervisor
from ssmx.tunnel.support import Tunnel

_HOLD_SECONDS = 60.0  # a client is kept waiting for a link


class Lanes:
    """The lanes of one tunnel, on the running event loop. A Source of streams.

    A real agent sends about 0.9 MB/s in a session, so several carry more; a connection stays in its own.
    """

    def __init__(self, tunnel: Tunnel, events: Events, *, hurry: asyncio.Event) -> None:
        self._news = asyncio.Event()  # something has changed: set for a moment
        self.lanes: Sequence[Supervisor] = [
            Supervisor(
                tunnel.support,
                tunnel.route(),
                events.lane(number),
                idle_seconds=tunnel.idle_seconds,
                changed=self._changed,
                hurry=hurry,
            )
            for number in range(1, tunnel.lanes + 1)
        ]
        self._on_demand = tunnel.idle_seconds > 0
        self._lane_of: dict[Stream, Supervisor] = {}

    async def begin(self) -> None:
        """Open the first link of each lane, unless that waits for a connection. Raises where none can be had."""
        if self._on_demand:
            return
        begun = await asyncio.gather(*(each.begin() for each in self.lanes), return_exceptions=True)
        failures = [each for each in begun if each is not None]
        if len(failures) == len(self.lanes):
            raise failures[0]

    async def run(self) -> None:
        """Keep the lanes; raises the first error where all of them are over for good."""
        # Cancelled, it would otherwise be over with the first of them, and others be starting sessions.
        over = await asyncio.gather(*(self._keep(each) for each in self.lanes), return_exceptions=True)
        error = next(each for each in over if each is not None)
        raise error

    async def _keep(self, lane: Supervisor) -> Exception:
        """Keep one lane; gives why it is over: the others go on without it."""
        try:
            await lane.run()
        except Exception as error:
            if any(each.over is None for each in self.lanes):
                lane.tell_end()
            return error

    async def stream(self, receiver: Receiver) -> Stream:
        """A stream of the least loaded link that stands, or of the next one.

        Raises TryLater where that takes too long, and why there will be none.
        """
        deadline = time.monotonic() + _HOLD_SECONDS
        while True:
            live = sorted((each for each in self.lanes if each.is_live), key=lambda each: each.load)
            for lane in live:
                if lane.load:  # all are: those that ended while nobody used them are wanted again
                    self._wake()
                if (stream := await lane.offer(receiver)) is not None:
                    self._lane_of[stream] = lane
                    return stream
            await self._a_live_one(deadline)

    def refused(self, stream: Stream) -> bool:
        """The node could not connect this stream to the far port; gives whether another is to be tried."""
        lane = self._lane_of.get(stream)
        return lane is None or lane.refused(stream)

    def released(self, stream: Stream) -> None:
        """Its user is done with this stream."""
        if lane := self._lane_of.pop(stream, None):
            lane.released(stream)

    async def close(self) -> None:
        """End every link and every session that is still to be ended."""
        await asyncio.gather(*(each.close() for each in self.lanes))

    async def _a_live_one(self, deadline: float) -> None:
        """Wait until there may be a link. Raises why there is none, TryLater where that takes too long."""
        failures = [each.failures for each in self.lanes]
        for each in self.lanes:
            each.demand.waiting += 1
        try:
            while not any(each.is_live for each in self.lanes):
                self._check(failures)
                self._wake()
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TryLater(f"no link in {_HOLD_SECONDS:.0f} seconds")
                with suppress(TimeoutError):
                    async with asyncio.timeout(left):
                        await self._news.wait()
        finally:
            for each in self.lanes:
                each.demand.waiting -= 1

    def _check(self, failures: Sequence[int]) -> None:
        """Raise why there will be no link: every lane is over, or has failed since it had these `failures`."""
        errors: list[SsmxError] = []
        for lane, before in zip(self.lanes, failures, strict=True):
            error = lane.over or (lane.failure if lane.failures != before else None)
            if error is None:
                return
            errors.append(error)
        raise errors[0]

    def _wake(self) -> None:
        """Somebody wants links."""
        for each in self.lanes:
            if not each.is_live:
                each.demand.want()

    def _changed(self) -> None:
        self._news.set()
        self._news.clear()
