"""ssmx why, and --explain: which nodes reach an endpoint, and what is missing where one does not."""

import pytest

from tests.conftest import client_of
from tests.transport.node import certificate


def checks(answer):
    return {each["about"]: each for each in answer["checks"]}


def test_a_node_that_reaches_is_told_with_every_reason(ssmx):
    result = ssmx("why", "payments-api", "rds/payments-prod")
    assert result.status == 0
    first, *lines = result.out.splitlines()
    assert first.startswith("payments-api (i-")
    assert "reaches rds/payments-prod at payments-prod." in first
    assert [line.split()[0] for line in lines] == ["yes"] * 6
    assert "(prod-database) admits tcp 5432 from 10.0.0.0/16, which holds 10.0.12.87" in result.out


def test_the_missing_rule_is_spelt_out_with_the_command_that_adds_it(ssmx):
    result = ssmx("why", "bastion-prod", "sessions")  # of any service
    assert result.status == 1
    assert "does not reach elasticache/sessions" in result.out
    assert "(prod-cache) needs an inbound rule: tcp 6379 from sg-" in result.out
    assert "(prod-app), and not from" in result.out
    [command] = [line.split() for line in result.out.splitlines() if "aws ec2" in line]
    assert command[2] == "authorize-security-group-ingress"
    assert command[command.index("--port") + 1] == "6379"


def test_with_the_missing_rule_added_it_reaches(ssmx, running):
    ingress = checks(ssmx("why", "bastion-prod", "elasticache/sessions", "-o", "json").json)["ingress"]
    words = ingress["command"].split()
    group, peer = (words[words.index(option) + 1] for option in ("--group-id", "--source-group"))
    rule = {
        "IpProtocol": "tcp",
        "FromPort": 6379,
        "ToPort": 6379,
        "UserIdGroupPairs": [{"GroupId": peer}],
    }
    ec2 = client_of(running, "ec2")
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    try:
        answer = ssmx("why", "bastion-prod", "elasticache/sessions", "-o", "json")
        assert (answer.status, answer.json["reaches"]) == (0, "yes")
    finally:
        ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[rule])


@pytest.mark.parametrize(
    ("words", "about", "said"),
    [
        (["search-indexer", "rds/payments-prod"], "state", "it is offline (ConnectionLost)"),
        (["reports-nightly", "rds/payments-prod"], "state", "it is stopped"),
        (["legacy-batch", "rds/payments-prod"], "agent", "needs 3.1.1374.0"),
        (["bastion-dev", "rds/payments-prod"], "network", "no peering leads there"),
        (["bastion-dev", "redshift/warehouse"], "network", "no peering leads there"),
    ],
    ids=" ".join,
)
def test_what_is_in_the_way_is_said(ssmx, words, about, said):
    result = ssmx("why", *words, "-o", "json")
    assert result.status == 1, result.err
    assert result.json["reaches"] == "no"
    assert checks(result.json)[about]["holds"] == "no"
    assert said in checks(result.json)[about]["why"]


def test_a_node_outside_ec2_may_come_from_anywhere(ssmx):
    found = checks(ssmx("why", "warehouse-scanner", "rds/payments-prod", "-o", "json").json)
    assert [found[each]["holds"] for each in ("network", "ingress", "egress")] == ["perhaps"] * 3
    assert "from where the node comes is not known" in found["ingress"]["why"]


def test_a_peered_network_is_reached_where_the_endpoints_subnets_route_back(ssmx):
    network = checks(ssmx("why", "payments-api", "redshift/warehouse", "-o", "json").json)["network"]
    assert network["holds"] == "yes"
    assert "peers them, with routes both ways" in network["why"]


def test_a_host_of_which_nothing_is_known_may_be_reached(ssmx):
    result = ssmx("why", "payments-api", "10.0.0.9:81")
    assert result.status == 0
    assert "may reach 10.0.0.9:81" in result.out


def test_the_host_name_and_port_of_an_endpoint_are_the_endpoint(ssmx):
    host = ssmx("ls", "rds", "payments-prod", "-o", "json").json[0]["host"]
    assert ssmx("why", "payments-api", f"{host}:5432", "-o", "json").json["endpoint"]["name"] == "payments-prod"


@pytest.mark.parametrize(
    ("endpoint", "options", "said"),
    [
        ("rds/payments-prod", [], "it answered as postgres"),
        ("elasticache/sessions", [], "a certificate for master.sessions."),
        ("opensearch/search-prod", [], "a certificate for vpc-search-prod"),
        ("eks/platform", [], "gr7.eu-west-1.eks.amazonaws.com"),
        ("alb/internal-api", ["--endpoint", "80"], "it answered as http"),
    ],
)
def test_trying_asks_the_endpoint_itself(ssmx, levers, endpoint, options, said):
    result = ssmx("why", "payments-api", endpoint, "--try", *options)
    assert result.status == 0, result.out + result.err
    assert said in result.out.splitlines()[-1]
    assert levers.open_sessions() == []


def test_an_endpoint_that_does_not_answer_is_said(ssmx, levers):
    result = ssmx("why", "payments-api", "redshift/warehouse", "--try", "-o", "json")
    assert result.status == 1
    assert result.json["reaches"] == "yes"
    assert result.json["tried"]["answered"] is False
    assert levers.open_sessions() == []


def test_the_ranking_is_printed_with_why_each_other_node_was_refused(ssmx, levers):
    levers("POST", "reset")
    result = ssmx("tunnel", "elasticache", "sessions", "--explain", "-o", "json")
    assert result.status == 0
    ranked = result.json
    assert all(each["reaches"] == "yes" for each in ranked["jumps"])
    refused = {each["name"]: each["why"] for each in ranked["refused"]}
    assert "and not from" in refused["bastion-prod"]
    assert refused["search-indexer"] == "it is offline (ConnectionLost)"
    assert "needs 3.1.1374.0" in refused["legacy-batch"]
    assert levers.asked("StartSession") == []
    table = ssmx("db", "elasticache/sessions", "--explain").out.splitlines()
    assert table[0].split() == ["RANK", "NODE", "ZONE", "AGENT", "MARKS", "WHY"]
    assert table[1].split()[0] == "1"
    assert len(table) == 1 + len(ranked["jumps"]) + len(ranked["refused"])


def test_nodes_of_peered_networks_are_ranked_too(ssmx):
    ranked = ssmx("tunnel", "redshift", "warehouse", "--explain", "-o", "json").json
    assert len(ranked["jumps"]) > 50
    assert ranked["jumps"][0]["name"] == "bastion-prod"


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ("DescribeSecurityGroups", "not looked at: AWS refused ec2:DescribeSecurityGroups"),
        ("DescribeVpcs", "not looked at: AWS refused ec2:DescribeVpcs"),
    ],
)
def test_what_may_not_be_looked_at_is_unknown_and_said(ssmx, levers, operation, said):
    levers.fault(operation, "UnauthorizedOperation", "no", status=403, times=2)
    result = ssmx("why", "payments-api", "rds/payments-prod")
    assert result.status == 0
    assert said in result.err
    levers("POST", "reset")


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["why", "payments-api", "no-such"], 68, "no endpoint is called 'no-such'"),
        (["why", "nobody", "rds/payments-prod"], 68, "no node is named 'nobody'"),
        (["why", "web", "rds/payments-prod"], 68, "6 online nodes are named 'web'"),
        (["why", "payments-api", "rdss/x"], 2, "did you mean 'rds'"),
        (["why", "payments-api", "redis/x"], 2, "did you mean 'elasticache'"),
        (["tunnel", "rds", "payments-prod", "--explain", "--via", "web"], 2, "ssmx why NODE ENDPOINT"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else None,
)
def test_what_is_wrong_is_said(ssmx, words, status, said):
    result = ssmx(*words)
    assert result.status == status
    assert said in result.err


def test_what_is_seen_goes_before_what_is_thought(ssmx, levers):
    result = ssmx("why", "bastion-prod", "elasticache/sessions", "--try")
    assert result.status == 0  # the sandbox's network does not hold its rules
    assert result.out.startswith("bastion-prod (i-edc4201db2a859bc5) reaches ")
    assert "  no   " in result.out


def test_where_nothing_can_be_tried_the_reasons_are_told_all_the_same(ssmx):
    result = ssmx("why", "search-indexer", "elasticache/sessions", "--try")
    assert result.status == 1
    assert "  no   it is offline (ConnectionLost)" in result.out
    assert result.out.splitlines()[-1].startswith("tried: ")


def test_a_certificate_that_nobody_vouches_for_is_said(ssmx, tmp_path):
    _, other = certificate(tmp_path, "other")
    result = ssmx("why", "payments-api", "opensearch/search-prod", "--try", SSMX_CA_BUNDLE=str(other))
    assert "it answered; its certificate is not verified" in result.out.splitlines()[-1]


def test_a_host_with_several_ports_is_told_by_its_port(ssmx):
    rows = {each["part"]: each for each in ssmx("ls", "alb", "internal-api", "-o", "json").json}
    answer = ssmx("why", "payments-api", f"{rows['80']['host']}:80", "-o", "json").json
    assert (answer["endpoint"]["name"], answer["endpoint"]["port"]) == ("internal-api", 80)


@pytest.mark.parametrize(
    ("form", "first"), [("name", "yes"), ("tsv", "state\tyes\t"), ("csv", "about,holds,why,mend,command")]
)
def test_scripts_get_the_form_they_ask_for(ssmx, form, first):
    assert ssmx("why", "payments-api", "rds/payments-prod", "-o", form).out.startswith(first)


def test_an_expired_sign_in_is_no_unknown_rule(ssmx, levers):
    levers.fault("DescribeSecurityGroups", "RequestExpired", "expired", status=400, times=5)
    result = ssmx("why", "payments-api", "rds/payments-prod")
    assert result.status == 77
    levers("POST", "reset")


def test_the_node_itself_is_no_endpoint(ssmx):
    result = ssmx("why", "payments-api", "localhost:22")
    assert result.status == 2
    assert "`ssmx forward TARGET PORT`" in result.err


def test_of_several_nodes_one_is_picked(ssmx):
    assert ssmx("why", "web", "rds/payments-prod", "--newest").status == 0
