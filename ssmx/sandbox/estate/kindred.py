"""DocumentDB and Neptune: RDS's API tells of their clusters, among its own, by the names of their engines.

moto refuses the engine of DocumentDB where a cluster is created, so that one is created as a Neptune.
"""

from __future__ import annotations

import secrets
from typing import Any

from moto.rds.models import rds_backends

from ssmx.sandbox.estate.private import Network
from ssmx.sandbox.roster import ACCOUNT, REGION

_NEPTUNE, _DOCUMENTS = "neptune", "docdb"


def seed(prod: Network) -> None:
    """Create the clusters `fraud-graph` and `profiles`, in the subnet group of the databases."""
    _cluster(
        "fraud-graph",
        engine=_NEPTUNE,
        version="1.3.4.0",
        port=8182,
        user="",
        group=prod.groups["internal"],
        team="payments",
    )
    _cluster(
        "profiles",
        engine=_DOCUMENTS,
        version="5.0.0",
        port=27017,
        user="profiles",
        group=prod.groups["documents"],
        team="storefront",
    )


def _cluster(name: str, *, engine: str, version: str, port: int, user: str, group: str, team: str) -> None:
    rds = rds_backends[ACCOUNT][REGION]
    tags = [{"Key": "Team", "Value": team}, {"Key": "Env", "Value": "prod"}]
    made: Any = rds.create_db_cluster(
        {
            "db_cluster_identifier": name,
            "engine": _NEPTUNE,
            "engine_version": version,
            "master_username": user or "none",
            "master_user_password": secrets.token_urlsafe(24),
            "port": port,
            "vpc_security_group_ids": [group],
            "db_subnet_group_name": "prod",
            "tags": tags,
        }
    )
    made.status = "available"  # moto's is "creating" until somebody has looked
    for number in (1, 2):
        instance: Any = rds.create_db_instance(
            {
                "db_instance_identifier": f"{name}-{number}",
                "db_instance_class": "db.r6g.large",
                "engine": _NEPTUNE,
                "engine_version": version,
                "db_cluster_identifier": name,
                "db_subnet_group_name": "prod",
                "port": port,
                "publicly_accessible": False,
                "tags": tags,
            }
        )
        instance.engine = engine
    made.engine = engine
    made.master_username = user or None  # Neptune has no such user
    if engine == _DOCUMENTS:
        made.parameter_group = "default.docdb5.0"
