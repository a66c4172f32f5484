"""Redshift: the cluster `warehouse` in VPC data, and the workgroup `adhoc` beside it, which has no servers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from ssmx.sandbox.estate.databases import suffix
from ssmx.sandbox.estate.listing import Item, Listing, Missing, Operations, Pages, one
from ssmx.sandbox.estate.private import Network, Private, identity
from ssmx.sandbox.roster import ACCOUNT, REGION, ZONES

PORT = 5439
_SUBNETS = "data-private"
_SINCE = datetime(2026, 2, 11, 6, 0, tzinfo=UTC)
_TAGS = [{"Key": "Team", "Value": "analytics"}, {"Key": "Env", "Value": "prod"}]
_PAGES = Pages("maxResults", "nextToken", "nextToken", least=1, wrong="ValidationException")


def services(private: Private | None) -> Mapping[str, Operations]:
    """The operations of Redshift and Redshift Serverless; nothing is there where there is no `private`."""
    data = private.data if private else None
    groups = Listing(
        "workgroups",
        [_workgroup(data)] if data else [],
        _PAGES,
        {"workgroupName": "workgroupName"},
        Missing("ResourceNotFoundException", "Workgroup {} not found.", 404),
    )
    return {
        "redshift": {
            "DescribeClusters": Listing(
                "Clusters",
                [_cluster(data)] if data else [],
                Pages(),
                {"ClusterIdentifier": "ClusterIdentifier"},
                Missing("ClusterNotFound", "Cluster {} not found.", 404),
            ),
            "DescribeClusterSubnetGroups": Listing(
                "ClusterSubnetGroups",
                [_subnet_group(data)] if data else [],
                Pages(),
                {"ClusterSubnetGroupName": "ClusterSubnetGroupName"},
                Missing("ClusterSubnetGroupNotFoundFault", "ClusterSubnetGroup {} not found."),
            ),
        },
        "redshift-serverless": {
            "ListWorkgroups": Listing("workgroups", groups.items, _PAGES),
            "GetWorkgroup": one(groups, "workgroupName", "workgroup"),
        },
    }


def _cluster(data: Network) -> Item:
    return {
        "ClusterIdentifier": "warehouse",
        "NodeType": "ra3.large",
        "ClusterStatus": "available",
        "ClusterAvailabilityStatus": "Available",
        "MasterUsername": "admin",
        "DBName": "warehouse",
        "Endpoint": {
            "Address": f"warehouse.{suffix(ACCOUNT, REGION)}.{REGION}.redshift.amazonaws.com",
            "Port": PORT,
        },
        "ClusterCreateTime": _SINCE,
        "AutomatedSnapshotRetentionPeriod": 7,
        "ClusterSecurityGroups": [],
        "VpcSecurityGroups": [{"VpcSecurityGroupId": data.groups["warehouse"], "Status": "active"}],
        "ClusterSubnetGroupName": _SUBNETS,
        "VpcId": data.vpc,
        "AvailabilityZone": f"{REGION}{ZONES[0]}",
        "ClusterVersion": "1.0",
        "NumberOfNodes": 2,
        "PubliclyAccessible": False,
        "Encrypted": True,
        "EnhancedVpcRouting": False,
        "Tags": _TAGS,
        "ClusterNamespaceArn": f"arn:aws:redshift:{REGION}:{ACCOUNT}:namespace:{_uuid('warehouse')}",
    }


def _subnet_group(data: Network) -> Item:
    return {
        "ClusterSubnetGroupName": _SUBNETS,
        "Description": "private subnets of data",
        "VpcId": data.vpc,
        "SubnetGroupStatus": "Complete",
        "Subnets": [
            {
                "SubnetIdentifier": subnet,
                "SubnetAvailabilityZone": {"Name": f"{REGION}{zone}"},
                "SubnetStatus": "Active",
            }
            for zone, subnet in data.subnets.items()
        ],
        "Tags": [],
    }


def _workgroup(data: Network) -> Item:
    subnets = list(data.subnets.values())
    number = _uuid("adhoc")
    return {
        "workgroupId": number,
        "workgroupArn": f"arn:aws:redshift-serverless:{REGION}:{ACCOUNT}:workgroup/{number}",
        "workgroupName": "adhoc",
        "namespaceName": "adhoc",
        "baseCapacity": 8,
        "enhancedVpcRouting": False,
        "configParameters": [],
        "securityGroupIds": [data.groups["warehouse"]],
        "subnetIds": subnets,
        "status": "AVAILABLE",
        "endpoint": {
            "address": f"adhoc.{ACCOUNT}.{REGION}.redshift-serverless.amazonaws.com",
            "port": PORT,
            "vpcEndpoints": [
                {
                    "vpcEndpointId": f"vpce-{identity('adhoc', length=17)}",
                    "vpcId": data.vpc,
                    "networkInterfaces": [
                        {
                            "networkInterfaceId": f"eni-{identity('adhoc', zone, length=17)}",
                            "subnetId": subnet,
                            "availabilityZone": f"{REGION}{zone}",
                        }
                        for zone, subnet in data.subnets.items()
                    ],
                }
            ],
        },
        "publiclyAccessible": False,
        "creationDate": _SINCE,
        "port": PORT,
    }


def _uuid(name: str) -> str:
    digits = identity("redshift", name, length=32)
    return "-".join((digits[:8], digits[8:12], "4" + digits[13:16], "a" + digits[17:20], digits[20:]))
