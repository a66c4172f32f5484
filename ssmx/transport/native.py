"""Carry a session over our own client of the data channel: one websocket, one Channel, one terminal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from uuid import uuid4

from ssmx.channel.channel import Channel
from ssmx.channel.events import Closed, EncryptionWanted, Event, Lost, Notice, Output, Ready, WrongType
from ssmx.channel.reliable import WINDOW
from ssmx.errors import (
    EncryptionUnsupported,
    HungUp,
    Interrupted,
    SessionLost,
    SsmxError,
)
from ssmx.model.plan import Plan
from ssmx.model.session import Outcome, Session
from ssmx.signals import Signals
from ssmx.transport.ending import closed, quiet, wrong_type
from ssmx.transport.interrupt import Interrupt, fail, fail_with, run
from ssmx.transport.terminal import Keyboard, Screen, attached, size
from ssmx.transport.websocket import Websocket, dial

_PING_SECONDS = 30.0  # NAT and VPN gateways forget a connection after 60 idle seconds
_FAREWELL_SECONDS = 1.0
_CTRL_C = b"\x03"


class NativeTransport:
    """Our own client. `sign(url)` gives the headers of the websocket's upgrade, `ca_bundle()` the trusted file."""

    label = "ssmx's own client"

    def __init__(
        self,
        *,
        sign: Callable[[str], dict[str, str]],
        ca_bundle: Callable[[], str],
        signals: Signals,
        note: Callable[[str], None],
        detail: Callable[[str], None],
    ) -> None:
        self._sign = sign
        self._ca_bundle = ca_bundle
        self._signals = signals
        self._note = note
        self._detail = detail
        self.opened = False
        """Whether the data channel of the session carried last could be opened at all."""

    def carry(self, session: Session, plan: Plan) -> Outcome:
        """Run the session on this terminal until it ends.

        Raises SessionLost, SessionRefused, ProtocolError, AccessDenied, EncryptionUnsupported, TryLater, or the
        error of a signal. The terminal is restored before this returns or raises.
        """
        self.opened = False
        return run(self._signals, lambda interrupt: self._carry(session, plan, interrupt))

    async def _carry(self, session: Session, plan: Plan, interrupt: Interrupt) -> Outcome:
        socket = await interrupt.beside(self._connect(session, plan))
        self.opened = True
        try:
            shell = _Shell(socket, session, plan, interrupt, note=self._note, detail=self._detail)
            await shell.run()
        finally:
            socket.abort()
        return Outcome(0, "exited", shell.sent, shell.received)

    async def _connect(self, session: Session, plan: Plan) -> Websocket:
        self._detail(f"data channel: {session.stream_url.partition('?')[0]}")
        return await dial(session.stream_url, sign=self._sign, ca_bundle=self._ca_bundle(), label=plan.target.label)


class _Shell:
    """A session with a terminal at the local end."""

    def __init__(
        self,
        socket: Websocket,
        session: Session,
        plan: Plan,
        interrupt: Interrupt,
        *,
        note: Callable[[str], None],
        detail: Callable[[str], None],
    ) -> None:
        self._socket = socket
        self._plan = plan
        self._interrupt = interrupt
        self._note = note
        self._detail = detail
        now = time.monotonic()
        self._channel = Channel(token=session.token, ids=uuid4, epoch=time.time() - now, now=now, quiet_start=True)
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._keyboard = Keyboard(typed=self._typed, resized=self._resize)
        self._screen = Screen()
        self._wake = asyncio.Event()
        self.sent = 0
        self.received = 0

    async def run(self) -> None:
        """Carry until the session ends; the terminal is restored in every case."""
        tasks = [asyncio.create_task(each) for each in (self._receive(), self._send(), self._stay_alive())]
        for task in tasks:
            task.add_done_callback(lambda task: fail_with(task, self._ended))
        async with attached(self._keyboard, self._screen, self._interrupt):
            try:
                self._resize()
                await self._interrupt.beside(asyncio.shield(self._ended))
            except SsmxError:
                await self._farewell()
                raise
            finally:
                for task in tasks:
                    task.cancel()

    async def _receive(self) -> None:
        while True:
            message = await self._socket.receive()
            for event in self._channel.receive(message, now=time.monotonic()):
                self._handle(event)
            self._wake.set()
            self._keyboard.flow(on=self._channel.backlog < WINDOW)
            await self._screen.room()
            self._screen.check()

    async def _send(self) -> None:
        while True:
            now = time.monotonic()
            for event in self._channel.advance(now=now):
                self._handle(event)
            for message in self._channel.outgoing(now=now):
                await self._socket.send(message)
            deadline = self._channel.next_deadline()
            try:
                async with asyncio.timeout(None if deadline is None else max(0.0, deadline - time.monotonic())):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()

    async def _stay_alive(self) -> None:
        """Ask whether the far end is there; a terminal that is behind keeps us from hearing the answer."""
        while True:
            await asyncio.sleep(_PING_SECONDS)
            # Twice, because a machine that slept finds its timer before the answer that waits.
            if await self._is_silent() and await self._is_silent():
                label = self._plan.target.label
                raise SessionLost(f"{label} has not answered for {2 * _PING_SECONDS:.0f} seconds")

    async def _is_silent(self) -> bool:
        return not self._screen.full and not await self._socket.answers(_PING_SECONDS) and not self._screen.full

    async def _farewell(self) -> None:
        """Send what is still due, such as the answer that we cannot encrypt."""
        try:
            async with asyncio.timeout(_FAREWELL_SECONDS):
                for message in self._channel.outgoing(now=time.monotonic()):
                    await self._socket.send(message)
        except (SsmxError, TimeoutError, OSError):
            pass

    def _handle(self, event: Event) -> None:
        match event:
            case Output(data):
                self.received += len(data)
                self._screen.write(data)
            case Ready(session_type, agent_version):
                self._start(session_type, agent_version)
            case Notice(text):
                self._screen.write(text.encode() + b"\r\n")
            case EncryptionWanted(key_id):
                raise EncryptionUnsupported(
                    f"this account encrypts its sessions with the KMS key {key_id}, and ssmx cannot do that yet",
                    hint="`--transport plugin` can, where session-manager-plugin is installed",
                )
            case WrongType(session_type):
                raise wrong_type(self._plan, session_type)
            case Closed(reason):
                self._close(reason)
            case Lost(reason):
                raise SessionLost(f"{self._plan.target.label}: {reason}")

    def _start(self, session_type: str, agent_version: str) -> None:
        self._detail(f"session ready: {session_type or 'no handshake'} {agent_version}".rstrip())
        if not self._channel.heard:
            self._note(quiet(self._plan))
        self._keyboard.start()

    def _close(self, reason: str) -> None:
        if reason.strip():
            raise closed(reason, self._plan, ready=self._keyboard.started)
        if not self._ended.done():
            self._ended.set_result(None)

    def _resize(self) -> None:
        self._channel.resize(*size())
        self._wake.set()

    def _typed(self, data: bytes) -> None:
        if not data:
            fail(self._ended, HungUp("the terminal is gone"))
        elif _CTRL_C in data and not self._channel.heard:
            # A node that has said nothing at all, not even that it got our size, cannot be interrupted by a byte.
            fail(self._ended, Interrupted("interrupted before the node answered"))
        else:
            self.sent += len(data)
            self._channel.send(data)
            self._wake.set()
            # A paste waits in the terminal, not in our memory.
            self._keyboard.flow(on=self._channel.backlog < 2 * WINDOW)
