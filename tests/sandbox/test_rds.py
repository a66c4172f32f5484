"""What RDS answers of the account's databases."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .conftest import Client, refused

HOST = r"\.(cluster-|cluster-ro-|cluster-custom-)?([0-9a-z]{12})\.eu-west-1\.rds\.amazonaws\.com"


def instances(rds: Client, **wanted: Any) -> dict[str, Any]:
    """RDS's own: the API tells of those of DocumentDB and Neptune, too."""
    found = rds.describe_db_instances(**wanted)["DBInstances"]
    return {each["DBInstanceIdentifier"]: each for each in found if each["Engine"] not in ("docdb", "neptune")}


def test_the_endpoints_look_like_those_of_aws(rds: Client) -> None:
    found = instances(rds)
    assert {name: each["Endpoint"]["Port"] for name, each in found.items()} == {
        "payments-prod": 5432,
        "catalog-prod": 3306,
        "orders-1": 5432,
        "orders-2": 5432,
    }
    (cluster,) = rds.describe_db_clusters(DBClusterIdentifier="orders")["DBClusters"]
    assert (cluster["Port"], cluster["Status"], cluster["DatabaseName"]) == (5432, "available", "orders")
    hosts = {name: each["Endpoint"]["Address"] for name, each in found.items()}
    every = [(name, hosts[name], None) for name in hosts]
    every += [("orders", cluster["Endpoint"], "cluster-"), ("orders", cluster["ReaderEndpoint"], "cluster-ro-")]
    parts = [(re.fullmatch(re.escape(name) + HOST, host), kind) for name, host, kind in every]
    assert all(match is not None and match[1] == kind for match, kind in parts)
    assert len({match[2] for match, _ in parts if match}) == 1


def test_instances_say_whose_they_are_and_how_one_logs_in(rds: Client) -> None:
    found = instances(rds)
    assert {name: each.get("DBClusterIdentifier") for name, each in found.items()} == {
        "payments-prod": None,
        "catalog-prod": None,
        "orders-1": "orders",
        "orders-2": "orders",
    }
    tokens = {name for name, each in found.items() if each["IAMDatabaseAuthenticationEnabled"]}
    assert tokens == {"payments-prod", "orders-1", "orders-2"}
    assert len({each["DbiResourceId"] for each in found.values()}) == 4
    assert all(re.fullmatch("db-[0-9A-Z]{26}", each["DbiResourceId"]) for each in found.values())
    (cluster,) = rds.describe_db_clusters(DBClusterIdentifier="orders")["DBClusters"]
    assert cluster["IAMDatabaseAuthenticationEnabled"]
    assert {each["DBInstanceIdentifier"]: each["IsClusterWriter"] for each in cluster["DBClusterMembers"]} == {
        "orders-1": True,
        "orders-2": False,
    }


def test_they_are_in_the_vpc_of_prod_behind_its_groups(rds: Client, ec2: Client) -> None:
    vpcs = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["prod"]}])["Vpcs"]
    groups = rds.describe_db_subnet_groups(DBSubnetGroupName="prod")["DBSubnetGroups"]
    assert [each["VpcId"] for each in groups] == [vpcs[0]["VpcId"]]
    for each in instances(rds).values():
        assert each["DBSubnetGroup"]["VpcId"] == vpcs[0]["VpcId"]
        (group,) = each["VpcSecurityGroups"]
        rules = ec2.describe_security_groups(GroupIds=[group["VpcSecurityGroupId"]])["SecurityGroups"][0]
        assert [rule["FromPort"] for rule in rules["IpPermissions"]] == [each["Endpoint"]["Port"]]
    assert {each["DBSubnetGroup"] for each in rds.describe_db_clusters()["DBClusters"]} == {"prod"}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("db-instance-id", "payments-prod", ["payments-prod"]),
        ("db-instance-id", "PAYMENTS-prod", ["payments-prod"]),
        ("db-instance-id", "arn:aws:rds:eu-west-1:123456789012:db:orders-1", ["orders-1"]),
        ("db-cluster-id", "orders", ["orders-1", "orders-2"]),
        ("engine", "mysql", ["catalog-prod"]),
        ("db-instance-id", "nothing", []),
    ],
)
def test_instances_are_filtered(rds: Client, name: str, value: str, expected: list[str]) -> None:
    assert sorted(instances(rds, Filters=[{"Name": name, "Values": [value]}])) == expected


def test_clusters_are_filtered_and_cut_into_pages(rds: Client) -> None:
    only = [{"Name": "db-cluster-id", "Values": ["orders"]}]
    assert len(rds.describe_db_clusters(Filters=only)["DBClusters"]) == 1
    assert rds.describe_db_clusters(Filters=[{**only[0], "Values": ["x"]}])["DBClusters"] == []
    login = {"MasterUsername": "me", "MasterUserPassword": "password", "Engine": "aurora-mysql"}
    names = [f"page-{number:02}" for number in range(21)]
    try:
        for name in names:
            rds.create_db_cluster(DBClusterIdentifier=name, **login)
        page = rds.describe_db_clusters(MaxRecords=20)
        rest = rds.describe_db_clusters(MaxRecords=20, Marker=page["Marker"])
        assert (len(page["DBClusters"]), len(rest["DBClusters"])) == (20, 4)
    finally:
        for name in names:
            rds.delete_db_cluster(DBClusterIdentifier=name, SkipFinalSnapshot=True)


def test_a_custom_endpoint_is_told_beside_those_of_the_cluster(rds: Client) -> None:
    every = rds.describe_db_cluster_endpoints(DBClusterIdentifier="orders")["DBClusterEndpoints"]
    assert [each["EndpointType"] for each in every] == ["WRITER", "READER", "CUSTOM"]
    custom = every[2]
    assert re.fullmatch("analytics" + HOST, custom["Endpoint"])
    [cluster] = rds.describe_db_clusters(DBClusterIdentifier="orders")["DBClusters"]
    assert cluster["CustomEndpoints"] == [custom["Endpoint"]]
    assert (custom["DBClusterEndpointIdentifier"], custom["StaticMembers"]) == ("analytics", ["orders-2"])
    only = [{"Name": "db-cluster-endpoint-type", "Values": ["custom"]}]
    for wanted in (
        {"DBClusterIdentifier": "orders", "Filters": only},
        {"DBClusterEndpointIdentifier": "analytics"},
    ):
        assert rds.describe_db_cluster_endpoints(**wanted)["DBClusterEndpoints"] == [custom]
    assert refused(rds.describe_db_cluster_endpoints, DBClusterIdentifier="x")[0] == "DBClusterNotFoundFault"
    wrong = [{"Name": "colour", "Values": ["red"]}]
    assert refused(rds.describe_db_cluster_endpoints, Filters=wrong)[0] == "InvalidParameterValue"
