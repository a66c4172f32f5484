"""Standard input and output of a shell or command without a terminal, as callers of the plugin have them.

What is typed comes from a pipe or a file, and its end is told to the far shell; all that the node says is on
standard output, errors and status too.
"""

from __future__ import annotations

import asyncio
import time

from ssmx.channel.events import Event, Exited, Notice, Output, Ready
from ssmx.errors import SsmxError
from ssmx.model.plan import Plan
from ssmx.model.wording import printable
from ssmx.transport.ending import closed
from ssmx.transport.interrupt import Interrupt
from ssmx.transport.native.driver import Driver
from ssmx.transport.native.support import Support
from ssmx.transport.sink import Sink
from ssmx.transport.source import Source

_SIZE = (300, 100)  # columns and rows, which the plugin tells where it has no terminal
_INTERRUPT, _END_OF_INPUT = b"\x03", b"\x04"
_GRACE_SECONDS = 2.0  # from an interrupt to the end of the session
_QUIET_SECONDS = 1.0  # after which who still reads is told again that there is no more


class Plain:
    """Made on the event loop; run it once. `typed` says that standard input is what is typed at a far terminal."""

    def __init__(self, plan: Plan, support: Support, interrupt: Interrupt, *, typed: bool) -> None:
        self._plan = plan
        self._support = support
        self._interrupt = interrupt
        self._typed = typed
        self._driver: Driver | None = None
        self._source = Source(self._took)
        self._sink = Sink(1)
        self._line_ended = True  # whether what was typed last ended with its line
        self._input_ended = False
        self._heard = 0.0
        self._received = 0

    async def run(self, driver: Driver) -> int:
        """Carry until the session ends; gives 0. Raises what ended it badly."""
        self._driver = driver
        carrying = asyncio.create_task(driver.run(self))
        watch = asyncio.create_task(self._watch(driver))
        try:
            reason = await self._interrupt.beside(asyncio.shield(carrying))
        except SsmxError:
            if not self._interrupt.came:
                raise
            # The node's program gets it, and may say its last.
            driver.channel.send(_INTERRUPT)
            driver.flush()
            await asyncio.wait({carrying}, timeout=_GRACE_SECONDS)
            raise
        finally:
            watch.cancel()
            carrying.cancel()
            await asyncio.gather(carrying, watch, return_exceptions=True)
            self._source.close()
            await self._sink.let_go(self._interrupt)
        self._sink.check()
        if reason.strip():
            raise closed(reason, self._plan, ready=self._received > 0)
        return 0

    # the driver's End

    def handle(self, event: Event) -> None:
        """Write what the node says."""
        match event:
            case Output(data):
                self._heard = time.monotonic()
                self._received += len(data)
                self._sink.write(data)
            case Exited(status):
                self._sink.write(b"EXIT_CODE: %d" % status)
            case Notice(text):
                self._sink.write(printable(text).encode() + b"\n")
            case Ready() if self._typed and self._driver is not None:
                self._driver.channel.resize(*_SIZE)
            case _:
                pass

    def settle(self) -> None:
        """Read as much as can be sent."""
        self._sink.check()
        if self._typed and self._driver is not None:
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
        if data:
            self._line_ended = data.endswith((b"\n", b"\r"))
            driver.channel.send(data)
        else:
            self._input_ended = True
            self._heard = time.monotonic()
            # In the middle of a line the first one only hands over what stands there.
            driver.channel.send(_END_OF_INPUT if self._line_ended else _END_OF_INPUT * 2)
        driver.flush()
        self.settle()

    async def _watch(self, driver: Driver) -> None:
        while True:
            await asyncio.sleep(_QUIET_SECONDS)
            if self._input_ended and driver.would_hear and time.monotonic() - self._heard > _QUIET_SECONDS:
                driver.channel.send(_END_OF_INPUT)
                driver.flush()
