"""Which nodes may reach an endpoint, in which order, and why the others may not."""

import pytest

from ssmx.model.endpoint import Endpoint
from ssmx.model.jump import TAG, rank
from ssmx.model.target import Target

ENDPOINT = Endpoint("rds", "db", "db.internal", 5432, vpc="vpc-1", zone="a")


def node(name, **facts):
    usual = {"state": "running", "ping": "Online", "vpc": "vpc-1", "agent_version": "3.3.0.0", "zone": "a"}
    return Target(f"i-{name}", "eu-west-1", name=name, **{**usual, **facts})


def test_tagged_nodes_come_first_then_those_of_the_zone_then_by_name():
    nodes = [
        node("b"),
        node("a", zone="b"),
        node("c"),
        node("z", zone="b", tags={TAG: "true"}),
        node("y", tags={TAG: "True"}),
        node("x", tags={TAG: "false"}),
        node("w", platform="Microsoft Windows Server 2022"),
    ]
    assert [each.name for each in rank(ENDPOINT, nodes).jumps] == ["y", "z", "b", "c", "x", "w", "a"]


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"vpc": "vpc-2"}, "it is in vpc-2, not in vpc-1"),
        ({"vpc": ""}, "it is in no VPC, not in vpc-1"),
        ({"state": "stopped"}, "it is stopped"),
        ({"ping": "ConnectionLost"}, "it is offline (ConnectionLost)"),
        ({"ping": ""}, "Systems Manager does not know it"),
        (
            {"agent_version": "3.1.1188.0"},
            "agent 3.1.1188.0; AWS-StartPortForwardingSessionToRemoteHost needs 3.1.1374.0",
        ),
    ],
)
def test_a_node_that_cannot_is_refused_with_the_reason(facts, why):
    ranking = rank(ENDPOINT, [node("n", **facts)])
    assert ranking.jumps == ()
    assert [reason for _, reason in ranking.refused] == [why]


def test_an_agent_of_unknown_age_may():
    assert rank(ENDPOINT, [node("n", agent_version="")]).jumps
