"""The nodes as Systems Manager lists them."""

from __future__ import annotations

from typing import Any

from tests.conftest import Levers

from .conftest import Client, node_named, refused


def ids(answer: Any) -> list[str]:
    return [each["InstanceId"] for each in answer["InstanceInformationList"]]


def by(key: str, *values: str) -> list[dict[str, Any]]:
    return [{"Key": key, "Values": list(values)}]


def test_information_is_paged_by_ten_and_at_most_by_fifty(ssm: Client) -> None:
    assert len(ids(ssm.describe_instance_information())) == 10
    pages = list(ssm.get_paginator("describe_instance_information").paginate(PaginationConfig={"PageSize": 50}))
    every = [each for page in pages for each in ids(page)]
    assert (len(pages), len(every), len(set(every))) == (4, 199, 199)
    for wrong in (4, 51):
        code, text = refused(ssm.describe_instance_information, MaxResults=wrong)
        assert code == "ValidationException"
        assert f"Value '{wrong}' at 'maxResults' failed to satisfy constraint" in text
    assert refused(ssm.describe_instance_information, NextToken="xyz")[0] == "InvalidNextToken"


def test_information_is_filtered(ssm: Client, node: str) -> None:
    def found(filters: list[dict[str, Any]]) -> list[str]:
        return ids(ssm.describe_instance_information(Filters=filters, MaxResults=50))

    assert found(by("InstanceIds", node)) == [node]
    assert len(found(by("PingStatus", "ConnectionLost"))) == 1
    assert len(found(by("PlatformTypes", "Windows"))) == 1
    assert len(found(by("ResourceType", "ManagedInstance"))) == 1
    assert found(by("tag:Name", "payments-api")) == [node]
    assert len(found(by("tag:Name", "warehouse-scanner"))) == 1
    assert len(found(by("tag-key", "aws:autoscaling:groupName"))) == 6
    old = [{"key": "InstanceIds", "valueSet": [node]}]
    assert ids(ssm.describe_instance_information(InstanceInformationFilterList=old)) == [node]


def test_information_refuses_what_aws_refuses(ssm: Client, ec2: Client, node: str) -> None:
    describe = ssm.describe_instance_information
    assert refused(describe, Filters=by("InstanceIds", "i-00000000"))[0] == "InvalidInstanceId"
    stopped = node_named(ec2, "reports-nightly")
    assert refused(describe, Filters=by("InstanceIds", node, stopped))[0] == "InvalidInstanceId"
    mixed = by("tag:Name", "web") + by("PingStatus", "Online")
    assert refused(describe, Filters=mixed)[0] == "ValidationException"
    assert refused(describe, Filters=by("Colour", "red"))[0] == "InvalidInstanceInformationFilterValue"


def test_properties_hold_the_whole_fleet_on_one_page(ssm: Client, node: str) -> None:
    found = ssm.describe_instance_properties(MaxResults=1000)["InstanceProperties"]
    assert len(found) == 199
    own = next(each for each in found if each["InstanceId"] == node)
    assert (own["Name"], own["InstanceType"], own["InstanceState"]) == ("payments-api", "m6i.large", "running")
    assert len(ssm.describe_instance_properties(MaxResults=5)["InstanceProperties"]) == 5
    assert refused(ssm.describe_instance_properties, MaxResults=1001)[0] == "ValidationException"


def test_the_tags_of_a_node_outside_ec2_are_with_systems_manager(ssm: Client) -> None:
    node = ids(ssm.describe_instance_information(Filters=by("ResourceType", "ManagedInstance")))[0]
    own = {"ResourceType": "ManagedInstance", "ResourceId": node}
    ssm.add_tags_to_resource(**own, Tags=[{"Key": "Floor", "Value": "2"}])
    tags = {tag["Key"]: tag["Value"] for tag in ssm.list_tags_for_resource(**own)["TagList"]}
    assert (tags["Name"], tags["Floor"]) == ("warehouse-scanner", "2")
    ssm.remove_tags_from_resource(**own, TagKeys=["Floor"])
    assert "Floor" not in {tag["Key"] for tag in ssm.list_tags_for_resource(**own)["TagList"]}
    unknown = {"ResourceType": "ManagedInstance", "ResourceId": "mi-00000000000000000"}
    assert refused(ssm.list_tags_for_resource, **unknown)[0] == "InvalidResourceId"


def test_a_node_that_stops_is_not_connected_and_comes_back(ec2: Client, ssm: Client) -> None:
    own = node_named(ec2, "etl-dev-01")
    assert status(ssm, own) == "connected"
    ec2.stop_instances(InstanceIds=[own])
    try:
        assert status(ssm, own) == "notconnected"
        assert refused(ssm.start_session, Target=own) == ("TargetNotConnected", f"{own} is not connected.")
        assert refused(ssm.describe_instance_information, Filters=by("InstanceIds", own))[0] == "InvalidInstanceId"
    finally:
        ec2.start_instances(InstanceIds=[own])
    assert status(ssm, own) == "connected"
    assert status(ssm, "i-00000000") == "notconnected"


def status(ssm: Client, node: str) -> str:
    return str(ssm.get_connection_status(Target=node)["Status"])


def test_a_test_can_take_a_node_off_line_and_change_its_agent(ssm: Client, levers: Levers, node: str) -> None:
    levers("POST", f"node/{node}", {"ping": "ConnectionLost", "agent_version": "3.1.0.0"})
    found = ssm.describe_instance_information(Filters=by("InstanceIds", node))["InstanceInformationList"][0]
    assert (found["PingStatus"], found["AgentVersion"]) == ("ConnectionLost", "3.1.0.0")
    assert refused(ssm.start_session, Target=node)[0] == "TargetNotConnected"
    levers("POST", "reset")
    assert ssm.get_connection_status(Target=node)["Status"] == "connected"
