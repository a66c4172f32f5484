"""What the sandbox takes from moto without a promise, and what it replaces because moto lacks it or has it wrong.

When one of these fails after an update of moto, look whether our part can go.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import boto3_session


def responses(service: str) -> Any:
    """moto's class for a service. Imported here: every worker reads this file, and moto takes most of a second."""
    name = {"ssm": "SimpleSystemManagerResponse", "ec2": "EC2Response", "rds": "RDSResponse"}[service]
    return getattr(import_module(f"moto.{service}.responses"), name)


def test_each_service_we_extend_has_one_entry() -> None:
    seams = import_module("ssmx.sandbox.seams")
    assert list(import_module("moto.ssm.urls").url_paths) == [seams.SSM_PATH]
    assert list(import_module("moto.ec2.urls").url_paths) == [seams.EC2_PATH]
    assert list(import_module("moto.rds.urls").url_paths) == [seams.RDS_PATH]


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
        ("ec2", ["start_instances"]),
        ("rds", ["describe_db_clusters", "backend"]),
    ],
)
def test_what_we_override_or_call_is_there(service: str, operations: list[str]) -> None:
    assert [name for name in operations if not hasattr(responses(service), name)] == []


@pytest.fixture
def plain() -> Any:
    """moto as it comes."""
    with import_module("moto").mock_aws():
        yield boto3_session("x", "x", region="eu-west-1").client


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


def test_plain_moto_starts_an_instance_again_without_a_new_launch_time(plain: Any) -> None:
    ec2 = plain("ec2")
    ids = [ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]]
    moto_has = import_module("moto.ec2.models").ec2_backends["123456789012"]["eu-west-1"].get_instance(ids[0])
    before = moto_has.launch_time
    ec2.stop_instances(InstanceIds=ids)
    ec2.start_instances(InstanceIds=ids)
    assert (moto_has.state, moto_has.launch_time) == ("running", before)  # AWS: LaunchTime is that of the start


def test_plain_moto_still_has_the_faults_of_rds_we_replace(plain: Any) -> None:
    rds = plain("rds")
    login = {"MasterUsername": "me", "MasterUserPassword": "password", "EnableIAMDatabaseAuthentication": True}
    engine = {"DBInstanceClass": "db.r6g.large", "Engine": "aurora-postgresql"}
    for name in ("one", "two"):
        rds.create_db_cluster(DBClusterIdentifier=name, Engine=engine["Engine"], **login)
        rds.create_db_instance(DBInstanceIdentifier=f"{name}-1", DBClusterIdentifier=name, **engine)
    instances = rds.describe_db_instances()["DBInstances"]
    assert len({each["DbiResourceId"] for each in instances}) == 1  # AWS: one for each
    assert {len(each["Endpoint"]["Address"].split(".")[1]) for each in instances} == {10}  # AWS: 12
    clusters = rds.describe_db_clusters(MaxRecords=20)["DBClusters"]
    assert len({each["Endpoint"].split(".")[1] for each in clusters}) == 2  # AWS: one for an account in a region
    assert [each["IAMDatabaseAuthenticationEnabled"] for each in clusters] == [True, True]
    assert [each["IAMDatabaseAuthenticationEnabled"] for each in instances] == [False, False]  # AWS: the cluster's
    for number in range(20):
        rds.create_db_cluster(DBClusterIdentifier=f"c{number}", Engine=engine["Engine"], **login)
    assert len(rds.describe_db_clusters(MaxRecords=20)["DBClusters"]) == 22  # AWS: 20, and a Marker
    assert not any("CustomEndpoints" in each for each in clusters)  # AWS: their host names
    with pytest.raises(NotImplementedError):
        rds.describe_db_cluster_endpoints()


def test_where_moto_keeps_the_password_that_it_does_not_tell(plain: Any) -> None:
    rds, backend = plain("rds"), import_module("moto.rds.models").rds_backends["123456789012"]["eu-west-1"]
    login = {"MasterUsername": "me", "MasterUserPassword": "password"}
    rds.create_db_instance(DBInstanceIdentifier="a", DBInstanceClass="db.r6g.large", Engine="postgres", **login)
    rds.create_db_cluster(DBClusterIdentifier="b", Engine="aurora-postgresql", **login)
    rds.modify_db_instance(DBInstanceIdentifier="a", MasterUserPassword="password2")
    rds.modify_db_cluster(DBClusterIdentifier="b", MasterUserPassword="password3")
    kept = backend.databases["a"], backend.clusters["b"]
    assert [each._master_user_password for each in kept] == ["password2", "password3"]
