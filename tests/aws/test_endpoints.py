"""What is listed where AWS refuses a part, and what signs in to a database."""

from urllib.parse import parse_qs, urlsplit

import pytest

from ssmx.aws.clients import Clients
from ssmx.aws.endpoints import Endpoints
from ssmx.errors import AccessDenied
from ssmx.model.settings import Value
from tests.aws import cases

pytestmark = pytest.mark.filterwarnings("ignore:Exception.Refusal. with code:UserWarning")

WHO = "arn:aws:iam::123456789012:user/asha"
DENIED = {
    "Code": "AccessDenied",
    "Message": f"User: {WHO} is not authorized to perform: rds:DescribeDBClusters on resource: *",
}


def with_error(service, error, *operations):
    """The calls of a case, some of them refused."""
    return [
        {**call, "error": error} if not operations or call["operation"] in operations else call
        for call in cases.case(service).calls
    ]


def names(found):
    return [each.label for each in found]


def test_who_may_list_instances_alone_finds_these(listed):
    said = []
    found, _ = listed(with_error("docdb", DENIED, "DescribeDBClusters"), "docdb", warn=said.append)
    assert names(found) == ["docdb/profiles-1"]
    assert said == [f"cannot list all of docdb: AWS refused rds:DescribeDBClusters on *: {WHO} is not allowed"]


def test_who_may_list_nothing_is_told_so(listed):
    with pytest.raises(AccessDenied):
        listed(with_error("docdb", DENIED), "docdb")


def test_who_may_not_look_into_subnet_groups_finds_endpoints_of_unknown_networks(listed):
    said = []
    found, _ = listed(with_error("memorydb", DENIED, "DescribeSubnetGroups"), "memorydb", warn=said.append)
    assert [(each.name, each.vpc) for each in found] == [("flags", ""), ("limits", ""), ("scores", "")]
    assert [each.startswith("cannot tell in which network they are: ") for each in said] == [True]


def test_one_service_that_does_not_answer_does_not_hide_the_others(listed):
    broken = with_error("redshift", {"Code": "ClusterInBadMood", "Message": "no"})
    said = []
    found, _ = listed([*broken, *cases.case("memorydb").calls], "memorydb", "redshift", warn=said.append)
    assert {each.service for each in found} == {"memorydb"}
    assert [each.partition(":")[0] for each in said] == ["cannot list all of redshift"]


def test_endpoints_stand_in_the_order_of_the_services(listed):
    calls = [*cases.case("redshift").calls, *cases.case("memorydb").calls]
    found, _ = listed(calls, "redshift", "memorydb")
    assert names(found) == [
        *("redshift/warehouse", "redshift/warehouse-test"),
        *("memorydb/flags", "memorydb/limits", "memorydb/scores"),
    ]


def test_a_name_is_found_however_it_is_capitalised(listed):
    found, _ = listed(cases.case("redshift-serverless").calls, "redshift-serverless", name="AdHoc")
    assert names(found) == ["redshift-serverless/adhoc"]


def test_what_has_gone_between_the_first_call_and_the_second_is_not_there(listed):
    gone = {"Code": "ResourceNotFoundException", "Message": "No cluster found for name: platform."}
    calls = [
        {**call, "error": gone} if call.get("given") == {"name": "platform"} else call
        for call in cases.case("eks").calls
    ]
    assert names(listed(calls, "eks")[0]) == ["eks/staging"]


def test_a_token_is_for_the_real_host_and_port(keys):
    clients = Clients(
        Value("", "default"),
        Value(cases.REGION, "-r"),
        endpoints={},
        trace=pytest.fail,
        ask_secret=pytest.fail,
    )
    [endpoint] = [each for each in cases.case("rds").endpoints if each.name == "payments-prod"]
    signed = urlsplit(f"//{Endpoints(clients, warn=pytest.fail).token(endpoint, 'asha')}")
    assert signed.netloc == endpoint.address
    said = parse_qs(signed.query)
    assert (said["Action"], said["DBUser"], said["X-Amz-Expires"]) == (["connect"], ["asha"], ["900"])
    assert said["X-Amz-Credential"][0].endswith("/eu-west-1/rds-db/aws4_request")
