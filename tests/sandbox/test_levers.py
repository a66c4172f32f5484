"""Ordered faults, the list of requests, and what moto lacks."""

from __future__ import annotations

import time

from ssmx.sandbox.control import Running
from tests.conftest import Levers

from .conftest import Client, client_of, refused


def test_an_ordered_fault_is_read_in_every_protocol_and_counted_down(
    running: Running, ssm: Client, ec2: Client, levers: Levers
) -> None:
    sts = client_of(running, "sts")
    calls = [
        ("DescribeInstanceInformation", ssm.describe_instance_information),
        ("DescribeInstances", ec2.describe_instances),
        ("GetCallerIdentity", sts.get_caller_identity),
    ]
    for operation, call in calls:
        order = {"operation": operation, "code": "ThrottlingException", "message": "Rate <exceeded>", "times": 2}
        levers("POST", "fault", order)
        for _ in range(2):
            assert refused(call) == ("ThrottlingException", "Rate <exceeded>")
        call()


def test_an_ordered_delay_delays(ssm: Client, levers: Levers) -> None:
    levers("POST", "fault", {"operation": "GetConnectionStatus", "delay": 0.3})
    begun = time.monotonic()
    ssm.get_connection_status(Target="i-00000000")
    assert time.monotonic() - begun >= 0.3


def test_an_operation_moto_lacks_is_a_clean_error(running: Running, ssm: Client, ec2: Client) -> None:
    assert refused(ssm.describe_activations)[0] == "UnknownOperationException"
    assert refused(ec2.describe_instance_connect_endpoints)[0] == "UnknownOperationException"
    assert refused(client_of(running, "docdb-elastic").list_clusters)[0] == "UnknownOperationException"


def test_requests_are_listed_with_their_parameters(ssm: Client, ec2: Client, levers: Levers) -> None:
    ssm.get_connection_status(Target="i-00000000")
    ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": ["web"]}])
    listed = levers("GET", "requests")["requests"][-2:]
    assert [(each["service"], each["operation"]) for each in listed] == [
        ("ssm", "GetConnectionStatus"),
        ("ec2", "DescribeInstances"),
    ]
    assert listed[0]["parameters"] == {"Target": "i-00000000"}
    assert listed[1]["parameters"]["Filter.1.Value.1"] == "web"
    levers("POST", "reset")
    assert levers("GET", "requests") == {"requests": []}
