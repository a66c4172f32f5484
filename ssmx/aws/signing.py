"""Sign the websocket upgrade of a data channel, as session-manager-plugin does since 1.2.764.0."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials, ReadOnlyCredentials

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


def upgrade_headers(
    url: str, credentials: ReadOnlyCredentials, region: str, *, now: datetime | None = None
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
    request = AWSRequest("GET", urlunsplit((scheme, parts.netloc, parts.path, "", "")), params=query)
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    request.context["timestamp"] = stamp
    request.headers["X-Amz-Date"] = stamp
    if credentials.token:
        request.headers["X-Amz-Security-Token"] = credentials.token
    keys = Credentials(credentials.access_key or "", credentials.secret_key or "", credentials.token)
    signer = SigV4Auth(keys, _SERVICE, region)
    canonical = signer.canonical_request(request)
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    signed = signer.signed_headers(signer.headers_to_sign(request))
    scope = signer.scope(request)
    authorization = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={signed}, Signature={signature}"
    return {**{key: str(value) for key, value in request.headers.items()}, "Authorization": authorization}
