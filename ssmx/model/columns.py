"""The columns in which nodes are listed, and a node as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ssmx.light import dataclass
from ssmx.model.target import Target


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, and its text for a node at the time `now`."""

    heading: str
    text: Callable[[Target, datetime], str]


COLUMNS: Mapping[str, Column] = {
    "name": Column("NAME", lambda target, _: target.name),
    "id": Column("ID", lambda target, _: target.id),
    "ip": Column("PRIVATE IP", lambda target, _: target.private_ip),
    "zone": Column("ZONE", lambda target, _: target.zone),
    "age": Column("AGE", lambda target, now: age(target.launched, now)),
    "state": Column("EC2", lambda target, _: target.state or "hybrid"),
    "ssm": Column("SSM", lambda target, _: target.ping or "-"),
    "agent": Column("AGENT", lambda target, _: target.agent_version),
    "ping": Column("LAST PING", lambda target, now: age(target.last_ping, now)),
    "platform": Column("PLATFORM", lambda target, _: target.platform),
    "type": Column("TYPE", lambda target, _: target.type),
    "vpc": Column("VPC", lambda target, _: target.vpc),
    "dns": Column("PRIVATE DNS", lambda target, _: target.private_dns),
    "account": Column("ACCOUNT", lambda target, _: target.account),
    "region": Column("REGION", lambda target, _: target.region),
}

# What the picker shows, and `ssmx ls` unless --columns says otherwise.
USUAL = ("name", "id", "ip", "zone", "age", "state", "ssm")


def column(name: str) -> Column:
    """The column of that name; `tag:KEY` is the value of a tag. Raises KeyError."""
    if name.startswith("tag:"):
        key = name[4:]
        return Column(key.upper(), lambda target, _: target.tags.get(key, ""))
    return COLUMNS[name]


def age(since: datetime | None, now: datetime) -> str:
    """How long ago, in the largest fitting unit: `45s`, `12m`, `3h`, `17d`; empty where unknown."""
    if since is None:
        return ""
    seconds = max(0, int((now - since).total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= 2 * size or (unit != "m" and seconds >= size):
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def as_json(target: Target) -> dict[str, Any]:
    """The node as JSON shows it; times are ISO 8601."""
    return {
        "id": target.id,
        "name": target.name,
        "account": target.account,
        "region": target.region,
        "state": target.state or "hybrid",
        "ssm": target.ping or None,
        "online": target.online,
        "last_ping": target.last_ping.isoformat() if target.last_ping else None,
        "agent_version": target.agent_version,
        "platform": target.platform,
        "private_ip": target.private_ip,
        "private_dns": target.private_dns,
        "public_dns": target.public_dns,
        "vpc": target.vpc,
        "zone": target.zone,
        "type": target.type,
        "launched": target.launched.isoformat() if target.launched else None,
        "tags": dict(target.tags),
    }
