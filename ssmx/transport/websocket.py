"""The websocket of a data channel: opened through proxies and TLS, its ends told in our errors.

The only home of websockets on the client's side.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable
from contextlib import suppress
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

from ssmx import __version__
from ssmx.errors import AccessDenied, LocalFault, ProtocolError, SessionLost, SsmxError, TryLater
from ssmx.transport.ending import CHANNEL_HINT

_CONNECT_SECONDS = 15.0
_LARGEST_MESSAGE = 1 << 20  # bytes; the agent sends 1024 and takes 200 000 (amazon-ssm-agent 3.3.0.0)
_HOST = re.compile(r"[a-z0-9.:-]+")
_BROKEN = (1002, 1003, 1007, 1009)  # we closed: protocol error, kind, UTF-8, size (RFC 6455, 7.4.1)


class Websocket:
    """An open connection to `label`, whose name is in every error."""

    def __init__(self, connection: ClientConnection, label: str) -> None:
        self._connection = connection
        self._label = label

    async def receive(self) -> str | bytes:
        """The next message. Raises SessionLost at the end of the connection, ProtocolError where it is misused."""
        try:
            return await self._connection.recv()
        except ConnectionClosed as error:
            raise self._lost(error) from error

    async def send(self, message: str | bytes) -> None:
        """Send one message, waiting while the connection takes no more.

        At the end of the connection it is dropped: `receive` tells of the end, after what came before it.
        """
        with suppress(ConnectionClosed):
            await self._connection.send(message)

    async def answers(self, seconds: float) -> bool:
        """Whether the far end answers a ping in time; of the end of the connection `receive` tells."""
        try:
            async with asyncio.timeout(seconds):
                await (await self._connection.ping(b"keepalive"))
        except TimeoutError:
            return False
        except ConnectionClosed:
            pass
        return True

    def abort(self) -> None:
        """Drop the connection without a closing handshake: the session is ended through the API."""
        self._connection.transport.abort()

    def _lost(self, error: ConnectionClosed) -> SsmxError:
        if error.sent is not None and error.sent.code in _BROKEN:
            return ProtocolError(f"{self._label} sent what no node sends: {error.sent.reason or error}")
        received = error.rcvd
        why = f"closed with {received.code} {received.reason}".rstrip() if received else "cut"
        return SessionLost(f"the connection to {self._label} was {why}")


class _Direct(connect):
    """A connection to the host that AWS named: a redirect would take our signature and token elsewhere."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Follow none."""
        return exc


async def dial(url: str, *, sign: Callable[[str], dict[str, str]], ca_bundle: str, label: str) -> Websocket:
    """Open `url` with the headers of `sign(url)`, honouring HTTPS_PROXY and NO_PROXY; never proxies loopback.

    Raises AccessDenied (403), TryLater (network, TLS, proxy), ProtocolError (no websocket, or no such URL).
    """
    host, secure = _checked(url)
    headers = sign(url)
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
            proxy=None if _is_loopback(host) else True,
            ssl=ssl.create_default_context(cafile=ca_bundle) if secure else None,
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
    return Websocket(connection, label)


def _checked(url: str) -> tuple[str, bool]:
    """The host of a StreamUrl and whether it is encrypted; raises ProtocolError for what is no StreamUrl."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", 0
    if not _HOST.fullmatch(host) or port == 0 or parts.scheme not in ("ws", "wss"):
        raise ProtocolError(f"StartSession answered with no usable StreamUrl: {url!r}")
    if parts.scheme == "ws" and not _is_loopback(host):
        raise ProtocolError(
            f"StartSession answered with a StreamUrl that is not encrypted: {parts.scheme}://{host}"
        )
    return host, parts.scheme == "wss"


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
        return TryLater(f"the data channel was refused with HTTP {status}")
    return ProtocolError(f"the data channel was refused with HTTP {status}")
