"""The account's RDS databases: who is there, where each is reached, and how its users prove who they are.

moto has the instances and clusters, but no custom endpoints: those are kept here.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.ec2.models import ec2_backends
from moto.rds.models import rds_backends

from ssmx.sandbox.roster import ACCOUNT, REGION

POSTGRES_PORT = 5432
MASTER = "postgres"
_PAYMENTS = [{"Key": "Team", "Value": "payments"}, {"Key": "Env", "Value": "prod"}]
_LOGISTICS = [{"Key": "Team", "Value": "logistics"}, {"Key": "Env", "Value": "prod"}]
_STOREFRONT = [{"Key": "Team", "Value": "storefront"}, {"Key": "Env", "Value": "prod"}]
# name: its cluster, what it reaches, which members
_CUSTOM = {"analytics": ("orders", "READER", ["orders-2"])}


@dataclass(frozen=True, slots=True)
class Login:
    """Who may log in at an endpoint at this moment: `iam` is whether tokens are taken."""

    master: str
    password: str = field(repr=False)
    iam: bool


def suffix(account: str, region: str) -> str:
    """The twelve characters that all RDS host names of an account in a region have in common."""
    return "c" + hashlib.sha256(f"{account}/{region}".encode()).hexdigest()[:11]


def seed(*, subnets: list[str], group: str, mysql_group: str) -> None:
    """Create the databases in these subnets, reached as these security groups let."""
    rds, ec2 = rds_backends[ACCOUNT][REGION], ec2_backends[ACCOUNT][REGION]
    rds.create_subnet_group("prod", "private subnets of prod", [ec2.get_subnet(each) for each in subnets], [])
    rds.create_db_instance(
        {
            **_instance("payments-prod", engine="postgres", version="16.4", tags=_PAYMENTS),
            **_master(MASTER, database="payments", group=group, port=POSTGRES_PORT),
            "allocated_storage": 100,
        }
    )
    rds.create_db_instance(
        {
            **_instance("catalog-prod", engine="mysql", version="8.0.39", tags=_STOREFRONT),
            **_master("admin", database="catalog", group=mysql_group, port=3306),
            "allocated_storage": 50,
            "enable_iam_database_authentication": False,
        }
    )
    cluster = rds.create_db_cluster(
        {
            **_master(MASTER, database="orders", group=group, port=POSTGRES_PORT),
            "db_cluster_identifier": "orders",
            "engine": "aurora-postgresql",
            "engine_version": "16.4",
            "database_name": "orders",
            "db_subnet_group_name": "prod",
            "tags": _LOGISTICS,
        }
    )
    cluster.status = "available"  # moto's is "creating" until somebody has looked
    for name in ("orders-1", "orders-2"):
        made = _instance(name, engine="aurora-postgresql", version="16.4", tags=_LOGISTICS)
        rds.create_db_instance({**made, "db_cluster_identifier": "orders", "port": POSTGRES_PORT})


def postgres_hosts() -> list[str]:
    """The names of all endpoints with a PostgreSQL behind them."""
    rds = rds_backends[ACCOUNT][REGION]
    hosts = [each.address for each in rds.databases.values() if _is_postgres(each)]
    for cluster in filter(_is_postgres, rds.clusters.values()):
        hosts += [endpoint["Endpoint"] for endpoint in endpoints(cluster)]
    return hosts


def _is_postgres(resource: Any) -> bool:
    return "postgres" in str(resource.engine)


def login(host: str) -> Login | None:
    """How one logs in at the endpoint of this name; None where there is none any more."""
    rds = rds_backends[ACCOUNT][REGION]
    for instance in list(rds.databases.values()):
        if instance.address == host:
            return _login(getattr(instance, "cluster", None) or instance)
    for cluster in list(rds.clusters.values()):
        if any(endpoint["Endpoint"] == host for endpoint in endpoints(cluster)):
            return _login(cluster)
    return None


def login_of(name: str) -> Login | None:
    """How one logs in at the instance of this identifier; None where there is none any more."""
    instance = rds_backends[ACCOUNT][REGION].databases.get(name)
    return _login(instance) if instance is not None else None


def endpoints(cluster: Any) -> Iterator[Mapping[str, Any]]:
    """The endpoints of one of moto's clusters, as DescribeDBClusterEndpoints tells them."""
    known = {"DBClusterIdentifier": cluster.db_cluster_identifier, "Status": "available"}
    yield {**known, "EndpointType": "WRITER", "Endpoint": cluster.endpoint}
    yield {**known, "EndpointType": "READER", "Endpoint": cluster.reader_endpoint}
    for name, (owner, kind, members) in _CUSTOM.items():
        if (cluster.account_id, cluster.region, cluster.db_cluster_identifier) == (ACCOUNT, REGION, owner):
            identity = hashlib.sha256(f"{cluster.db_cluster_arn}/{name}".encode()).hexdigest()[:26].upper()
            yield {
                **known,
                "EndpointType": "CUSTOM",
                "CustomEndpointType": kind,
                "DBClusterEndpointIdentifier": name,
                "DBClusterEndpointResourceIdentifier": f"cluster-endpoint-{identity}",
                "DBClusterEndpointArn": f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster-endpoint:{name}",
                "Endpoint": f"{name}.cluster-custom-{suffix(ACCOUNT, REGION)}.{REGION}.rds.amazonaws.com",
                "StaticMembers": members,
                "ExcludedMembers": [],
            }


def _login(owner: Any) -> Login:
    # moto keeps the password as a secret even from itself; the attribute is what ModifyDBInstance sets
    return Login(
        str(owner.master_username),
        str(owner._master_user_password),
        bool(owner.iam_database_authentication_enabled),
    )


def _instance(name: str, *, engine: str, version: str, tags: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "db_instance_identifier": name,
        "db_instance_class": "db.r6g.large",
        "engine": engine,
        "engine_version": version,
        "db_subnet_group_name": "prod",
        "publicly_accessible": False,
        "tags": tags,
    }


def _master(user: str, *, database: str, group: str, port: int) -> dict[str, Any]:
    return {
        "db_name": database,
        "master_username": user,
        "master_user_password": secrets.token_urlsafe(24),
        "port": port,
        "vpc_security_group_ids": [group],
        "enable_iam_database_authentication": True,
    }
