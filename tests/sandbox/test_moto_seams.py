"""What the sandbox takes from moto without a promise, and what it replaces because moto lacks it or has it wrong.

When one of these fails after an update of moto, look whether our part can go.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError


def responses(service: str) -> Any:
    """moto's class for a service. Imported here: every worker reads this file, and moto takes most of a second."""
    name = {"ssm": "SimpleSystemManagerResponse", "ec2": "EC2Response"}[service]
    return getattr(import_module(f"moto.{service}.responses"), name)


def test_each_service_we_extend_has_one_entry() -> None:
    seams = import_module("ssmx.sandbox.seams")
    assert list(import_module("moto.ssm.urls").url_paths) == [seams.SSM_PATH]
    assert list(import_module("moto.ec2.urls").url_paths) == [seams.EC2_PATH]


@pytest.mark.parametrize(
    "operation",
    [
        "start_session",
        "resume_session",
        "terminate_session",
        "describe_sessions",
        "get_connection_status",
        "describe_instance_information",
        "describe_instance_properties",
    ],
)
def test_moto_has_none_of_session_manager(operation: str) -> None:
    assert not hasattr(responses("ssm"), operation)


@pytest.mark.parametrize(
    ("service", "operations"),
    [
        ("ssm", ["get_document", "describe_document", "list_tags_for_resource"]),
        ("ec2", ["describe_instances", "describe_tags", "error_on_dryrun", "_filters_from_querystring"]),
    ],
)
def test_what_we_override_or_call_is_there(service: str, operations: list[str]) -> None:
    assert [name for name in operations if not hasattr(responses(service), name)] == []


@pytest.fixture
def plain() -> Any:
    """moto as it comes."""
    with import_module("moto").mock_aws():
        made = {"region_name": "eu-west-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
        yield lambda service: boto3.client(service, **made)


def test_plain_moto_still_has_the_faults_we_replace(plain: Any) -> None:
    ec2, ssm = plain("ec2"), plain("ssm")
    started = ec2.run_instances(ImageId="ami-12345678", MinCount=2, MaxCount=2)["Instances"]
    some = [{"Name": "instance-id", "Values": [started[0]["InstanceId"][:8] + "*"]}]
    assert ec2.describe_instances(Filters=some)["Reservations"] == []  # AWS: wildcards everywhere
    page = ec2.describe_instances(MaxResults=1)["Reservations"]  # AWS: 5 at least, and counts instances
    assert len(page[0]["Instances"]) == 2
    with pytest.raises(ClientError, match=r"InvalidInstanceID\.NotFound"):  # AWS: Malformed
        ec2.describe_instances(InstanceIds=["web"])
    with pytest.raises(NotImplementedError):  # AWS: InvalidParameterValue
        ec2.describe_instances(Filters=[{"Name": "colour", "Values": ["red"]}])
    assert len(ec2.describe_tags(Filters=[{"Name": "colour", "Values": ["red"]}])["Tags"]) == 0
    with pytest.raises(ClientError, match="InvalidDocument"):  # AWS owns one
        ssm.get_document(Name="AWS-StartSSHSession")
