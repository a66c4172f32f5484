"""A session whose bytes are standard input and output, as for ssh's ProxyCommand: nothing else is written there."""

from __future__ import annotations

import asyncio
import time

from ssmx.channel.events import Event, Notice, Output, Ready
from ssmx.model.plan import Plan
from ssmx.transport.ending import closed
from ssmx.transport.interrupt import Interrupt
from ssmx.transport.native.driver import ANSWER_SECONDS, LINGER_SECONDS, Driver
from ssmx.transport.native.support import Support
from ssmx.transport.sink import Sink
from ssmx.transport.source import Source

_LOOK_SECONDS = 0.5


class Stdio:
    """Standard input and output. Made on the event loop; run it once, with the driver that was made with it."""

    def __init__(self, plan: Plan, support: Support, interrupt: Interrupt, *, port: int) -> None:
        self._plan = plan
        self._port = port
        self._support = support
        self._interrupt = interrupt
        self._driver: Driver | None = None
        self._source = Source(self._took)
        self._sink = Sink(1)
        self._ready = False
        self._wonder_at: float | None = None  # when to say that the far side is silent
        self._input_ended = False
        self._heard = 0.0  # when the far side said something last, or could not have
        self.sent = 0
        self.received = 0

    async def run(self, driver: Driver) -> int:
        """Carry until the far side ends, or says no more after standard input ended; gives the exit status."""
        self._driver = driver
        watch = asyncio.create_task(self._watch(driver))
        try:
            reason = await self._interrupt.beside(driver.run(self))
        finally:
            watch.cancel()
            self._source.close()
            await self._sink.let_go(self._interrupt)
        self._sink.check()
        if reason.strip():
            raise closed(reason, self._plan, ready=self._ready and self.received > 0)
        return 0

    # the driver's End

    def handle(self, event: Event) -> None:
        """Write output; read input once the session is ready."""
        match event:
            case Output(data):
                self._wonder_at = None
                self._heard = time.monotonic()
                self.received += len(data)
                self._sink.write(data)
            case Ready(_, agent_version):
                assert self._driver is not None
                self._support.detail(f"session ready, agent {agent_version}")
                self._ready = True
                self._driver.probe()
                self._wonder_at = time.monotonic() + ANSWER_SECONDS
            case Notice(text):
                self._support.note(text)
            case _:
                pass

    def settle(self) -> None:
        """Read as much as can be sent."""
        self._sink.check()
        if self._ready and self._driver is not None:
            self._source.flow(on=self._driver.channel.room > 0)

    @property
    def full(self) -> bool:
        """Whether who reads our output is behind."""
        return self._sink.full

    async def room(self) -> None:
        """Wait for them."""
        await self._sink.room()

    def tell(self, text: str) -> None:
        """Tell the user something, on standard error."""
        self._support.note(text)

    def _took(self, data: bytes) -> None:
        driver = self._driver
        if driver is None:
            return
        if not data:
            self._input_ended = True
            self._heard = time.monotonic()
            return
        self.sent += len(data)
        driver.channel.send(data)
        driver.flush()
        self._source.flow(on=driver.channel.room > 0)

    async def _watch(self, driver: Driver) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            now = time.monotonic()
            if not driver.would_hear:
                self._heard = now
            elif self._wonder_at is not None and now > self._wonder_at:
                self._wonder_at = None
                label = self._plan.target.label
                self._support.note(f"port {self._port} of {label} is connected and has said nothing yet")
            if self._input_ended and (now - self._heard > LINGER_SECONDS or self._is_done(driver)):
                driver.finish()

    def _is_done(self, driver: Driver) -> bool:
        """Whether all is sent, and nobody wants the answer."""
        return self._sink.deserted and not driver.channel.backlog
