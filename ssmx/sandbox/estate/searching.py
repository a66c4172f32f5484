"""OpenSearch: the domain `search-prod` in the VPC of prod, and what it says over HTTPS."""

from __future__ import annotations

import json
import string
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from ssmx.sandbox.estate.listing import Item, Operations
from ssmx.sandbox.estate.private import Network, Private, identity
from ssmx.sandbox.far import Address
from ssmx.sandbox.refusal import Refused
from ssmx.sandbox.roster import ACCOUNT, REGION
from ssmx.sandbox.servers.pages import JSON, TEXT, Asked, Page

_NAME = "search-prod"
_ENGINE = "2.19"
_MOST_AT_ONCE = 5


def host() -> str:
    """The name of the endpoint of `search-prod`."""
    lot = identity("opensearch", _NAME, length=26, letters=string.ascii_lowercase + string.digits)
    return f"vpc-{_NAME}-{lot}.{REGION}.es.amazonaws.com"


def services(private: Private | None) -> Mapping[str, Operations]:
    """The operations of OpenSearch; nothing is there where there is no `private`."""
    domains = {_NAME: _domain(private.prod)} if private else {}

    def names(parameters: Mapping[str, Any]) -> dict[str, Any]:
        wanted = parameters.get("EngineType") or "OpenSearch"
        return {
            "DomainNames": [
                {"DomainName": name, "EngineType": "OpenSearch"} for name in domains if wanted == "OpenSearch"
            ]
        }

    def describe(parameters: Mapping[str, Any]) -> dict[str, Any]:
        wanted = parameters["DomainNames"]
        if len(wanted) > _MOST_AT_ONCE:
            raise Refused("ValidationException", "Please provide a maximum of 5 domain names to describe.")
        return {"DomainStatusList": [domains[name] for name in wanted if name in domains]}  # AWS tells no more

    def describe_one(parameters: Mapping[str, Any]) -> dict[str, Any]:
        name = parameters["DomainName"]
        if name not in domains:
            raise Refused("ResourceNotFoundException", f"Domain not found: {name}", 409)
        return {"DomainStatus": domains[name]}

    return {"opensearch": {"ListDomainNames": names, "DescribeDomains": describe, "DescribeDomain": describe_one}}


def _domain(prod: Network) -> Item:
    zones = list(prod.subnets)[:2]
    return {
        "DomainId": f"{ACCOUNT}/{_NAME}",
        "DomainName": _NAME,
        "ARN": f"arn:aws:es:{REGION}:{ACCOUNT}:domain/{_NAME}",
        "Created": True,
        "Deleted": False,
        "Processing": False,
        "UpgradeProcessing": False,
        "DomainProcessingStatus": "Active",
        "Endpoints": {"vpc": host()},
        "EngineVersion": f"OpenSearch_{_ENGINE}",
        "ClusterConfig": {
            "InstanceType": "r7g.large.search",
            "InstanceCount": 2,
            "DedicatedMasterEnabled": False,
            "ZoneAwarenessEnabled": True,
            "ZoneAwarenessConfig": {"AvailabilityZoneCount": 2},
        },
        "EBSOptions": {"EBSEnabled": True, "VolumeType": "gp3", "VolumeSize": 100},
        "VPCOptions": {
            "VPCId": prod.vpc,
            "SubnetIds": [prod.subnets[zone] for zone in zones],
            "AvailabilityZones": [f"{REGION}{zone}" for zone in zones],
            "SecurityGroupIds": [prod.groups["search"]],
        },
        "DomainEndpointOptions": {"EnforceHTTPS": True, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-2019-07"},
        "EncryptionAtRestOptions": {"Enabled": True},
        "NodeToNodeEncryptionOptions": {"Enabled": True},
    }


_ROOT = {
    "name": identity("opensearch", "node", length=32),
    "cluster_name": f"{ACCOUNT}:{_NAME}",
    "cluster_uuid": identity("opensearch", "cluster", length=22, letters=string.ascii_letters),
    "version": {"distribution": "opensearch", "number": f"{_ENGINE}.0", "lucene_version": "9.12.1"},
    "tagline": "The OpenSearch Project: https://opensearch.org/",
}
_HEALTH = {
    "cluster_name": f"{ACCOUNT}:{_NAME}",
    "status": "green",
    "timed_out": False,
    "number_of_nodes": 2,
    "number_of_data_nodes": 2,
    "active_primary_shards": 10,
    "active_shards": 20,
    "relocating_shards": 0,
    "initializing_shards": 0,
    "unassigned_shards": 0,
    "active_shards_percent_as_number": 100.0,
}
_INDICES = "green open products kq2PpQ5gT8mS4w0vXy7aLA 5 1 48211 302 91.3mb 45.6mb\n"


def page(asked: Asked, _address: Address) -> Page:
    """What the domain answers at this path."""
    match asked.path:
        case "/":
            return HTTPStatus.OK, JSON, json.dumps(_ROOT) + "\n"
        case "/_cluster/health":
            return HTTPStatus.OK, JSON, json.dumps(_HEALTH) + "\n"
        case "/_cat/indices":
            return HTTPStatus.OK, TEXT, _INDICES
    text = f"no such index [{asked.path[1:].partition('/')[0]}]"
    return HTTPStatus.NOT_FOUND, JSON, json.dumps({"error": {"reason": text}, "status": 404}) + "\n"
