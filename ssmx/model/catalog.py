"""The AWS services ssmx can tunnel to: one row each says how to list its endpoints; and which one is meant."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from ssmx.errors import UsageError
from ssmx.model.target import is_pattern

_SUGGESTIONS = 3


class Role(StrEnum):
    """What an endpoint is among those of its name."""

    INSTANCE = "instance"
    WRITER = "writer"
    READER = "reader"
    CUSTOM = "custom"


class Family(StrEnum):
    """Which clients an endpoint understands."""

    POSTGRES = "postgres"
    MYSQL = "mysql"
    OTHER = "other"


# By the engine's name, as RDS spells it.
_FAMILIES: Mapping[str, Family] = {
    "postgres": Family.POSTGRES,
    "aurora-postgresql": Family.POSTGRES,
    "mysql": Family.MYSQL,
    "mariadb": Family.MYSQL,
    "aurora": Family.MYSQL,
    "aurora-mysql": Family.MYSQL,
}


@dataclass(frozen=True, slots=True)
class Listing:
    """One call that lists endpoints.

    `endpoints` is a JMESPath over its answer: a list of objects with the fields of Endpoint that it tells, and
    lists of hosts in `readers` and `customs`. `narrowed` is the name of the filter that asks for one name only.
    `subnet_groups`: `vpc` is the name of a subnet group, of which another call tells the VPC.
    """

    client: str
    operation: str
    endpoints: str
    narrowed: str = ""
    subnet_groups: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the catalog: what the user calls it, what it is, and how its endpoints are listed."""

    name: str
    about: str
    listings: tuple[Listing, ...]


# DocumentDB and Neptune answer the same calls, and are services of their own.
_RDS = "!(Engine=='docdb' || Engine=='neptune')"

SERVICES: Mapping[str, Service] = {
    each.name: each
    for each in (
        Service(
            "rds",
            "RDS instances and Aurora clusters",
            (
                Listing(
                    "rds",
                    "DescribeDBInstances",
                    f"DBInstances[?{_RDS}].{{name: DBInstanceIdentifier,"
                    " host: Endpoint.Address, port: Endpoint.Port, vpc: DBSubnetGroup.VpcId,"
                    " zone: AvailabilityZone, engine: Engine, user: MasterUsername, database: DBName,"
                    " iam: IAMDatabaseAuthenticationEnabled, status: DBInstanceStatus, arn: DBInstanceArn,"
                    " groups: VpcSecurityGroups[].VpcSecurityGroupId}",
                    narrowed="db-instance-id",
                ),
                Listing(
                    "rds",
                    "DescribeDBClusters",
                    f"DBClusters[?{_RDS}].{{name: DBClusterIdentifier, host: Endpoint, port: Port,"
                    " vpc: DBSubnetGroup, engine: Engine, user: MasterUsername, database: DatabaseName,"
                    " iam: IAMDatabaseAuthenticationEnabled, status: Status, arn: DBClusterArn,"
                    " readers: [ReaderEndpoint],"
                    " customs: CustomEndpoints, groups: VpcSecurityGroups[].VpcSecurityGroupId}",
                    narrowed="db-cluster-id",
                    subnet_groups=True,
                ),
            ),
        ),
    )
}

HOST = "host"  # in the place of a service: any host and port that a node reaches


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A place inside the network: `host` and `port` as a node there reaches it."""

    service: str
    name: str
    host: str
    port: int
    role: Role = Role.INSTANCE
    vpc: str = ""
    zone: str = ""
    engine: str = ""
    user: str = ""
    """The master user of a database."""
    database: str = ""
    """The database that was made with it; empty where none was."""
    iam: bool = False
    """Whether users may sign in with a token of IAM."""
    status: str = ""
    groups: tuple[str, ...] = ()
    """Its security groups."""
    region: str = ""
    account: str = ""

    @property
    def family(self) -> Family:
        """Which clients it understands."""
        return _FAMILIES.get(self.engine, Family.OTHER)

    @property
    def label(self) -> str:
        """How the user recognises it: `rds/payments-prod`, `rds/orders (reader)`."""
        plain = self.role in (Role.INSTANCE, Role.WRITER)
        called = f"{self.service}/{self.name}" if self.service != HOST else f"{self.host}:{self.port}"
        return called if plain else f"{called} ({self.custom or self.role})"

    @property
    def custom(self) -> str:
        """The name of a custom endpoint, empty for any other."""
        return self.host.split(".")[0] if self.role is Role.CUSTOM else ""

    @property
    def address(self) -> str:
        """`host:port`; empty where it has none yet."""
        if not self.host:
            return ""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def service_named(text: str) -> Service:
    """The service of that name. Raises UsageError."""
    if text in SERVICES:
        return SERVICES[text]
    known = [*SERVICES, HOST]
    near = difflib.get_close_matches(text, known, n=1)
    said = f"; did you mean {near[0]!r}?" if near else ""
    raise UsageError(f"no service {text!r}{said}", hint=f"known are {', '.join(known)}")


def host_endpoint(text: str) -> Endpoint:
    """HOST:PORT as an endpoint of which nothing else is known. Raises UsageError."""
    host, colon, number = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (colon and host and number.isdecimal() and 0 < int(number) < 65536):
        raise UsageError(f"{text!r} is not HOST:PORT", hint="for example 10.0.8.15:5432 or ldap.corp.internal:636")
    return Endpoint(HOST, host, host, int(number))


def fitting(endpoints: Sequence[Endpoint], name: str, *, reader: bool = False, custom: str = "") -> list[Endpoint]:
    """Those that `name` means: a name, a pattern, or a host name; of a cluster the one that is asked for.

    A name that has no such endpoint gives nothing.
    """
    wanted = name.lower().rstrip(".")
    named = [
        each
        for each in endpoints
        if each.host.lower() == wanted
        or (fnmatchcase(each.name.lower(), wanted) if is_pattern(wanted) else each.name.lower() == wanted)
    ]
    if any(each.host.lower() == wanted for each in named):
        exact = [each for each in named if each.host.lower() == wanted]
        return exact if not (reader or custom) else of_role(exact, endpoints, reader=reader, custom=custom)
    return of_role(named, named, reader=reader, custom=custom)


def of_role(named: Sequence[Endpoint], among: Sequence[Endpoint], *, reader: bool, custom: str) -> list[Endpoint]:
    """Of the names in `named`, the endpoints of `among` that are asked for: mostly instances and writers."""
    names = {each.name for each in named}
    candidates = [each for each in among if each.name in names]
    if custom:
        return [each for each in candidates if each.role is Role.CUSTOM and custom in (each.custom, each.host)]
    if reader:
        return [each for each in candidates if each.role is Role.READER]
    return [each for each in candidates if each.role in (Role.INSTANCE, Role.WRITER)]


def near(endpoints: Sequence[Endpoint], name: str) -> list[str]:
    """Names like `name`, nearest first."""
    spelled = {each.name.casefold(): each.name for each in endpoints}
    close = difflib.get_close_matches(name.casefold(), spelled, n=_SUGGESTIONS)
    close += sorted(each for each in spelled if name.casefold() in each and each not in close)
    return [spelled[each] for each in close[:_SUGGESTIONS]]
