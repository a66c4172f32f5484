"""Carry a session over our own client of the data channel: one websocket, one Channel, one terminal."""

from __future__ import annotations

import asyncio
import os
import ssl
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidProxy, InvalidStatus, ProxyError

from ssmx import __version__
from ssmx.channel.channel import Channel
from ssmx.channel.events import Closed, EncryptionWanted, Event, Lost, Notice, Output, Ready, WrongType
from ssmx.channel.reliable import WINDOW
from ssmx.channel.state import State
from ssmx.errors import (
    AccessDenied,
    EncryptionUnsupported,
    HungUp,
    LocalFault,
    ProtocolError,
    SessionLost,
    SessionRefused,
    SsmxError,
    TryLater,
    UsageError,
)
from ssmx.model.plan import Plan
from ssmx.model.session import Outcome, Session
from ssmx.signals import Signals
from ssmx.transport.terminal import Keyboard, Screen, size

_CONNECT_SECONDS = 15.0
_PATIENCE = 5.0  # seconds of silence at the start after which we say that we wait
_PING_SECONDS = 30.0  # NAT and VPN gateways forget a connection after 60 idle seconds
_BROKEN = (1002, 1003, 1007, 1009)  # we closed: protocol error, kind, UTF-8, size (RFC 6455, 7.4.1)
_LARGEST_MESSAGE = 1 << 23  # bytes; the agent sends 1024 and takes 200 000 (amazon-ssm-agent 3.3.0.0)


class NativeTransport:
    """Our own client. `sign(url)` gives the headers of the websocket's upgrade, `ca_bundle()` the trusted file."""

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

    def carry(self, session: Session, plan: Plan) -> Outcome:
        """Run the session on this terminal until it ends.

        Raises SessionLost, SessionRefused, ProtocolError, AccessDenied, EncryptionUnsupported, TryLater, or the
        error of a signal. The terminal is restored before this returns or raises.
        """
        return asyncio.run(self._carry(session, plan))

    async def _carry(self, session: Session, plan: Plan) -> Outcome:
        started = datetime.now(UTC)
        ending: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        loop = asyncio.get_running_loop()

        def end(error: SsmxError) -> None:
            loop.call_soon_threadsafe(_fail, ending, error)

        with self._signals.told(end):
            socket = await _first(self._connect(session), ending)
            shell = _Shell(socket, session, plan, ending, note=self._note, detail=self._detail)
            try:
                cause = await shell.run()
            finally:
                socket.transport.abort()  # the session is ended through the API, not by a closing handshake
        return Outcome(0, cause, started, datetime.now(UTC), shell.sent, shell.received)

    async def _connect(self, session: Session) -> ClientConnection:
        url = urlsplit(session.stream_url)
        host = url.hostname or ""
        headers = self._sign(session.stream_url)
        self._detail(f"data channel: {url.scheme}://{url.netloc}{url.path}, {'signed' if headers else 'unsigned'}")
        headers.pop("Host", None)  # websockets writes the same
        loopback = host in ("localhost", "::1") or host.startswith("127.")
        try:
            return await connect(
                session.stream_url,
                additional_headers=headers,
                compression=None,
                user_agent_header=f"ssmx/{__version__}",
                open_timeout=_CONNECT_SECONDS,
                ping_interval=_PING_SECONDS,
                ping_timeout=_PING_SECONDS,
                max_size=_LARGEST_MESSAGE,
                proxy=None if loopback else True,
                ssl=ssl.create_default_context(cafile=self._ca_bundle()) if url.scheme == "wss" else None,
            )
        except InvalidStatus as error:
            raise _refusal(error.response.status_code) from error
        except (InvalidProxy, ProxyError) as error:
            raise TryLater(
                f"the proxy does not reach {host}: {error}", hint="check HTTPS_PROXY and NO_PROXY"
            ) from error
        except InvalidHandshake as error:
            raise ProtocolError(f"{host} answered with something that is no websocket: {error}") from error
        except ssl.SSLError as error:
            raise TryLater(f"no TLS with {host}: {error}", hint="check AWS_CA_BUNDLE and the proxy") from error
        except ImportError as error:
            raise LocalFault(f"the proxy needs a package that is missing: {error}") from error
        except (OSError, TimeoutError) as error:
            why = str(error) or "no answer in time"
            raise TryLater(f"cannot open the data channel to {host}: {why}", hint="check the network") from error


class _Shell:
    """A session with a terminal at the local end. `ending` is done when it is over: with a cause, or an error."""

    def __init__(
        self,
        socket: ClientConnection,
        session: Session,
        plan: Plan,
        ending: asyncio.Future[str],
        *,
        note: Callable[[str], None],
        detail: Callable[[str], None],
    ) -> None:
        self._socket = socket
        self._plan = plan
        self._ending = ending
        self._note = note
        self._detail = detail
        now = time.monotonic()
        self._channel = Channel(token=session.token, ids=uuid4, epoch=time.time() - now, now=now, quiet_start=True)
        self._keyboard = Keyboard()
        self._screen = Screen()
        self._wake = asyncio.Event()
        self._reading = False
        self._ready = False
        self.sent = 0
        self.received = 0

    async def run(self) -> str:
        """Carry until the end; gives the cause of a normal one. Restores the terminal in every case."""
        loop = asyncio.get_running_loop()
        tasks = [loop.create_task(each) for each in (self._receive(), self._send(), self._be_patient())]
        for task in tasks:
            task.add_done_callback(lambda done: _fail_with(self._ending, done))
        try:
            with self._keyboard.suspendable(lambda: loop.call_soon_threadsafe(self._resize)):
                self._resize()
                return await self._ending
        finally:
            self._stop_reading()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._farewell()
            await self._screen.finish(1.0)
            self._screen.close()
            self._keyboard.restore()

    async def _receive(self) -> None:
        try:
            while True:
                message = await self._socket.recv()
                for event in self._channel.receive(message, now=time.monotonic()):
                    self._handle(event)
                self._wake.set()
                if self._ready:
                    self._pace_keyboard()
                await self._screen.room()
                if self._screen.lost:
                    raise HungUp("nobody reads our standard output any more")
        except ConnectionClosed as error:
            if error.sent is not None and error.sent.code in _BROKEN:
                raise ProtocolError(
                    f"{self._plan.target.label} sent what no node sends: {error.sent.reason}"
                ) from error
            received = error.rcvd
            why = f"closed with {received.code} {received.reason}".rstrip() if received else "cut"
            raise SessionLost(
                f"the connection to {self._plan.target.label} was {why}", hint="run the command again"
            ) from error

    async def _send(self) -> None:
        while True:
            now = time.monotonic()
            for event in self._channel.advance(now=now):
                self._handle(event)
            for message in self._channel.outgoing(now=now):
                await self._socket.send(message)
            deadline = self._channel.next_deadline()
            if deadline is None:
                await self._wake.wait()
            else:
                try:
                    async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                        await self._wake.wait()
                except TimeoutError:
                    pass
            self._wake.clear()

    async def _be_patient(self) -> None:
        await asyncio.sleep(_PATIENCE)
        if self._channel.state in (State.OPENED, State.SHAKING):
            self._note(f"waiting for {self._plan.target.label} to answer; Ctrl-C ends")
        await asyncio.get_running_loop().create_future()  # the session goes on without us

    async def _farewell(self) -> None:
        """Send what is still due, such as the answer that we cannot encrypt."""
        try:
            async with asyncio.timeout(1.0):
                for message in self._channel.outgoing(now=time.monotonic()):
                    await self._socket.send(message)
        except (ConnectionClosed, TimeoutError, OSError):
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
                    hint="use `aws ssm start-session` for this node until then",
                )
            case WrongType(session_type):
                raise UsageError(
                    f"document {self._plan.document} opens a {session_type} session, not a shell",
                    hint="choose a document of type Standard_Stream or InteractiveCommands",
                )
            case Closed(reason):
                self._close(reason)
            case Lost(reason):
                raise SessionLost(f"{self._plan.target.label}: {reason}")

    def _start(self, session_type: str, agent_version: str) -> None:
        self._detail(f"session ready: {session_type or 'no handshake'} {agent_version}".rstrip())
        if not self._ready:
            self._ready = True
            self._keyboard.start()
            self._start_reading()

    def _close(self, reason: str) -> None:
        if not reason.strip():
            if not self._ending.done():
                self._ending.set_result("exited")
            return
        said = " ".join(reason.replace("----------ERROR-------", "").split())
        if self._ready:
            raise SessionLost(f"the session on {self._plan.target.label} was ended: {said}")
        raise SessionRefused(f"{self._plan.target.label} refused the session: {said}")

    def _resize(self) -> None:
        self._channel.resize(*size())
        self._wake.set()

    def _start_reading(self) -> None:
        if not self._reading:
            self._reading = True
            asyncio.get_running_loop().add_reader(0, self._typed)

    def _stop_reading(self) -> None:
        if self._reading:
            self._reading = False
            asyncio.get_running_loop().remove_reader(0)

    def _typed(self) -> None:
        try:
            data = os.read(0, 1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._stop_reading()
            _fail(self._ending, HungUp("the terminal is gone"))
            return
        self.sent += len(data)
        self._channel.send(data)
        self._wake.set()
        self._pace_keyboard()

    def _pace_keyboard(self) -> None:
        """A paste waits in the terminal, not in our memory."""
        if self._channel.backlog > 2 * WINDOW:
            self._stop_reading()
        elif self._channel.backlog < WINDOW:
            self._start_reading()


async def _first(
    connecting: Coroutine[Any, Any, ClientConnection], ending: asyncio.Future[str]
) -> ClientConnection:
    """The connection, unless `ending` fails first."""
    task = asyncio.ensure_future(connecting)
    waiting: set[asyncio.Future[Any]] = {task, ending}
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        return task.result()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    ending.result()
    raise AssertionError("a session cannot end well before it begins")


def _fail(ending: asyncio.Future[str], error: BaseException) -> None:
    if not ending.done():
        ending.set_exception(error)


def _fail_with(ending: asyncio.Future[str], done: asyncio.Task[None]) -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        _fail(ending, error)


def _refusal(status: int) -> SsmxError:
    if status in (401, 403):
        return AccessDenied(
            f"the data channel was refused with HTTP {status}: ssmmessages:OpenDataChannel is not allowed",
            hint="ask for ssmmessages:OpenDataChannel on * in your IAM policy, and check this machine's clock",
            details={"action": "ssmmessages:OpenDataChannel"},
        )
    if status >= 500 or status == 429:
        return TryLater(f"the data channel was refused with HTTP {status}", hint="try again in a minute")
    return ProtocolError(f"the data channel was refused with HTTP {status}")
