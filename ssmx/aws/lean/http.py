"""One request to a service of AWS and its answer, over a connection that is kept for the next."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from ssmx.light import dataclass

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
_OPEN_SECONDS = 2 * CONNECT_SECONDS  # after which one that is opened ahead is waited for no longer
_IDLE_SECONDS = 5.0  # after which a kept connection may have been closed at the other end


class _FailedError(Exception):
    """`late`: nothing came in time, rather than an end of the connection."""

    def __init__(self, said: str, *, late: bool) -> None:
        super().__init__(said)
        self.late = late


class NotSentError(_FailedError):
    """There was no connection to send it on: nothing has happened."""


class LostError(_FailedError):
    """It was sent, and no answer has come; whether it was heeded is not known."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer: its names of headers are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connections:
    """Those to one URL, for any thread; `context` gives the TLS context, made when it is first needed.

    `limit` is how many seconds may pass until there is a connection, and until there is more of an answer.
    """

    def __init__(self, url: str, context: Callable[[], Any], *, limit: float | None = None) -> None:
        parts = urlsplit(url)
        self.url = url
        self.scheme, self.host, self.port = parts.scheme, parts.hostname or "", parts.port
        self._context = context
        self._connect_seconds, self._read_seconds = limit or CONNECT_SECONDS, limit or READ_SECONDS
        self._lock = threading.Lock()
        self._kept: list[tuple[HTTPConnection, float]] = []
        self._opening: threading.Event | None = None
        self._failed: NotSentError | None = None

    def open(self) -> None:
        """Have one ready, if that can be: who asks meanwhile waits for it."""
        opening = self._opening = threading.Event()
        try:
            self._keep(self._connected())
        except NotSentError as error:
            self._failed = error
        finally:
            opening.set()

    def close(self) -> None:
        """Close those that are kept."""
        with self._lock:
            while self._kept:
                self._kept.pop()[0].close()

    def ask(self, headers: Mapping[str, str], body: bytes, *, sent: Callable[[], None]) -> Answer:
        """POST a request; `sent` is called while its answer is on the way. Raises NotSentError, LostError."""
        connection = self._kept_one() or self._connected()
        try:
            connection.putrequest("POST", "/", skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            sent()
            response = connection.getresponse()
            content = response.read()
        except TimeoutError as error:
            connection.close()
            raise LostError(f'Read timeout on endpoint URL: "{self.url}/"', late=True) from error
        except (OSError, HTTPException) as error:
            connection.close()
            said = f'Connection was closed before we received a valid response from endpoint URL: "{self.url}/".'
            raise LostError(said, late=False) from error
        except BaseException:  # Ctrl-C
            connection.close()
            raise
        if response.will_close:
            connection.close()
        else:
            self._keep(connection)
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, content)

    def _keep(self, connection: HTTPConnection) -> None:
        with self._lock:
            self._kept.append((connection, time.monotonic()))

    def _kept_one(self) -> HTTPConnection | None:
        opening = self._opening
        if opening is not None:
            opening.wait(_OPEN_SECONDS)
            self._opening = None
        failed, self._failed = self._failed, None
        if failed is not None and failed.late:  # to wait once more would not help
            raise failed
        with self._lock:
            while self._kept:
                connection, since = self._kept.pop()
                if time.monotonic() - since < _IDLE_SECONDS and _is_open(connection.sock):
                    return connection
                connection.close()
        return None

    def _connected(self) -> HTTPConnection:
        try:
            if self.scheme == "https":
                connection: HTTPConnection = HTTPSConnection(
                    self.host, self.port, timeout=self._connect_seconds, context=self._context()
                )
            else:
                connection = HTTPConnection(self.host, self.port, timeout=self._connect_seconds)
            connection.connect()
            connection.sock.settimeout(self._read_seconds)
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except (OSError, ValueError) as error:  # of which TLS's are; the latter of a name that is none
            said = f'Could not connect to the endpoint URL: "{self.url}/": {error}'
            raise NotSentError(said, late=isinstance(error, TimeoutError)) from error
        return connection


def _is_open(sock: socket.socket) -> bool:
    """Whether the other end has not closed it, as far as is known here: what was not read may still be there."""
    poll = select.poll()
    poll.register(sock, getattr(select, "POLLRDHUP", 0))  # hung up is told in any case
    return not poll.poll(0)


def tls(ca_file: str, ca_folder: str) -> Any:
    """A client's TLS context that trusts the authorities of a hashed folder, or else of a file. Raises OSError."""
    ssl = import_module("ssl")  # a run that meets no TLS does without
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if ca_folder:
        context.load_verify_locations(capath=ca_folder)
    else:
        context.load_verify_locations(cafile=ca_file)
    return context
