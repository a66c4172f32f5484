import json

import pytest


def test_a_name_gives_its_node(ssmx):
    result = ssmx("resolve", "payments-api", "-o", "json")
    assert result.status == 0
    assert result.json["name"] == "payments-api"
    assert result.json["private_ip"] == "10.0.12.87"
    assert result.json["account"] == "123456789012"
    assert result.json["online"] is True


@pytest.mark.parametrize(
    "spec",
    [
        "10.0.12.87",
        "ip-10-0-12-87",
        "ip-10-0-12-87.eu-west-1.compute.internal",
        "Name=payments-api",
        "payments-ap?",
        "Name=payments-a*,Env=prod",
    ],
)
def test_other_words_for_the_same_node(ssmx, spec):
    assert ssmx("resolve", spec, "-o", "name").out == "payments-api\n"


def test_an_id_gives_its_node(ssmx, nodes):
    assert ssmx("resolve", nodes["payments-api"], "-o", "name").out == "payments-api\n"


@pytest.mark.parametrize("spec", ["warehouse-scanner", "Name=warehouse-scanner", "warehouse-*"])
def test_a_hybrid_node_is_found_by_its_name(ssmx, spec):
    result = ssmx("resolve", spec, "-o", "json")
    assert result.json["id"].startswith("mi-")
    assert result.json["state"] == "hybrid"


def test_two_instances_of_one_name_are_not_guessed_between(ssmx):
    result = ssmx("resolve", "web")
    assert result.status == 68
    assert result.out == ""
    assert result.err.count("\n  web  i-") == 6
    assert "--newest" in result.err


def test_a_script_gets_the_candidates_as_json(ssmx):
    result = ssmx("resolve", "web", "-o", "json")
    body = json.loads(result.err)
    assert result.status == body["exit"] == 68
    assert body["error"] == "ambiguous-target"
    assert len(body["candidates"]) == 6
    assert all(each["online"] for each in body["candidates"])


def test_a_script_decides_by_age(ssmx):
    launched = {
        each["launched"]: each["id"] for each in ssmx("ls", "Name=web", "-o", "json").json if each["online"]
    }
    newest = ssmx("resolve", "web", "--newest", "-o", "json").json
    oldest = ssmx("resolve", "web", "--oldest", "-o", "json").json
    assert newest["id"] == launched[max(launched)]
    assert oldest["id"] == launched[min(launched)]
    assert ssmx("resolve", "asg/web", "--any", "-o", "json").json["name"] == "web"


def test_a_stopped_node_is_named_with_its_state_and_since_when(ssmx):
    result = ssmx("resolve", "reports-nightly")
    assert result.status == 69
    assert "is stopped since 20" in result.err


def test_a_node_that_lost_its_connection_says_when_it_was_last_heard(ssmx):
    result = ssmx("resolve", "search-indexer")
    assert result.status == 69
    assert "ConnectionLost" in result.err
    assert "3h ago" in result.err


def test_an_unknown_name_says_where_it_looked_and_why_there(ssmx):
    result = ssmx("resolve", "payment-api", AWS_REGION="eu-west-1")
    assert result.status == 68
    assert (
        "account 123456789012, region eu-west-1 (from AWS_REGION), profile sandbox (from AWS_PROFILE)" in result.err
    )
    assert "did you mean payments-api" in result.err
    assert result.err.count("\n") == 2


def test_a_wrong_region_finds_nothing_and_says_which_it_was(ssmx):
    result = ssmx("-r", "us-east-1", "resolve", "payments-api")
    assert result.status == 68
    assert "region us-east-1 (from --region)" in result.err


def test_the_suggestion_costs_at_most_two_calls(ssmx, levers):
    levers("POST", "reset")
    ssmx("resolve", "zzz-nothing-like-it")
    assert 1 <= len(levers.asked("DescribeTags")) <= 2


def test_the_account_is_never_listed_to_find_one_node(ssmx, levers):
    levers("POST", "reset")
    ssmx("resolve", "payments-api")
    for request in levers.asked("DescribeInstances") + levers.asked("DescribeInstanceInformation"):
        assert "payments-api" in json.dumps(request) or "i-" in json.dumps(request)
    assert levers.asked("DescribeInstanceProperties") == []


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("ecs/cluster/web", "not supported yet"),
        ("asg/", "without a name"),
        ("a=b,=c", "not Key=Value"),
        ("", "empty"),
    ],
)
def test_words_that_name_nothing_are_a_usage_error(ssmx, spec, said):
    result = ssmx("resolve", spec)
    assert result.status == 2
    assert said in result.err
    assert result.err.count("\n") == 2


def test_somebody_who_may_not_look_still_gets_a_node_by_its_id(ssmx, nodes, levers):
    node = nodes["payments-api"]  # asked for before nobody may ask
    levers.fault("DescribeInstances", "UnauthorizedOperation", "You are not authorized", status=403, times=9)
    result = ssmx("resolve", node, "-o", "json")
    assert result.status == 0
    assert result.json["ssm"] == "Online"
    assert "cannot look" in result.err


def test_somebody_who_may_not_ask_ssm_is_told_and_served(ssmx, levers):
    levers.fault("DescribeInstanceInformation", "AccessDeniedException", "User: a is not authorized", times=9)
    result = ssmx("resolve", "payments-api", "-o", "json")
    assert result.status == 0
    assert result.json["ssm"] == "Unknown"
    assert "cannot tell who is online" in result.err


@pytest.mark.parametrize("option", ["-r", "--region", "-p", "--profile"])
def test_an_option_that_is_empty_is_a_mistake_and_no_default(ssmx, option):
    result = ssmx("resolve", "payments-api", option, "")
    assert (result.status, result.out, len(result.err.splitlines())) == (2, "", 2)
    assert "is empty" in result.err
