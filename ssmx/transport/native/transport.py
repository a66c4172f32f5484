"""Our own client as a transport: it connects, and puts the right end to the session."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import assert_never

from ssmx.channel.channel import QUIET_START
from ssmx.channel.events import Ready
from ssmx.channel.handshake import COMMANDS, PORTS, SHELLS
from ssmx.errors import Throttled
from ssmx.model.plan import INTERACTIVE_COMMAND, SHAKING, Outputs, Plan, Stdio, Streams, Terminal
from ssmx.model.session import Outcome, Session
from ssmx.signals import Signals
from ssmx.transport.interrupt import Interrupt, run
from ssmx.transport.native import command, shell, stdio
from ssmx.transport.native.driver import BEGIN_SECONDS, Driver
from ssmx.transport.native.link import Link
from ssmx.transport.native.support import Support
from ssmx.transport.websocket import Websocket, dial

# What the session is, its driver, the rest of ssmx, and the signal; gives the exit status.
Carry = Callable[[Ready, Driver, Support, Interrupt], Awaitable[int]]

_PAUSES = (0.3, 0.9)  # seconds before a data channel that AWS is too busy for is tried again


class NativeTransport:
    """Our own client."""

    label = "ssmx's own client"

    def __init__(self, support: Support, *, signals: Signals) -> None:
        self._support = support
        self._signals = signals
        self.opened = False
        """Whether the data channel of the session carried last could be opened at all."""

    def carry(self, session: Session, plan: Plan) -> Outcome:
        """Run the session on this terminal, or on these standard streams, until it ends.

        Raises SessionLost, SessionRefused, ProtocolError, AccessDenied, KeyUnusable, TryLater, or the error of a
        signal. The terminal is restored before this returns or raises.
        """
        self.opened = False
        return run(self._signals, lambda interrupt: self._carry(session, plan, interrupt))

    def meet(self, session: Session, plan: Plan, carry: Carry) -> int:
        """Carry a session whose kind its node tells: `carry` puts the end to it. Gives the exit status.

        Raises as `carry` does.
        """
        return run(self._signals, lambda interrupt: self._meet(session, plan, carry, interrupt))

    async def open(self, session: Session, plan: Plan) -> Link:
        """The live link of a port session, on the running event loop; to be closed. Raises as `carry` does."""
        socket = await self._connect(session, plan)
        link = Link(plan, self._support)
        driver = Driver(socket, session, plan, self._support, accepts=PORTS)
        await link.begin(driver)
        return link

    async def _meet(self, session: Session, plan: Plan, carry: Carry, interrupt: Interrupt) -> int:
        socket = await interrupt.beside(self._connect(session, plan))
        accepts = (*SHELLS, *COMMANDS, *PORTS)
        if plan.document in SHAKING:
            quiet_after = None
        else:  # of somebody's own document only the node knows what it is
            quiet_after = QUIET_START if plan.document in ("", INTERACTIVE_COMMAND) else BEGIN_SECONDS
        driver = Driver(socket, session, plan, self._support, accepts=accepts, quiet_after=quiet_after)
        return await carry(await interrupt.beside(driver.begin()), driver, self._support, interrupt)

    async def _carry(self, session: Session, plan: Plan, interrupt: Interrupt) -> Outcome:
        socket = await interrupt.beside(self._connect(session, plan))
        self.opened = True
        end: shell.Shell | stdio.Stdio | command.Command
        accepts: tuple[str, ...]
        match plan.local:
            case Terminal():
                end, accepts = shell.Shell(plan, self._support, interrupt), SHELLS
            case Stdio(port):
                end, accepts = stdio.Stdio(plan, self._support, interrupt, port=port), PORTS
            case Outputs(timeout):
                end, accepts = command.Command(plan, self._support, interrupt, timeout=timeout), COMMANDS
            case Streams():
                raise AssertionError("a link is opened, not carried")
            case _:
                assert_never(plan.local)
        quiet_after = QUIET_START if accepts == SHELLS else None
        driver = Driver(socket, session, plan, self._support, accepts=accepts, quiet_after=quiet_after)
        status = await end.run(driver)
        return Outcome(status, "exited", end.sent, end.received)

    async def _connect(self, session: Session, plan: Plan) -> Websocket:
        self._support.detail(f"data channel: {session.stream_url.partition('?')[0]}")
        for pause in (*_PAUSES, 0.0):
            try:
                return await dial(
                    session.stream_url,
                    sign=self._support.sign,
                    authorities=self._support.authorities(),
                    label=plan.target.label,
                )
            except Throttled:
                if not pause:
                    raise
                await asyncio.sleep(pause)
        raise AssertionError("the last try returns or raises")
