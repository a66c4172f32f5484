"""A started session, and how it ended."""

from __future__ import annotations

import re
from dataclasses import field
from datetime import datetime
from urllib.parse import urlsplit

from ssmx.light import dataclass
from ssmx.model.partitions import DOMAINS, is_aws

# With or without FIPS, public or through an interface endpoint.
_DATA_CHANNEL = (
    rf"(?:[a-z0-9-]+\.)*ssmmessages(?:-fips)?\.[a-z0-9-]+\.(?:vpce\.)?(?:{'|'.join(map(re.escape, DOMAINS))})"
)


def is_aws_endpoint(url: str) -> bool:
    """Whether an API's URL leads to AWS itself, and not to a sandbox or a test."""
    return is_aws(urlsplit(url).hostname or "")


def is_ssm_endpoint(url: str) -> bool:
    """Whether an API's URL can be Systems Manager's: it leads there, or not to AWS at all."""
    labels = (urlsplit(url).hostname or "").split(".")
    return not is_aws_endpoint(url) or "ssm" in labels or "ssm-fips" in labels


@dataclass(frozen=True, slots=True)
class Session:
    """What StartSession answered. The token opens the data channel: it is never shown, logged or stored."""

    id: str
    stream_url: str
    token: str = field(repr=False)

    @property
    def is_aws(self) -> bool:
        """Whether the data channel leads to AWS itself; session-manager-plugin >= 1.2.889.0 takes no other."""
        try:
            parts = urlsplit(self.stream_url)
            return (
                parts.scheme == "wss" and not parts.port and bool(re.fullmatch(_DATA_CHANNEL, parts.hostname or ""))
            )
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a session ended well. `status` is the exit status of ssmx; bytes are those of the terminal."""

    status: int
    cause: str
    bytes_sent: int = 0
    bytes_received: int = 0


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session of the user's as the service or our journal knows it."""

    id: str
    target: str
    region: str
    account: str
    started: datetime | None
    status: str
    """What the service says: Connected, Connecting, Disconnected…; `left over` where its ssmx is gone."""
    document: str = ""
    reason: str = ""
    name: str = ""
    profile: str = ""
    """The profile it was opened with, where our journal knows it."""
    pid: int = 0
    """The ssmx on this machine that holds it; 0 where none does."""
