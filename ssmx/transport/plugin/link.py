"""Ports through the official plugin: it listens on a private port that the user never sees, and is our link."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, suppress
from typing import cast

from ssmx.errors import NoPlugin, SessionLost, SsmxError, TryLater
from ssmx.model.plan import Plan
from ssmx.model.plugin import Plugin
from ssmx.model.session import Session
from ssmx.process import is_ending, signal_group
from ssmx.transport.link import Receiver
from ssmx.transport.plugin.chatter import Chatter, LastWords, Said
from ssmx.transport.plugin.contract import arguments, environment
from ssmx.transport.plugin.failure import failure
from ssmx.transport.plugin.guard import Guard
from ssmx.transport.plugin.lending import lending
from ssmx.transport.plugin.transport import Loan, Support

_OPENED = re.compile(rb"Port (\d+) opened for sessionId", re.IGNORECASE)
_REFUSED = b"Connection to destination port failed"
_BEGIN_SECONDS = 20.0  # until it says that its port is open
_GRACE = 0.3  # seconds between SIGTERM, which ends it, and SIGKILL
_SAID_SECONDS = 0.05  # what it says of a connection may come after the connection's end
_WRITER_WAITS = 1 << 18  # bytes for the plugin, before no more should be written


class PluginLinks:
    """Opens links through one plugin. `note` and `detail` tell the user something in one line."""

    def __init__(
        self, plugin: Plugin, support: Support, *, note: Callable[[str], None], detail: Callable[[str], None]
    ) -> None:
        self._plugin = plugin
        self._support = support
        self._note = note
        self._detail = detail

    async def open(self, session: Session, plan: Plan) -> PluginLink:
        """The live link of a port session, on the running event loop; to be closed.

        Raises NoPlugin where the plugin does not run, otherwise what it says (failure.py).
        """
        self._detail(f"through {self._plugin.label}")
        service = self._support.service()
        loan = Loan(self._support.credentials, self._note)
        async with AsyncExitStack() as stack:
            config = await stack.enter_async_context(lending(loan.give, profile=service.profile, told=loan.tell))
            end, profile = self._support.end(session.id), self._support.profile()
            guard = stack.enter_context(Guard(folder=config.parent, end=end, profile=profile))
            guard.keep(self._support.last_known())
            loan.guard = guard
            env = environment(os.environ, session, str(config))
            process = await self._start(arguments(self._plugin.path, plan, service), env)
            stack.push_async_callback(_stop, process)
            guard.watch(process.pid)
            link = PluginLink(process, session, plan, self._plugin, on_close=stack.aclose)
            await link.begin()
            link.adopt(stack.pop_all().aclose)
            return link

    async def _start(self, words: list[str], env: Mapping[str, str]) -> Process:
        try:
            return await asyncio.create_subprocess_exec(
                *words, env=env, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, start_new_session=True
            )
        except OSError as error:
            raise NoPlugin(f"{self._plugin.label} cannot be run: {error.strerror}") from error


async def _stop(process: Process) -> None:
    """End it and all it started."""
    if process.returncode is None:
        signal_group(process.pid, signal.SIGTERM)
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE):
                await process.wait()
    signal_group(process.pid, signal.SIGKILL)
    await process.wait()


class PluginLink:
    """A plugin that listens on a port of this machine. `stream` connects to that."""

    is_resuming = False  # it does not tell

    def __init__(
        self,
        process: Process,
        session: Session,
        plan: Plan,
        plugin: Plugin,
        *,
        on_close: Callable[[], Awaitable[None]],
    ) -> None:
        self._process = process
        self._plan = plan
        self._plugin = plugin
        self._on_close = on_close
        self._chatter = Chatter(session.id)
        self._port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._reading = asyncio.create_task(self._read())
        self._streams: set[PluginStream] = set()
        self._refusals = 0  # told by the plugin, and not yet seen on a stream
        self._had: int | None = None
        self._words = LastWords(Said.NOTHING)
        self._closed = False
        self._asked = 0.0  # when something was said first of what is not answered; 0 where nothing is
        self.carried = False
        """Whether anything of the far port's has come."""

    @property
    def unanswered(self) -> float:
        """Seconds for which nothing has come after something was said; a far side may just be thinking."""
        return time.monotonic() - self._asked if self._asked and self._streams else 0.0

    @property
    def carrying(self) -> int:
        """How many streams are open; once it is over, how many were."""
        return len(self._streams) if self._had is None else self._had

    @property
    def was_closed(self) -> bool:
        """Whether the plugin says that the service ended the session."""
        return self._words.said in (Said.CLOSED, Said.TIMED_OUT, Said.EXITING) and not self._closed

    async def begin(self) -> None:
        """Wait until its port is open. Raises why it is not."""
        waited: set[asyncio.Future[object]] = {self._port, self._reading}  # type: ignore[arg-type]
        await asyncio.wait(waited, timeout=_BEGIN_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if self._port.done():
            return
        if self._reading.done():
            raise await self.ended()
        raise TryLater(f"{self._plugin.label} has not opened its port in {_BEGIN_SECONDS:.0f} seconds")

    def adopt(self, on_close: Callable[[], Awaitable[None]]) -> None:
        """What ends it belongs to this link now."""
        self._on_close = on_close

    async def stream(self, receiver: Receiver) -> PluginStream:
        """A connection to the plugin's port. Raises SessionLost where the plugin has ended."""
        stream = PluginStream(self, receiver)
        self._streams.add(stream)
        try:
            await asyncio.get_running_loop().create_connection(lambda: stream, "127.0.0.1", self._port.result())
        except asyncio.CancelledError:
            self._streams.discard(stream)
            raise
        except OSError as error:
            if self.is_over:
                self._streams.discard(stream)
                raise SessionLost(f"{self._plugin.label} has ended") from error
            stream.connection_lost(error)  # it was reset at once, as for a port that refuses
        return stream

    async def ended(self) -> SsmxError:
        """Wait for its end; gives why, in its own words."""
        await asyncio.wait({self._reading})
        status = await self._process.wait()
        how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
        label = self._plan.target.label
        if self._closed or self._words.said is Said.EXITING:
            return SessionLost(f"the session on {label} was ended")
        words = self._words if status >= 0 else LastWords(Said.NOTHING)
        return failure(words, self._plan, self._plugin, heard=self._port.done(), how=how)

    async def close(self) -> None:
        """End the plugin; every stream ends."""
        self._closed = self._closed or not self._reading.done()
        await self._on_close()
        await asyncio.wait({self._reading})

    # for its streams

    def said(self) -> None:
        """Something was written."""
        self._asked = self._asked or time.monotonic()

    def heard(self) -> None:
        """Something has come of the far port."""
        self.carried = True
        self._asked = 0.0

    def is_refusal(self) -> bool:
        """Whether the end of a stream is a refusal that the plugin has told; of which, it does not say."""
        if not self._refusals:
            return False
        self._refusals -= 1
        return True

    def left(self, stream: PluginStream) -> None:
        """A stream has ended."""
        self._streams.discard(stream)

    @property
    def is_over(self) -> bool:
        """Whether the plugin has ended or is about to, so that the end of a stream is not the far side's."""
        return self._reading.done() or self._process.returncode is not None or is_ending(self._process.pid)

    async def _read(self) -> None:
        """Read what it prints, to its end."""
        assert self._process.stdout is not None
        said = b""
        while data := await self._process.stdout.read(1 << 12):
            self._chatter.take(data)
            said = (said + data)[-(1 << 12) :]
            if not self._port.done() and (opened := _OPENED.search(said)):
                self._port.set_result(int(opened[1]))
            if _REFUSED in said and self._port.done():
                self._refusals += said.count(_REFUSED)
                said = said[said.rindex(_REFUSED) + len(_REFUSED) :]
        self._words = self._chatter.finish()[1]
        self._had = len(self._streams)


class PluginStream(asyncio.Protocol):
    """One connection to the plugin's port, and so to the far one."""

    def __init__(self, link: PluginLink, receiver: Receiver) -> None:
        self._link = link
        self._receiver = receiver
        self._congested = self._came = self._over = self._closed = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The plugin has it; nothing is read before `listen`."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=_WRITER_WAITS)
        self._transport.pause_reading()

    @property
    def _open(self) -> asyncio.Transport | None:
        return None if self._transport is None or self._transport.is_closing() else self._transport

    # for its user

    def write(self, data: bytes) -> None:
        """Send data."""
        if transport := self._open:
            self._link.said()
            transport.write(data)

    @property
    def congested(self) -> bool:
        """Whether so much waits to be sent that no more should be written."""
        return self._congested

    def listen(self, *, on: bool) -> None:
        """Take what comes, or leave it to the plugin."""
        if transport := self._open:
            (transport.resume_reading if on else transport.pause_reading)()

    def end_input(self) -> None:
        """Say that no more will be written: the plugin closes both directions then."""
        if transport := self._open:
            transport.write_eof()

    def close(self) -> None:
        """Close both directions."""
        self._over = self._closed = True
        self._link.left(self)
        if self._transport is not None:
            self._transport.close()

    # from the plugin

    def data_received(self, data: bytes) -> None:
        """Give it to the user."""
        self._link.heard()
        self._came = True
        self._receiver.arrived(data)

    def pause_writing(self) -> None:
        """The plugin does not read."""
        self._congested = True

    def resume_writing(self) -> None:
        """It reads again."""
        self._congested = False
        if not self._over:
            self._receiver.writable()

    def connection_lost(self, exc: Exception | None) -> None:
        """The far side has closed, the node could not connect to it, or the plugin is gone."""
        if not self._over:
            self._over = True
            asyncio.get_running_loop().call_later(_SAID_SECONDS, self._finish, exc)

    def _finish(self, exc: Exception | None) -> None:
        self._link.left(self)
        if self._closed:
            return
        if self._link.is_over:
            self._receiver.failed(SessionLost("the plugin has ended"))
        elif not self._came and self._link.is_refusal():
            self._receiver.finished(refused=True)
        elif exc is not None:
            self._receiver.failed(SessionLost(f"the plugin has cut the connection: {exc}"))
        else:
            self._receiver.finished(refused=False)
