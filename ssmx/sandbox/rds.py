"""RDS as AWS answers it, where moto does not.

moto 5.2 gives every instance the same resource id and ten characters in its host name where AWS has the account's
twelve, has no custom endpoints of clusters, cuts no pages of clusters, and denies that a cluster's members take
tokens (each of these is held by tests/sandbox/test_moto_seams.py).
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import InvalidParameterValue
from moto.rds.models import DBCluster, DBInstance, DBInstanceClustered
from moto.rds.responses import RDSResponse

from ssmx.sandbox import databases, paging

_ENDPOINT_FILTERS = {
    "db-cluster-endpoint-type": "EndpointType",
    "db-cluster-endpoint-custom-type": "CustomEndpointType",
    "db-cluster-endpoint-id": "DBClusterEndpointIdentifier",
    "db-cluster-endpoint-status": "Status",
}


class DatabaseService(RDSResponse):
    """moto's RDS with what it lacks."""

    def describe_db_clusters(self) -> ActionResult:
        answer: Any = super().describe_db_clusters()
        return self._paged("DBClusters", answer.result["DBClusters"])

    def describe_db_cluster_endpoints(self) -> ActionResult:
        clusters = self.backend.describe_db_clusters(self.params.get("DBClusterIdentifier"))
        found = [dict(each) for cluster in clusters for each in databases.endpoints(cluster)]
        wanted = self.params.get("DBClusterEndpointIdentifier")
        if wanted:
            found = [each for each in found if each.get("DBClusterEndpointIdentifier") == wanted]
        for one in self.params.get("Filters", []):
            if one["Name"] not in _ENDPOINT_FILTERS:
                raise InvalidParameterValue(f"Unrecognized filter name: {one['Name']}")
            values = {value.lower() for value in one["Values"]}
            key = _ENDPOINT_FILTERS[one["Name"]]
            found = [each for each in found if str(each.get(key, "")).lower() in values]
        return self._paged("DBClusterEndpoints", found)

    def _paged(self, name: str, found: list[Any]) -> ActionResult:
        try:
            size = paging.limit(self.params.get("MaxRecords"), default=100, least=20, most=100)
            page, marker = paging.cut(found, token=self.params.get("Marker"), size=size)
        except paging.BadLimit as error:
            raise InvalidParameterValue("The parameter MaxRecords must be between 20 and 100") from error
        except paging.BadToken as error:
            raise InvalidParameterValue("The specified marker is not valid") from error
        return ActionResult({name: page, "Marker": marker})


def _address(instance: Any) -> str:
    account, region = instance.account_id, instance.region
    return f"{instance.db_instance_identifier}.{databases.suffix(account, region)}.{region}.rds.amazonaws.com"


def _cluster_suffix(cluster: Any) -> str:
    return databases.suffix(cluster.account_id, cluster.region)


def _custom_endpoints(cluster: Any) -> list[str]:
    return [str(each["Endpoint"]) for each in databases.endpoints(cluster) if each["EndpointType"] == "CUSTOM"]


def _resource_id(instance: Any) -> str:
    name = f"{instance.account_id}/{instance.region}/{instance.db_instance_identifier}"
    return "db-" + base64.b32encode(hashlib.sha256(name.encode()).digest()).decode()[:26]


def _takes_tokens(instance: Any) -> bool:
    return bool(instance.cluster.iam_database_authentication_enabled)


def _leave(_resource: Any, _value: object) -> None:
    """moto sets its own in __init__."""


def correct() -> None:
    """Put what is right in the place of moto's attributes. Once in a process."""
    DBInstance.address = property(_address)  # type: ignore[method-assign,assignment]
    DBInstance.dbi_resource_id = property(_resource_id, _leave)  # type: ignore[assignment]
    DBCluster.custom_endpoints = property(_custom_endpoints)  # type: ignore[attr-defined]
    DBCluster.url_identifier = property(_cluster_suffix, _leave)  # type: ignore[assignment]
    DBInstanceClustered.iam_database_authentication_enabled = property(  # type: ignore[method-assign,assignment]
        _takes_tokens
    )
