"""The fleet, and EC2 as AWS answers where moto does not."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ssmx.sandbox.control import Running

from .conftest import Client, client_of, refused


def names(answer: Any) -> list[str]:
    found = [instance for each in answer["Reservations"] for instance in each["Instances"]]
    return sorted(tag["Value"] for each in found for tag in each["Tags"] if tag["Key"] == "Name")


def where(ec2: Client, **filters: str) -> list[str]:
    listed = [{"Name": name.replace("__", ":").replace("_", "-"), "Values": [v]} for name, v in filters.items()]
    return names(ec2.describe_instances(Filters=listed))


def test_the_fleet_has_200_instances_in_three_networks_with_four_tags_each(ec2: Client) -> None:
    every = [i for each in ec2.describe_instances()["Reservations"] for i in each["Instances"]]
    found = [each for each in every if each["State"]["Name"] != "terminated"]  # by other tests
    assert len(found) == 200
    assert len({instance["VpcId"] for instance in found}) == 3
    assert all({tag["Key"] for tag in each["Tags"]} >= {"Name", "Team", "Env", "Role"} for each in found)
    assert {each.get("Platform") for each in found} == {None, "windows"}


def test_the_known_ones_are_as_promised(ec2: Client, ssm: Client) -> None:
    listed = {
        each["Name"]: each for each in ssm.describe_instance_properties(MaxResults=1000)["InstanceProperties"]
    }
    assert len(listed) == 194  # of 199 nodes, six are called web
    assert listed["search-indexer"]["PingStatus"] == "ConnectionLost"
    silent = time.time() - listed["search-indexer"]["LastPingDateTime"].timestamp()
    assert 3 * 3600 <= silent < 3 * 3600 + 600
    assert listed["legacy-batch"]["AgentVersion"] == "2.3.612.0"
    assert listed["ad-controller"]["PlatformType"] == "Windows"
    assert listed["warehouse-scanner"]["InstanceId"].startswith("mi-")
    assert "reports-nightly" not in listed
    assert where(ec2, private_ip_address="10.0.12.87") == ["payments-api"]
    assert where(ec2, tag__aws__autoscaling__groupName="web") == ["web"] * 7
    assert where(ec2, tag__Name="web", instance_state_name="running") == ["web"] * 6
    assert where(ec2, tag__Name="bastion-*", ip_address="*") == ["bastion-dev", "bastion-prod", "bastion-staging"]


def test_the_bastions_are_open_to_the_world_and_the_database_is_not(ec2: Client, running: Running) -> None:
    groups = ec2.describe_security_groups()["SecurityGroups"]
    opened = [
        group["GroupName"]
        for group in groups
        for rule in group["IpPermissions"]
        if rule.get("FromPort") == 22 and {"CidrIp": "0.0.0.0/0"} in rule["IpRanges"]
    ]
    assert sorted(opened) == ["dev-bastion", "prod-bastion", "staging-bastion"]
    database = client_of(running, "rds").describe_db_instances()["DBInstances"][0]
    assert (database["DBInstanceIdentifier"], database["Engine"]) == ("payments-prod", "postgres")
    prod = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["prod"]}])["Vpcs"][0]
    assert database["DBSubnetGroup"]["VpcId"] == prod["VpcId"]


def test_the_web_servers_belong_to_a_scaling_group(running: Running) -> None:
    group = client_of(running, "autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"][0]
    assert (group["AutoScalingGroupName"], len(group["Instances"])) == ("web", 7)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"private_dns_name": "ip-10-0-12-87.*"}, ["payments-api"]),
        ({"private_ip_address": "10.0.12.8?"}, ["payments-api"]),
        ({"network_interface.addresses.private_ip_address": "10.0.12.87"}, ["payments-api"]),
        ({"tag__Name": "payments-ap?"}, ["payments-api"]),
        ({"tag__Name": "PAYMENTS-API"}, []),
        ({"tag__Name": r"payments-ap\?"}, []),
        ({"tag_key": "Team", "tag__Name": "reports-nightly"}, ["reports-nightly"]),
        ({"instance_state_name": "stop*"}, ["reports-nightly", "web"]),
        ({"platform": "windows"}, ["ad-controller"]),
        ({"dns_name": "ec2-*", "tag__Env": "dev"}, ["bastion-dev"]),
        ({"iam_instance_profile.arn": "*"}, []),
        ({"tag__Name": "nobody"}, []),
    ],
)
def test_every_filter_takes_wildcards(ec2: Client, filters: dict[str, str], expected: list[str]) -> None:
    assert where(ec2, **filters) == expected


def test_an_id_may_be_filtered_by_its_beginning(ec2: Client, node: str) -> None:
    assert where(ec2, instance_id=node[:14] + "*") == ["payments-api"]


def test_an_unknown_filter_is_an_error_of_the_caller(ec2: Client) -> None:
    code, text = refused(ec2.describe_instances, Filters=[{"Name": "colour", "Values": ["red"]}])
    assert (code, text) == ("InvalidParameterValue", "The filter 'colour' is invalid")
    assert refused(ec2.describe_tags, Filters=[{"Name": "colour", "Values": ["red"]}])[0] == "InvalidParameterValue"


def test_an_id_can_be_malformed_or_unknown(ec2: Client, node: str) -> None:
    for malformed in ("i-1", "i-0123456789ABCDEF0", "web", "mi-0c5d1f9a37b84e216"):
        code, text = refused(ec2.describe_instances, InstanceIds=[malformed])
        assert (code, text) == ("InvalidInstanceID.Malformed", f'Invalid id: "{malformed}"')
    code, text = refused(ec2.describe_instances, InstanceIds=[node, "i-00000000"])
    assert (code, text) == ("InvalidInstanceID.NotFound", "The instance ID 'i-00000000' does not exist")


def test_pages_count_instances(ec2: Client) -> None:
    ec2.run_instances(ImageId="ami-12345678", MinCount=12, MaxCount=12)["Instances"]
    own = [{"Name": "image-id", "Values": ["ami-12345678"]}]
    try:
        page = ec2.describe_instances(Filters=own, MaxResults=5)
        assert sum(len(each["Instances"]) for each in page["Reservations"]) == 5
        pages = list(
            ec2.get_paginator("describe_instances").paginate(Filters=own, PaginationConfig={"PageSize": 5})
        )
        ids = [i["InstanceId"] for page in pages for each in page["Reservations"] for i in each["Instances"]]
        assert (len(pages), len(ids), len(set(ids))) == (3, 12, 12)
    finally:
        found = ec2.describe_instances(Filters=own)["Reservations"]
        ec2.terminate_instances(InstanceIds=[i["InstanceId"] for each in found for i in each["Instances"]])


def test_the_bounds_of_a_page(ec2: Client) -> None:
    for wrong in (1, 4, 1001):
        assert refused(ec2.describe_instances, MaxResults=wrong)[0] == "InvalidParameterValue"
    assert refused(ec2.describe_instances, NextToken="xyz")[0] == "InvalidNextToken"
    both = refused(ec2.describe_instances, InstanceIds=["i-00000000"], MaxResults=5)
    assert both[0] == "InvalidParameterCombination"


def test_tags_are_found_by_value_with_wildcards(ec2: Client, node: str) -> None:
    def tags(**filters: str) -> list[dict[str, str]]:
        listed = [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()]
        return list(ec2.describe_tags(Filters=listed)["Tags"])

    assert tags(key="Name", value="payments-ap*") == [
        {"Key": "Name", "ResourceId": node, "ResourceType": "instance", "Value": "payments-api"}
    ]
    assert {tag["ResourceType"] for tag in tags(key="Name", value="staging*")} == {"vpc", "subnet"}
    assert len(tags(resource_id=node)) == 4
    assert len(tags(**{"tag:Name": "web"})) == 7
    page = ec2.describe_tags(Filters=[{"Name": "key", "Values": ["Team"]}], MaxResults=150)
    assert len(page["Tags"]) == 150
    rest = ec2.describe_tags(Filters=[{"Name": "key", "Values": ["Team"]}], NextToken=page["NextToken"])
    assert (len(rest["Tags"]), rest.get("NextToken")) == (50, None)
