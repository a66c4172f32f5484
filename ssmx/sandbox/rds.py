"""RDS as AWS answers it, where moto does not.

moto 5.2 gives every instance the same resource id and ten characters in its host name where AWS has the account's
twelve, has no custom endpoints of clusters, cuts no pages of clusters or proxies, and denies that a cluster's
members take tokens. The hosts of its Neptune are RDS's, and its proxies have one endpoint, which it names as
AWS does not (each of these is held by tests/sandbox/test_moto_seams.py).
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import InvalidParameterValue
from moto.rds.models import DBCluster, DBInstance, DBInstanceClustered, DBProxy
from moto.rds.responses import RDSResponse

from ssmx.sandbox import paging
from ssmx.sandbox.estate import databases, proxies
from ssmx.sandbox.refusal import Refused

_ENDPOINT_FILTERS = {
    "db-cluster-endpoint-type": "EndpointType",
    "db-cluster-endpoint-custom-type": "CustomEndpointType",
    "db-cluster-endpoint-id": "DBClusterEndpointIdentifier",
    "db-cluster-endpoint-status": "Status",
}


# Each engine's own domain below amazonaws.com.
_DOMAINS = {"docdb": "docdb", "neptune": "neptune"}


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

    def describe_db_proxies(self) -> ActionResult:
        answer: Any = super().describe_db_proxies()
        return self._paged("DBProxies", list(answer.result["DBProxies"]))

    def describe_db_proxy_endpoints(self) -> ActionResult:
        found = self.backend.describe_db_proxies(db_proxy_name=self.params.get("DBProxyName"))
        told = [dict(each) for proxy in found for each in proxies.endpoints(proxy)]
        wanted = self.params.get("DBProxyEndpointName")
        if wanted:
            told = [each for each in told if each["DBProxyEndpointName"] == wanted.lower()]
            if not told:
                raise Refused("DBProxyEndpointNotFoundFault", f"DB proxy endpoint {wanted} not found.", 404)
        return self._paged("DBProxyEndpoints", told)

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
    return f"{instance.db_instance_identifier}.{_cluster_suffix(instance)}.{_domain(instance)}"


def _domain(resource: Any) -> str:
    return f"{resource.region}.{_DOMAINS.get(resource.engine, 'rds')}.amazonaws.com"


def _writer(cluster: Any) -> str:
    return f"{cluster.db_cluster_identifier}.cluster-{_cluster_suffix(cluster)}.{_domain(cluster)}"


def _reader(cluster: Any) -> str:
    return f"{cluster.db_cluster_identifier}.cluster-ro-{_cluster_suffix(cluster)}.{_domain(cluster)}"


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
    DBCluster.endpoint = property(_writer)  # type: ignore[method-assign,assignment]
    DBCluster.reader_endpoint = property(_reader)  # type: ignore[method-assign,assignment]
    DBProxy.endpoint = property(proxies.host, _leave)  # type: ignore[assignment]
    DBCluster.custom_endpoints = property(_custom_endpoints)  # type: ignore[attr-defined]
    DBCluster.url_identifier = property(_cluster_suffix, _leave)  # type: ignore[assignment]
    DBInstanceClustered.iam_database_authentication_enabled = property(  # type: ignore[method-assign,assignment]
        _takes_tokens
    )
