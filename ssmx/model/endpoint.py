"""A place inside the network that a tunnel leads to, and which of several a name means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

from ssmx.errors import UsageError
from ssmx.light import dataclass
from ssmx.model.target import is_pattern
from ssmx.model.wording import alike, host_port

HOST = "host"  # in the place of a service: any host and port that a node reaches

_SUGGESTIONS = 3
_TOLD = ("vpc", "zone", "user", "database", "status", "authority", "clustered", "dual", "public", "iam")


class Role(StrEnum):
    """What an endpoint is among those of its name."""

    INSTANCE = "instance"
    WRITER = "writer"
    READER = "reader"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A place inside the network: `host` and `port` as a node there reaches it; an empty `host` has none yet."""

    service: str
    name: str
    host: str
    port: int
    role: Role = Role.INSTANCE
    part: str = ""
    """What it is called among several of its name: a custom endpoint, a listener's port, a broker."""
    vpc: str = ""
    subnets: tuple[str, ...] = ()
    zone: str = ""
    engine: str = ""
    user: str = ""
    """The master user of a database."""
    database: str = ""
    """The database that was made with it; empty where none was."""
    iam: bool = False
    """Whether users may sign in with a token of IAM."""
    tls: bool = True
    clustered: bool = False
    """Whether the data is on several nodes, which send clients on to one another."""
    dual: bool = False
    """Whether it has an IPv6 address."""
    public: bool = False
    """Whether it is reached over the internet alone."""
    authority: str = field(default="", repr=False)
    """The certificate of its own authority, PEM in base64."""
    status: str = ""
    groups: tuple[str, ...] = ()
    """Its security groups."""
    region: str = ""
    account: str = ""

    @property
    def label(self) -> str:
        """How the user recognises it: `rds/payments-prod`, `rds/orders (reader)`, `alb/internal-api (443)`."""
        called = f"{self.service}/{self.name}" if self.service != HOST else self.address
        said = self.part or ("" if self.is_main else self.role.value)
        return f"{called} ({said})" if said else called

    @property
    def short(self) -> str:
        """What ends a tunnel to it: `payments-prod`, `orders-reader`, `ldap.corp.internal:636`."""
        name = self.name if self.service != HOST else self.address
        said = self.part or ("" if self.is_main else self.role.value)
        return f"{name}-{said}" if said else name

    @property
    def is_main(self) -> bool:
        """Whether it is the one that its name alone means."""
        return self.role in (Role.INSTANCE, Role.WRITER)

    @property
    def address(self) -> str:
        """`host:port`; empty where it has none yet."""
        if not self.host:
            return ""
        return host_port(self.host, self.port)


def from_row(service: str, row: Mapping[str, Any], *, region: str) -> list[Endpoint]:
    """The endpoints that a row of an answer tells of; one without a host where it has none yet.

    A row has the fields of Endpoint, or in place of `host` and `port` an `address`: URLs or `host:port`, with
    commas between them. `each` is a list of what differs from one endpoint to the next. Parts of the same name are
    numbered; what has an address and no part is called by the URL's scheme.
    """
    rows = [{**row, **one} for one in row["each"] if one] if "each" in row else [row]
    placed = _numbered([place for one in rows for place in _placed(one)])
    if not placed:
        placed = [{**row, "host": "", "port": 0}]
    sole = len(placed) == 1
    return [_endpoint(service, each, region=region, sole=sole) for each in placed]


def _placed(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    addresses = [each for each in str(row.get("address") or "").split(",") if each]
    if not addresses and row.get("host"):
        yield dict(row)
    for address in addresses:
        url = urlsplit(address if "//" in address else f"//{address}")
        yield {
            **row,
            "host": url.hostname or "",
            "port": url.port or (443 if url.scheme == "https" else int(row.get("port") or 0)),
            "part": row.get("part") or url.scheme,
        }


def _numbered(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows, in which no two parts have the same name: `tls` of two brokers is `tls-1` and `tls-2`."""
    parts = [row.get("part") for row in rows]
    return [
        {**row, "part": f"{row['part']}-{parts[:at].count(row['part']) + 1}"}
        if row.get("part") and parts.count(row["part"]) > 1
        else row
        for at, row in enumerate(rows)
    ]


def _endpoint(service: str, row: Mapping[str, Any], *, region: str, sole: bool) -> Endpoint:
    role = Role(row.get("role") or (Role.CUSTOM if row.get("part") else Role.INSTANCE))
    part = str(row.get("part") or "")
    if sole and role is Role.CUSTOM:
        role = Role.INSTANCE
    if role in (Role.INSTANCE, Role.WRITER):
        part = ""
    if role is Role.CUSTOM and not part:
        part = str(row["host"]).split(".")[0]
    account = str(row.get("arn") or "").split(":")[4:5]
    return Endpoint(
        service=service,
        name=str(row["name"]),
        host=str(row.get("host") or ""),
        port=int(row.get("port") or 0),
        role=role,
        part=part,
        subnets=tuple(each for each in row.get("subnets") or () if each),
        groups=tuple(each for each in row.get("groups") or () if each),
        tls=row.get("tls") is not False,
        region=region,
        account=account[0] if account else "",
        engine=str(row.get("engine") or "").lower(),
        **{key: row[key] for key in _TOLD if row.get(key)},
    )


def host_endpoint(text: str) -> Endpoint:
    """HOST:PORT as an endpoint of which nothing else is known. Raises UsageError."""
    host, colon, number = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    bare = ":" in host and not text.startswith("[")
    if not (colon and host and number.isdecimal() and 0 < int(number) < 65536) or bare:
        raise UsageError(f"{text!r} is not HOST:PORT", hint="for example 10.0.8.15:5432 or ldap.corp.internal:636")
    return Endpoint(HOST, host, host, int(number))


def fitting(endpoints: Sequence[Endpoint], name: str, *, reader: bool = False, part: str = "") -> list[Endpoint]:
    """Those that `name` means: a name, a pattern, or a host name; of several of one name those that are asked for.

    A name that has no such endpoint gives nothing.
    """
    wanted = name.lower().rstrip(".")
    exact = [each for each in endpoints if each.host and each.host.lower() == wanted]
    if exact:
        return _asked(exact, endpoints if reader or part else exact, reader=reader, part=part)
    named = [
        each
        for each in endpoints
        if (fnmatchcase(each.name.lower(), wanted) if is_pattern(wanted) else each.name.lower() == wanted)
    ]
    return _asked(named, named, reader=reader, part=part)


def _asked(named: Sequence[Endpoint], among: Sequence[Endpoint], *, reader: bool, part: str) -> list[Endpoint]:
    """Of the names in `named`, the endpoints of `among` that are asked for: mostly instances and writers."""
    names = {(each.service, each.name) for each in named}
    candidates = [each for each in among if (each.service, each.name) in names]
    if part:
        return [each for each in candidates if part in (each.part, each.host)]
    if reader:
        return [each for each in candidates if each.role is Role.READER]
    mains = {(each.service, each.name) for each in candidates if each.is_main}
    # Where none is the main one, as of the brokers of a cluster, the user has to say which.
    return [each for each in candidates if each.is_main or (each.service, each.name) not in mains]


def near(endpoints: Sequence[Endpoint], name: str) -> list[str]:
    """Names like `name`, nearest first."""
    spelled = {each.name.casefold(): each.name for each in endpoints}
    close = alike(name.casefold(), spelled, most=_SUGGESTIONS)
    close += sorted(each for each in spelled if name.casefold() in each and each not in close)
    return [spelled[each] for each in close[:_SUGGESTIONS]]
