"""Sign the websocket upgrade of a data channel, as session-manager-plugin does since 1.2.764.0."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import parse_qsl, urlsplit

from ssmx.aws.lean import signer

_SERVICE = "ssmmessages"
_PRESIGNED = {
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-signedheaders",
    "x-amz-signature",
    "x-amz-security-token",
}


class Credentials(Protocol):
    """Keys as botocore names them."""

    @property
    def access_key(self) -> str | None:
        """The id of the key."""

    @property
    def secret_key(self) -> str | None:
        """Never shown or stored."""

    @property
    def token(self) -> str | None:
        """That of a session, if it is one's."""


def upgrade_headers(
    url: str, credentials: Credentials, region: str, *, now: datetime | None = None
) -> dict[str, str]:
    """The headers to send with the GET of `url` (ws: or wss:); none where the URL is signed already.

    The canonical query is made of the *decoded* query, in which a raw `+` is a space, while the URL requested
    stays as it came: so the plugin's Go signer does it. Holds a security token: never log the result.
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    if any(key.lower() in _PRESIGNED for key in query):
        return {}
    scheme = "https" if parts.scheme == "wss" else "http"
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    headers = {"X-Amz-Date": stamp}
    if credentials.token:
        headers["X-Amz-Security-Token"] = credentials.token
    signed = signer.authorization(
        "GET",
        parts.path,
        {"Host": signer.host_of(scheme, parts.hostname or "", parts.port), **headers},
        access_key=credentials.access_key or "",
        secret_key=credentials.secret_key or "",
        region=region,
        service=_SERVICE,
        query=query,
    )
    return {**headers, "Authorization": signed}
