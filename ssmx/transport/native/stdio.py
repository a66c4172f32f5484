"""A session whose bytes are standard input and output, as for ssh's ProxyCommand: nothing else is written there."""

from __future__ import annotations

import asyncio
import time

from ssmx.channel.events import Event, Notice, Output, Ready
from ssmx.model.plan import Plan
from ssmx.transport.ending import closed, no_answer
from ssmx.transport.interrupt import Interrupt
from ssmx.transport.native.driver import ANSWER_SECONDS, Driver
from ssmx.transport.native.support import Support
from ssmx.transport.sink import Sink
from ssmx.transport.source import Source

# Seconds of silence after the end of standard input, until the end of the answer is believed in: the agent knows
# no half-close, so that to end our side is to end the answer.
LINGER_SECONDS = 10.0
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
        self._probe = -1
        self._answer_by = 0.0
        self._doubts = True  # whether the far port is there
        self._input_ended: float | None = None
        self._last_output = 0.0
        self.sent = 0
        self.received = 0

    async def run(self, driver: Driver) -> int:
        """Carry until the far side ends, or says no more after standard input ended; gives the exit status."""
        self._driver = driver
        watch = asyncio.create_task(self._watch(driver))
        try:
            reason = await self._interrupt.beside(driver.run())
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
                self._doubts = False
                self._last_output = time.monotonic()
                self.received += len(data)
                self._sink.write(data)
            case Ready(_, agent_version):
                assert self._driver is not None
                self._support.detail(f"session ready, agent {agent_version}")
                self._ready = True
                self._probe = self._driver.channel.probe()
                self._answer_by = time.monotonic() + ANSWER_SECONDS
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
            self._input_ended = time.monotonic()
            return
        self.sent += len(data)
        driver.channel.send(data)
        driver.flush()
        self._source.flow(on=driver.channel.room > 0)

    async def _watch(self, driver: Driver) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            now = time.monotonic()
            if self._ready and self._doubts and driver.connected and now > self._answer_by:
                self._doubts = False
                self._check_port(driver)
            if self._input_ended is None:
                continue
            quiet = now - max(self._input_ended, self._last_output)
            done = quiet > LINGER_SECONDS and driver.connected and not driver.channel.backlog
            if done or (self._sink.deserted and not driver.channel.backlog):
                driver.finish()

    def _check_port(self, driver: Driver) -> None:
        if not driver.channel.is_acknowledged(self._probe):
            driver.fail(no_answer(self._plan, self._port))
        else:
            label = self._plan.target.label
            self._support.note(f"port {self._port} of {label} is connected and has said nothing yet")
