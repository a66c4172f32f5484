"""What EC2 tells of networks: whom rules admit, which addresses a prefix list has, where routes lead."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Client, refused


def by(name: str, *values: str) -> list[dict[str, Any]]:
    return [{"Name": name, "Values": list(values)}]


@pytest.fixture(scope="module")
def groups(ec2: Client) -> dict[str, str]:
    """The name of each security group: its id."""
    every = ec2.describe_security_groups()["SecurityGroups"]
    return {each["GroupName"]: each["GroupId"] for each in every if each["GroupName"] != "default"}


@pytest.fixture(scope="module")
def vpcs(ec2: Client) -> dict[str, str]:
    return {
        name: ec2.describe_vpcs(Filters=by("tag:Name", name))["Vpcs"][0]["VpcId"]
        for name in ("prod", "data", "dev")
    }


@pytest.mark.parametrize(
    ("group", "port", "admitted"),
    [
        ("prod-cache", 6379, {"prod-app"}),
        ("prod-search", 443, {"prod-app", "prod-bastion"}),
        ("prod-documents", 27017, {"corp-networks"}),
        ("prod-kubernetes", 443, {"10.0.0.0/16"}),
        ("prod-internal", -1, {"10.0.0.0/16"}),
        ("prod-database", 5432, {"10.0.0.0/16"}),
        ("data-warehouse", 5439, {"10.0.0.0/16"}),
    ],
)
def test_a_rule_says_whom_it_admits(
    ec2: Client, groups: dict[str, str], group: str, port: int, admitted: set[str]
) -> None:
    rules = ec2.describe_security_group_rules(Filters=by("group-id", groups[group]))["SecurityGroupRules"]
    coming = [each for each in rules if not each["IsEgress"]]
    assert {each["FromPort"] for each in coming} == {each["ToPort"] for each in coming} == {port}
    names = {number: name for name, number in groups.items()}
    lists = ec2.describe_managed_prefix_lists(Filters=by("prefix-list-name", "corp-*"))["PrefixLists"]
    names |= {each["PrefixListId"]: each["PrefixListName"] for each in lists}
    found = {
        each.get("CidrIpv4") or names[each.get("PrefixListId") or each["ReferencedGroupInfo"]["GroupId"]]
        for each in coming
    }
    assert found == admitted


def test_rules_come_in_pages(ec2: Client, groups: dict[str, str]) -> None:
    only = by("group-id", *groups.values())
    pages = ec2.get_paginator("describe_security_group_rules").paginate(Filters=only, MaxResults=10)
    sizes = [len(page["SecurityGroupRules"]) for page in pages]
    assert set(sizes[:-1]) == {10}
    whole = ec2.describe_security_group_rules(Filters=only)["SecurityGroupRules"]
    assert sum(sizes) == len(whole)


def test_a_prefix_list_has_entries(ec2: Client) -> None:
    [found] = ec2.describe_managed_prefix_lists(Filters=by("owner-id", "123456789012"))["PrefixLists"]
    entries = ec2.get_managed_prefix_list_entries(PrefixListId=found["PrefixListId"])["Entries"]
    assert [each["Cidr"] for each in entries] == ["10.0.0.0/18", "172.31.240.0/22"]
    assert ec2.describe_managed_prefix_lists(PrefixListIds=[found["PrefixListId"]])["PrefixLists"] == [found]
    assert "NextToken" in ec2.describe_managed_prefix_lists(MaxResults=1)
    first = ec2.get_managed_prefix_list_entries(PrefixListId=found["PrefixListId"], MaxResults=1)
    assert (len(first["Entries"]), "NextToken" in first) == (1, True)


def test_data_is_peered_with_prod_and_routes_lead_both_ways(ec2: Client, vpcs: dict[str, str]) -> None:
    [peering] = ec2.describe_vpc_peering_connections(Filters=by("status-code", "active"))["VpcPeeringConnections"]
    ends = (peering["RequesterVpcInfo"]["VpcId"], peering["AccepterVpcInfo"]["VpcId"])
    assert ends == (vpcs["prod"], vpcs["data"])
    number = peering["VpcPeeringConnectionId"]
    tables = {
        name: ec2.describe_route_tables(Filters=by("vpc-id", vpc))["RouteTables"] for name, vpc in vpcs.items()
    }
    leading = {
        name: [
            (route["DestinationCidrBlock"], sorted(each.get("SubnetId", "main") for each in table["Associations"]))
            for table in found
            for route in table["Routes"]
            if route.get("VpcPeeringConnectionId") == number and route["State"] == "active"
        ]
        for name, found in tables.items()
    }
    subnets = [each["SubnetId"] for each in ec2.describe_subnets(Filters=by("vpc-id", vpcs["data"]))["Subnets"]]
    assert leading == {"prod": [("10.8.0.0/16", ["main"])], "data": [("10.0.0.0/16", sorted(subnets))], "dev": []}
    assert ec2.describe_instances(Filters=by("vpc-id", vpcs["data"]))["Reservations"] == []


@pytest.mark.parametrize(
    ("name", "value", "count"),
    [
        ("requester-vpc-info.vpc-id", "vpc-*", 1),
        ("accepter-vpc-info.cidr-block", "10.8.0.0/16", 1),
        ("tag:Name", "prod-data", 1),
        ("status-code", "deleted", 0),
    ],
)
def test_peerings_are_filtered(ec2: Client, name: str, value: str, count: int) -> None:
    found = ec2.describe_vpc_peering_connections(Filters=by(name, value))["VpcPeeringConnections"]
    assert len(found) == count


LIST = "pl-0123456789abcdef0"


@pytest.mark.parametrize(
    ("operation", "parameters", "code"),
    [
        ("describe_security_group_rules", {"Filters": by("colour", "red")}, "InvalidParameterValue"),
        ("describe_security_group_rules", {"MaxResults": 4}, "InvalidParameterValue"),
        ("describe_security_group_rules", {"NextToken": "x"}, "InvalidNextToken"),
        ("describe_managed_prefix_lists", {"PrefixListIds": [LIST]}, "InvalidPrefixListID.NotFound"),
        ("get_managed_prefix_list_entries", {"PrefixListId": LIST}, "InvalidPrefixListID.NotFound"),
        (
            "describe_vpc_peering_connections",
            {"VpcPeeringConnectionIds": ["pcx-0123456789abcdef0"]},
            "InvalidVpcPeeringConnectionID.NotFound",
        ),
        ("describe_vpc_peering_connections", {"Filters": by("colour", "red")}, "InvalidParameterValue"),
    ],
)
def test_no_is_said_as_aws_says_it(ec2: Client, operation: str, parameters: dict[str, Any], code: str) -> None:
    assert refused(getattr(ec2, operation), **parameters)[0] == code
