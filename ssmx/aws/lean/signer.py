"""AWS Signature Version 4 of what ssmx sends itself, byte for byte as botocore signs it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote

_ALGORITHM = "AWS4-HMAC-SHA256"
_UNRESERVED = "-_.~"


def authorization(
    method: str,
    path: str,
    headers: Mapping[str, str],
    *,
    access_key: str,
    secret_key: str,
    region: str,
    service: str,
    query: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> str:
    """The Authorization header of a request, which has all of its `headers`: Host and X-Amz-Date among them.

    `path` and `query` are as the request means them, not escaped. Holds a signature: never log the result.
    """
    lowered = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    signed = ";".join(sorted(lowered))
    stamp = lowered["x-amz-date"]
    pairs = sorted(
        (quote(key, safe=_UNRESERVED), quote(value, safe=_UNRESERVED)) for key, value in (query or {}).items()
    )
    canonical = "\n".join(
        (
            method,
            quote(_without_dots(path), safe="/~"),
            "&".join(f"{key}={value}" for key, value in pairs),
            *(f"{name}:{lowered[name]}" for name in sorted(lowered)),
            "",
            signed,
            hashlib.sha256(body).hexdigest(),
        )
    )
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    text = "\n".join((_ALGORITHM, stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    key = f"AWS4{secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    return f"{_ALGORITHM} Credential={access_key}/{scope}, SignedHeaders={signed}, Signature={signature}"


def host_of(scheme: str, host: str, port: int | None) -> str:
    """The Host header: the port is left out where it is the scheme's own."""
    named = f"[{host}]" if ":" in host else host
    return named if port is None or port == {"http": 80, "https": 443}.get(scheme) else f"{named}:{port}"


def _without_dots(path: str) -> str:
    """The path without `.`, `..` and empty parts, as botocore signs it."""
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del kept[-1:]
        elif part not in ("", "."):
            kept.append(part)
    first = "/" if path.startswith("/") else ""
    last = "/" if path.endswith("/") and kept else ""
    return first + "/".join(kept) + last if path else "/"
