"""Ask an endpoint through a tunnel whether it lives, with words that harm nobody."""

from __future__ import annotations

import socket
import ssl
import time
from base64 import b64decode

from ssmx.app import App
from ssmx.light import dataclass
from ssmx.model.catalog import SERVICES, trust_of
from ssmx.model.dialect import dialect
from ssmx.model.endpoint import Endpoint
from ssmx.model.listing import Trust
from ssmx.tunnel.support import Place

_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Tried:
    """Whether the endpoint answered, how that went, in words, and how long it took."""

    answered: bool
    said: str
    seconds: float


def probe(app: App, place: Place, endpoint: Endpoint) -> Tried:
    """Connect to `place`, which leads to the endpoint, and wait for a sign of life, 10 seconds at most."""
    start = time.monotonic()

    def after() -> float:
        return time.monotonic() - start

    try:
        with socket.create_connection((place.host, place.port), timeout=_SECONDS) as connection:
            said = _answer(app, connection, endpoint)
    except TimeoutError:
        return Tried(False, f"no answer in {_SECONDS:.0f} seconds: something on the way drops it", after())
    except (ConnectionError, EOFError):
        return Tried(False, "the node cannot connect, or the endpoint closed the connection at once", after())
    except ssl.SSLCertVerificationError as error:
        return Tried(True, f"it answered; its certificate is not verified: {error.verify_message}", after())
    except (ssl.SSLError, OSError) as error:
        return Tried(False, f"it did not answer as expected: {error}", after())
    return Tried(True, f"{said}, after {after() * 1000:.0f} ms", after())


def _answer(app: App, connection: socket.socket, endpoint: Endpoint) -> str:
    """What came back. Raises OSError, EOFError."""
    speaks = dialect(endpoint)
    if endpoint.tls and speaks.tls_first and endpoint.service in SERVICES:
        with _context(app, endpoint).wrap_socket(connection, server_hostname=endpoint.host) as secured:
            return f"it answered with {secured.version()} and a certificate for {endpoint.host}"
    if speaks.probe is None:
        connection.settimeout(1.0)
        try:
            if not connection.recv(1):
                raise EOFError("closed at once")
        except TimeoutError:
            return "it is connected; nothing that harms nobody is known to say to it"
        return "it answered"
    connection.sendall(speaks.probe.says)
    answer = connection.recv(64)
    if not answer:
        raise EOFError("closed without a word")
    if answer.startswith(speaks.probe.answers):
        return f"it answered as {endpoint.engine}"
    return f"something answered, and not as {endpoint.engine}: {answer[:16]!r}"


def _context(app: App, endpoint: Endpoint) -> ssl.SSLContext:
    trust = trust_of(endpoint)
    if trust is Trust.OWN and endpoint.authority:
        return ssl.create_default_context(cadata=b64decode(endpoint.authority).decode("ascii"))
    return ssl.create_default_context(cafile=app.ca_bundle(trust, needed=True))
