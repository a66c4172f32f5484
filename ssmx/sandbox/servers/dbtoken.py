"""Verify an RDS IAM token: a presigned `connect` request for one endpoint, which a client gives as its password.

RDS says nothing of why it refuses; neither does this. What a token is: botocore's generate_db_auth_token.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from ssmx.sandbox.signature import ALGORITHM, BadSignature, Credential, verify_presigned

_SERVICE = "rds-db"
_LIFE = "900"  # seconds
_FIELDS = {
    *("Action", "DBUser", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires"),
    *("X-Amz-SignedHeaders", "X-Amz-Signature"),
}


@dataclass(frozen=True, slots=True)
class Door:
    """What a token has to be for."""

    host: str
    port: int
    user: str
    region: str


def opens(token: str, door: Door, *, find: Callable[[str], Credential | None], now: float) -> bool:
    """Whether this token lets its user in there. `now` is seconds since the epoch."""
    where, mark, query = token.partition("/?")
    if not mark or where != f"{door.host}:{door.port}":
        return False
    pairs = parse_qsl(query, keep_blank_values=True)
    fields = dict(pairs)
    if len(fields) != len(pairs) or set(fields) - {"X-Amz-Security-Token"} != _FIELDS:
        return False
    wanted = {
        "Action": "connect",
        "DBUser": door.user,
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Expires": _LIFE,
        "X-Amz-SignedHeaders": "host",
    }
    if any(fields[name] != value for name, value in wanted.items()):
        return False
    try:
        caller = verify_presigned(where, query, life=float(_LIFE), find=find, now=now)
    except BadSignature:
        return False
    return (caller.service, caller.region) == (_SERVICE, door.region)
