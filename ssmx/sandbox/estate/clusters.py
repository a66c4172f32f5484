"""EKS: the cluster `platform`, whose API is reached in the VPC of prod alone."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ssmx.sandbox.estate.listing import Item, Listing, Missing, Operations, Pages, one
from ssmx.sandbox.estate.private import Network, Private, identity
from ssmx.sandbox.roster import ACCOUNT, REGION

NAME = "platform"
VERSION = "1.33"
_SINCE = datetime(2026, 4, 8, 8, 15, tzinfo=UTC)
_PAGES = Pages("maxResults", "nextToken", "nextToken", least=1, wrong="InvalidParameterException")


def host() -> str:
    """The name of the endpoint of `platform`."""
    return f"{identity('eks', NAME, length=32, letters='0123456789ABCDEF')}.gr7.{REGION}.eks.amazonaws.com"


def services(private: Private | None, *, certificate: str) -> Mapping[str, Operations]:
    """The operations of EKS, `certificate` is that of its authority; nothing is there without `private`."""
    every = Listing(
        "clusters",
        [_platform(private.prod, certificate)] if private else [],
        _PAGES,
        {"name": "name"},
        Missing("ResourceNotFoundException", "No cluster found for name: {}.", 404),
    )

    def names(parameters: Mapping[str, Any]) -> dict[str, Any]:
        return every.cut([each["name"] for each in every.items], parameters)

    return {"eks": {"ListClusters": names, "DescribeCluster": one(every, "name", "cluster")}}


def _platform(prod: Network, certificate: str) -> Item:
    issuer = f"https://oidc.eks.{REGION}.amazonaws.com/id/{host().partition('.')[0]}"
    return {
        "name": NAME,
        "arn": f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/{NAME}",
        "createdAt": _SINCE,
        "version": VERSION,
        "platformVersion": "eks.9",
        "endpoint": f"https://{host()}",
        "certificateAuthority": {"data": base64.b64encode(certificate.encode()).decode()},
        "roleArn": f"arn:aws:iam::{ACCOUNT}:role/platform-cluster",
        "resourcesVpcConfig": {
            "vpcId": prod.vpc,
            "subnetIds": list(prod.subnets.values()),
            "securityGroupIds": [prod.groups["internal"]],
            "clusterSecurityGroupId": prod.groups["kubernetes"],
            "endpointPublicAccess": False,
            "endpointPrivateAccess": True,
            "publicAccessCidrs": [],
        },
        "kubernetesNetworkConfig": {"serviceIpv4Cidr": "172.20.0.0/16", "ipFamily": "ipv4"},
        "identity": {"oidc": {"issuer": issuer}},
        "accessConfig": {"authenticationMode": "API"},
        "status": "ACTIVE",
        "tags": {"Team": "platform", "Env": "prod"},
    }
