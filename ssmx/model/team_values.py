"""What a tunnel of ssmx.toml may be and lead to; what does not fit is a UsageError, which knows no line."""

from __future__ import annotations

from urllib.parse import urlsplit

from ssmx.errors import UsageError
from ssmx.model.catalog import SERVICES, service_named
from ssmx.model.endpoint import HOST, host_endpoint
from ssmx.model.forward import far_host
from ssmx.model.values import text
from ssmx.model.wording import alike

FORWARD = "forward"  # kinds of tunnels that are no service: a port of a node,
DB = "db"  # and a database of any service, with its own client
KINDS = (FORWARD, DB, *SERVICES, HOST)


def url(value: object) -> str:
    """A URL of HTTP."""
    said = text(value)
    try:
        parts = urlsplit(said)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and " " not in said
    except ValueError:
        fits = False
    if not fits:
        raise UsageError(f"{said!r} is no URL", hint="for example https://vpce-1.ssm.eu-west-1.vpce.amazonaws.com")
    return said


def kind(value: object) -> str:
    """A kind of tunnel."""
    said = text(value)
    if said in KINDS:
        return said
    close = alike(said, (FORWARD, DB), most=1)
    if close:
        raise UsageError(f"no kind {said!r}; did you mean {close[0]!r}?", hint=f"known are {', '.join(KINDS)}")
    try:
        return service_named(said, host=True).name
    except UsageError as error:
        raise UsageError(error.message, hint=f"known are {', '.join(KINDS)}") from None


def host(value: object) -> str:
    """HOST:PORT that a session can lead to."""
    said = text(value)
    far_host(host_endpoint(said).host)
    return said


def database(value: object) -> str:
    """NAME, or SERVICE/NAME."""
    said = text(value)
    service, slash, name = said.partition("/")
    if slash:
        service_named(service)
        if not name:
            raise UsageError(f"{said!r} names no database", hint="NAME, or SERVICE/NAME")
    return said
