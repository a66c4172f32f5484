"""A command without a terminal: its standard output and standard error are ours, and so is its status."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from ssmx.channel.events import Event, Exited, Notice, Output, Ready
from ssmx.errors import CommandTimedOut, SessionLost
from ssmx.model.plan import Plan, check_agent
from ssmx.transport.ending import closed, too_early
from ssmx.transport.interrupt import Interrupt
from ssmx.transport.native.driver import Driver
from ssmx.transport.native.support import Support
from ssmx.transport.sink import Sink

_INTERRUPT = b"\x03"  # the agent makes a SIGINT for the command of it
_GRACE_SECONDS = 2.0  # from that to the end of the session, which kills it


class Command:
    """Standard output and standard error. Made on the event loop; run it once, with the driver made with it."""

    def __init__(self, plan: Plan, support: Support, interrupt: Interrupt, *, timeout: float) -> None:
        self._plan = plan
        self._support = support
        self._interrupt = interrupt
        self._timeout = timeout
        self._driver: Driver | None = None
        self._output = Sink(1)
        self._errors = Sink(2)
        self._ready = asyncio.Event()
        self._status: int | None = None
        self._timed_out = False
        self.sent = 0
        self.received = 0

    async def run(self, driver: Driver) -> int:
        """Carry until the command ends; gives its status, 0 to 255. Raises CommandTimedOut."""
        self._driver = driver
        carrying = asyncio.create_task(driver.run(self))
        limit = asyncio.create_task(self._limit(driver, carrying))
        try:
            reason = await self._interrupt.beside(asyncio.shield(carrying))
        except SessionLost as lost:
            if self._status is None:
                raise SessionLost(lost.message, hint=self._doubt or lost.hint) from lost
            reason = ""  # all that was still to come is the end
        except BaseException:
            if self._interrupt.came:
                await self._stop(driver, carrying)
            raise
        finally:
            limit.cancel()
            carrying.cancel()
            await asyncio.gather(carrying, limit, return_exceptions=True)
            await self._let_go()
        for sink in (self._output, self._errors):
            sink.check()
        return self._exit_status(reason)

    @property
    def _doubt(self) -> str:
        """What to do where the session was lost, once the command may have begun."""
        return (
            "the command may have run, or still run: look before you run it again" if self._ready.is_set() else ""
        )

    async def _let_go(self) -> None:
        """Write what is left, however slow the reader is; but a command that was too slow is not waited for."""
        for sink in (self._output, self._errors):
            with suppress(TimeoutError):
                async with asyncio.timeout(_GRACE_SECONDS if self._timed_out else None):
                    await sink.let_go(self._interrupt)

    async def _limit(self, driver: Driver, carrying: asyncio.Task[str]) -> None:
        if not self._timeout:
            return
        await self._ready.wait()
        await asyncio.sleep(self._timeout)
        if self._status is not None:
            return
        self._timed_out = True
        await self._stop(driver, carrying)
        driver.finish()

    async def _stop(self, driver: Driver, carrying: asyncio.Task[str]) -> None:
        """Interrupt the command, and let it say its last."""
        if self._ready.is_set():
            driver.channel.send(_INTERRUPT)
            driver.flush()
            await asyncio.wait({carrying}, timeout=_GRACE_SECONDS)

    def _exit_status(self, reason: str) -> int:
        if self._timed_out:
            raise CommandTimedOut(f"the command on {self._plan.target.label} ran for {self._timeout:g} seconds")
        if self._status is not None:
            # A status of Windows has 32 bits; what is not 0 there must not be 0 here.
            return self._status if 0 <= self._status <= 255 else self._status & 0xFF or 1
        if reason.strip():
            error = closed(reason, self._plan, ready=self._ready.is_set() and self.received > 0)
            error.hint = self._doubt if isinstance(error, SessionLost) else error.hint
            raise error
        if not self._ready.is_set():
            raise too_early(self._plan, "")
        label = self._plan.target.label
        raise SessionLost(f"the session on {label} ended, and the command's status is not known", hint=self._doubt)

    # the driver's End

    def handle(self, event: Event) -> None:
        """Write what the command writes; keep its status."""
        match event:
            case Output(data, error):
                self.received += len(data)
                (self._errors if error else self._output).write(data)
            case Exited(status):
                self._status = status
            case Ready(_, agent_version):
                self._support.detail(f"session ready, agent {agent_version}")
                check_agent(self._plan.target.label, agent_version, self._plan.document)
                self._ready.set()
            case Notice(text):
                self._support.detail(text)  # standard error is the command's
            case _:
                pass

    def settle(self) -> None:
        """Nothing is read; see that there is somebody who reads what we write."""
        for sink in (self._output, self._errors):
            sink.check()

    @property
    def full(self) -> bool:
        """Whether who reads us is behind."""
        return self._output.full or self._errors.full

    async def room(self) -> None:
        """Wait for them."""
        for sink in (self._output, self._errors):
            await sink.room()

    def tell(self, text: str) -> None:
        """Tell the user something, on standard error."""
        with suppress(BlockingIOError):
            self._support.note(text)
