"""Verify the AWS Signature Version 4 of a request, in full: nothing in the sandbox answers without it.

The algorithm is the one of the AWS General Reference ("Signature Version 4 signing process"); the vectors of the
Go signer and requests signed by botocore are checked in tests/sandbox/test_signature.py.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from urllib.parse import parse_qsl, quote

ALGORITHM = "AWS4-HMAC-SHA256"
MAX_SKEW = 15 * 60.0  # seconds either way, as AWS
_HEADER = re.compile(
    ALGORITHM + r" +Credential=(?P<credential>[^,\s]+), *SignedHeaders=(?P<headers>[^,\s]+), *"
    r"Signature=(?P<signature>[0-9a-f]{64})"
)


class Fault(Enum):
    """Why a signature is not accepted."""

    MISSING = "the request is not signed"
    UNKNOWN_KEY = "nobody has this access key or session token"
    MISMATCH = "the signature is not that of this request and this key"
    EXPIRED = "the request was signed too long ago, or in the future"


class BadSignature(Exception):
    """The request does not prove who sent it."""

    def __init__(self, fault: Fault, *, service: str = "") -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.service = service  # what the caller claimed, to answer in its protocol


@dataclass(frozen=True, slots=True)
class Credential:
    """What a known access key signs with."""

    secret: str = field(repr=False)
    session_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signed, and for what."""

    access_key: str = field(repr=False)
    region: str
    service: str


@dataclass(frozen=True, slots=True)
class Request:
    """The parts of an HTTP request that a signature covers.

    `path` and `query` are as they were sent. `decoded_query`: the Go SDK signs the websocket upgrade over the
    decoded query, in which a raw `+` is a space (data channel only; the session-manager-plugin since 1.2.764.0).
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes = b""
    decoded_query: bool = False


def verify(request: Request, *, find: Callable[[str], Credential | None], now: float) -> Caller:
    """Who sent the request. `now` is seconds since the epoch. Raises BadSignature."""
    parsed = _HEADER.fullmatch(request.headers.get("authorization", "").strip())
    if parsed is None:
        raise BadSignature(Fault.MISSING)
    scope = parsed["credential"].rsplit("/", 4)
    if len(scope) != 5 or scope[4] != "aws4_request":
        raise BadSignature(Fault.MISSING)
    access_key, day, region, service, _ = scope
    signed = parsed["headers"].split(";")
    token = request.headers.get("x-amz-security-token", "")
    if "host" not in signed or "x-amz-date" not in signed or (token and "x-amz-security-token" not in signed):
        raise BadSignature(Fault.MISMATCH, service=service)
    stamp = request.headers.get("x-amz-date", "")
    if abs(_seconds(stamp, service) - now) > MAX_SKEW or stamp[:8] != day:
        raise BadSignature(Fault.EXPIRED, service=service)
    credential = find(access_key)
    if credential is None or not _same(credential.session_token, token):
        raise BadSignature(Fault.UNKNOWN_KEY, service=service)
    canonical = _canonical(request, signed, service)
    if not _same(_signature(credential, stamp, scope, canonical), parsed["signature"]):
        raise BadSignature(Fault.MISMATCH, service=service)
    return Caller(access_key, region, service)


def verify_presigned(
    host: str,
    query: str,
    *,
    life: float,
    find: Callable[[str], Credential | None],
    now: float,
    also: Mapping[str, str] | None = None,
) -> Caller:
    """Who signed a GET of "/" at `host` in its query, to be used for `life` seconds; raises BadSignature.

    The caller has checked that the host and the headers of `also` are signed and no others, and what the other
    parameters say.
    """
    pairs = dict(parse_qsl(query, keep_blank_values=True))
    scope = pairs.get("X-Amz-Credential", "").rsplit("/", 4)
    if len(scope) != 5 or scope[4] != "aws4_request":
        raise BadSignature(Fault.MISSING)
    access_key, day, region, service, _ = scope
    stamp = pairs.get("X-Amz-Date", "")
    age = now - _seconds(stamp, service)
    if not -MAX_SKEW <= age <= life or stamp[:8] != day:
        raise BadSignature(Fault.EXPIRED, service=service)
    credential = find(access_key)
    if credential is None or not _same(credential.session_token, pairs.get("X-Amz-Security-Token", "")):
        raise BadSignature(Fault.UNKNOWN_KEY, service=service)
    given = pairs.pop("X-Amz-Signature", "")
    signed = _encoded(pairs.items())
    headers = sorted({"host": host, **(also or {})}.items())
    lines = "".join(f"{name}:{value}\n" for name, value in headers)
    names = ";".join(name for name, _ in headers)
    canonical = "\n".join(["GET", "/", signed, lines, names, hashlib.sha256(b"").hexdigest()])
    if not _same(_signature(credential, stamp, scope, canonical), given):
        raise BadSignature(Fault.MISMATCH, service=service)
    return Caller(access_key, region, service)


def _seconds(stamp: str, service: str) -> float:
    try:
        return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise BadSignature(Fault.MISMATCH, service=service) from None


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _signature(credential: Credential, stamp: str, scope: list[str], canonical: str) -> str:
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join([ALGORITHM, stamp, "/".join(scope[1:]), hashed])
    key = b"AWS4" + credential.secret.encode()
    for part in [*scope[1:], text]:
        key = hmac.digest(key, part.encode(), "sha256")
    return key.hex()


def _canonical(request: Request, signed: list[str], service: str) -> str:
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in signed)
    return "\n".join(
        [
            request.method,
            _path(request.path, service),
            _decoded_query(request.query) if request.decoded_query else _raw_query(request.query),
            headers,
            ";".join(signed),
            _payload_hash(request, service),
        ]
    )


def _path(path: str, service: str) -> str:
    if service == "s3":  # the one service whose path is signed as it stands
        return path or "/"
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    tail = "/" if parts and path.endswith("/") else ""
    return quote("/" + "/".join(parts) + tail, safe="/~")


def _raw_query(query: str) -> str:
    pairs = [part.partition("=")[::2] for part in query.split("&")] if query else []
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _decoded_query(query: str) -> str:
    return _encoded(parse_qsl(query, keep_blank_values=True))


def _encoded(pairs: Iterable[tuple[str, str]]) -> str:
    quoted = [(quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in pairs]
    return "&".join(f"{name}={value}" for name, value in sorted(quoted))


def _payload_hash(request: Request, service: str) -> str:
    stated = request.headers.get("x-amz-content-sha256", "")
    if service == "s3" and stated in ("UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"):
        return stated  # only S3 lets a client leave the body out
    return hashlib.sha256(request.body).hexdigest()
