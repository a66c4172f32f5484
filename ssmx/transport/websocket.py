"""The websocket of a data channel: opened through proxies and TLS, its ends told in our errors.

The only home of websockets on the client's side.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidProxy,
    InvalidStatus,
    InvalidURI,
    ProxyError,
)
from websockets.frames import Frame, Opcode
from websockets.protocol import Event, State

from ssmx import __version__
from ssmx.errors import AccessDenied, LocalFault, ProtocolError, SessionLost, SsmxError, Throttled, TryLater
from ssmx.transport.ending import CHANNEL_HINT
from ssmx.transport.interrupt import on_thread

_CONNECT_SECONDS = 15.0
_CLOSE_SECONDS = 1.0
_LARGEST_MESSAGE = 1 << 20  # bytes; the agent sends 1024 and takes 200 000 (amazon-ssm-agent 3.3.0.0)
_HOST = re.compile(r"[a-z0-9.:-]+")
_DATA = (Opcode.BINARY, Opcode.TEXT, Opcode.CONT)
_BROKEN = (1002, 1003, 1007, 1009)  # we closed: protocol error, kind, UTF-8, size (RFC 6455, 7.4.1)


class Listener(Protocol):
    """Who uses a websocket; each method is called on the event loop."""

    def arrived(self, messages: list[str | bytes]) -> None:
        """What one read of the connection brought."""

    def lost(self, error: SsmxError) -> None:
        """The connection has ended: SessionLost, or ProtocolError where the far end misused it."""

    def writable(self) -> None:
        """It takes messages again after it was `congested`."""


class _Connection(ClientConnection):
    """A connection that hands over whole reads: waiting for one message after the other costs more than they do."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.listener: Listener | None = None
        self.label = ""
        self.congested = False
        self._messages: list[str | bytes] = []
        self._parts: list[Frame] = []  # of a message that comes in several frames

    def process_event(self, event: Event) -> None:
        """Keep what is data; pongs and the opening are the library's."""
        if not (isinstance(event, Frame) and event.opcode in _DATA):
            super().process_event(event)
            if isinstance(event, Frame) and event.opcode is Opcode.CLOSE:
                # Our answer is on its way; whoever does not close the connection then shall not keep us.
                self.loop.call_later(_CLOSE_SECONDS, self.transport.abort)
        elif event.fin and not self._parts:
            self._keep(event.opcode, event.data)
        else:
            self._parts.append(event)
            if event.fin:
                parts, self._parts = self._parts, []
                self._keep(parts[0].opcode, b"".join(part.data for part in parts))

    def data_received(self, data: bytes) -> None:
        """Hand over what came."""
        super().data_received(data)
        self.hand_over()

    def hand_over(self) -> None:
        """Give the listener, if there is one, what has come."""
        if self._messages and self.listener is not None:
            messages, self._messages = self._messages, []
            self.listener.arrived(messages)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell of the end."""
        super().connection_lost(exc)
        if self.listener is not None:
            self.listener.lost(self.end())

    def pause_writing(self) -> None:
        """Its buffer is full."""
        super().pause_writing()
        self.congested = True

    def resume_writing(self) -> None:
        """Its buffer has drained."""
        super().resume_writing()
        self.congested = False
        if self.listener is not None:
            self.listener.writable()

    def end(self) -> SsmxError:
        """How a connection that has ended did end."""
        sent, received = self.protocol.close_sent, self.protocol.close_rcvd
        if sent is not None and sent.code in _BROKEN:
            return ProtocolError(f"{self.label} sent what no node sends: {sent.reason or sent.code}")
        why = f"closed with {received.code} {received.reason}".rstrip() if received else "cut"
        return SessionLost(f"the connection to {self.label} was {why}")

    def _keep(self, opcode: Opcode, data: bytes | bytearray | memoryview) -> None:
        # A node says nothing in text; what it says is ignored, and so need not be valid.
        self._messages.append(bytes(data) if opcode is Opcode.BINARY else str(bytes(data), "utf-8", "replace"))


class Websocket:
    """An open connection to `label`, whose name is in every error."""

    def __init__(self, connection: _Connection, label: str) -> None:
        self._connection = connection
        connection.label = label

    def attach(self, listener: Listener) -> None:
        """Hand over to `listener` from now on, first what has come already."""
        self._connection.listener = listener
        self._connection.hand_over()
        if self._connection.state is State.CLOSED:
            listener.lost(self._connection.end())

    def send(self, messages: Iterable[str | bytes]) -> None:
        """Send messages at once, or keep them until the connection takes them; see `congested`.

        At the end of the connection they are dropped: the listener is told of the end.
        """
        protocol = self._connection.protocol
        if protocol.state is not State.OPEN:
            return
        for message in messages:
            if isinstance(message, str):
                protocol.send_text(message.encode())
            else:
                protocol.send_binary(message)
        self._connection.transport.write(b"".join(protocol.data_to_send()))

    @property
    def congested(self) -> bool:
        """Whether so much waits to be sent that no more should be given."""
        return self._connection.congested

    def listen(self, *, on: bool) -> None:
        """Read from the connection, or leave what comes on the way."""
        transport = self._connection.transport
        if not transport.is_closing():
            (transport.resume_reading if on else transport.pause_reading)()

    async def answers(self, seconds: float) -> bool:
        """Whether the far end answers a ping in time; of the end of the connection the listener is told."""
        try:
            async with asyncio.timeout(seconds):
                await (await self._connection.ping())
        except TimeoutError:
            return False
        except ConnectionClosed:
            pass
        return True

    def abort(self) -> None:
        """Drop the connection without a closing handshake: the session is ended through the API."""
        self._connection.listener = None
        self._connection.transport.abort()


class _Direct(connect):
    """A connection to the host that AWS named: a redirect would take our signature and token elsewhere."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Follow none."""
        return exc


async def dial(url: str, *, sign: Callable[[str], dict[str, str]], authorities: str, label: str) -> Websocket:
    """Open `url`, honouring HTTPS_PROXY and NO_PROXY; never proxies loopback.

    `sign(url)` gives the headers, and is called on a thread. `authorities` is a file of certificates or a hashed
    folder. Raises AccessDenied (403), Throttled (429, 5xx), TryLater (network, TLS, proxy), ProtocolError (no
    websocket, or no such URL).
    """
    host, secure = _checked(url)
    headers = await on_thread(lambda: sign(url))
    headers.pop("Host", None)  # websockets writes the same
    try:
        connection = await _Direct(
            url,
            additional_headers=headers,
            compression=None,
            user_agent_header=f"ssmx/{__version__}",
            open_timeout=_CONNECT_SECONDS,
            ping_interval=None,  # the driver asks, because only it knows whether we read at all
            max_size=_LARGEST_MESSAGE,
            create_connection=_Connection,
            proxy=None if _is_loopback(host) else True,
            ssl=_trusting(authorities) if secure else None,
        )
    except InvalidStatus as error:
        raise _refusal(error.response.status_code) from error
    except (InvalidProxy, ProxyError) as error:
        raise TryLater(
            f"the proxy does not reach {host}: {error}", hint="check HTTPS_PROXY and NO_PROXY"
        ) from error
    except (InvalidHandshake, InvalidURI) as error:
        raise ProtocolError(f"{host} answered with something that is no websocket: {error}") from error
    except ssl.SSLError as error:
        raise TryLater(f"no TLS with {host}: {error}", hint="check AWS_CA_BUNDLE and the proxy") from error
    except ImportError as error:
        raise LocalFault(f"the proxy needs a package that is missing: {error}") from error
    except (OSError, TimeoutError) as error:
        why = str(error) or "no answer in time"
        raise TryLater(f"cannot open the data channel to {host}: {why}", hint="check the network") from error
    return Websocket(cast(_Connection, connection), label)


def _checked(url: str) -> tuple[str, bool]:
    """The host of a StreamUrl and whether it is encrypted; raises ProtocolError for what is no StreamUrl."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", 0
    if not _HOST.fullmatch(host) or port == 0 or parts.scheme not in ("ws", "wss"):
        raise ProtocolError(f"AWS answered with no usable StreamUrl: {url!r}")
    if parts.scheme == "ws" and not _is_loopback(host):
        raise ProtocolError(f"AWS answered with a StreamUrl that is not encrypted: {parts.scheme}://{host}")
    return host, parts.scheme == "wss"


def _trusting(authorities: str) -> ssl.SSLContext:
    if Path(authorities).is_dir():
        context = ssl.create_default_context(capath=authorities)
    else:
        context = ssl.create_default_context(cafile=authorities)
    # As AWS's own clients: what Python asks of certificates from 3.13 on, authorities of companies often lack.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _refusal(status: int) -> SsmxError:
    if status in (401, 403):
        return AccessDenied(
            f"the data channel was refused with HTTP {status}: ssmmessages:OpenDataChannel is not allowed",
            hint=CHANNEL_HINT,
            details={"action": "ssmmessages:OpenDataChannel"},
        )
    if status >= 500 or status == 429:
        return Throttled(f"the data channel was refused with HTTP {status}")
    if status in (404, 410):
        return TryLater(f"the data channel was refused with HTTP {status}")
    return ProtocolError(f"the data channel was refused with HTTP {status}")
