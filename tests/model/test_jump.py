"""Which nodes may reach an endpoint, in which order, and why the others may not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmx.model.endpoint import host_endpoint
from ssmx.model.jump import TAG, is_tagged, judge, rank
from ssmx.model.network import Holds, RouteTable, Rule
from ssmx.model.target import UNKNOWN, Interface
from tests.model.surroundings import (
    ADD_INBOUND,
    ADMITS_APP,
    ANYWHERE,
    APP,
    DB,
    FROM_APP,
    HERE,
    OPEN,
    OTHER,
    PEERING,
    PLAIN,
    THERE,
    TO_ALL,
    egress,
    endpoint,
    ingress,
    judged,
    network,
    node,
    peered,
    said,
)

yes, perhaps, no = said("state")
STATES = [
    yes("a running node that is online", "it is running and online"),
    yes("a node that SSM may not be asked about", "it is running and online", node=node(ping=UNKNOWN)),
    no(
        "an offline node",
        "it is offline (ConnectionLost)",
        node=node(ping="ConnectionLost"),
        mend="its agent must reach Systems Manager",
    ),
    no(
        "a node that Systems Manager does not know",
        "Systems Manager does not know it",
        node=node(ping=""),
        mend="its agent must reach Systems Manager",
    ),
    no("a stopped node", "it is stopped", node=node(state="stopped", ping=""), mend="start it"),
    no("a stopping node", "it is stopping", node=node(state="stopping"), mend="start it once it is stopped"),
    no("a node that starts", "it is pending", node=node(state="pending"), mend="wait until it runs"),
    no("a terminated node", "it is terminated", node=node(state="terminated"), mend="take another node"),
]
yes, perhaps, no = said("staying")
STATES += [
    yes("a node on demand", "it is not about to end"),
    yes("a spot instance", "it is a spot instance", node=node(spot=True)),
    no(
        "a node that its group ends",
        "its Auto Scaling group is terminating it",
        network(FROM_APP, OPEN, terminating=frozenset({"i-n"})),
        mend="take another node",
    ),
]
yes, perhaps, no = said("agent")
STATES += [
    yes("an agent that is new enough", "its agent is 3.1.1374.0", node=node(agent_version="3.1.1374.0")),
    perhaps("an agent of unknown age", "the version of its agent is not known", node=node(agent_version="")),
    no(
        "an agent that is too old, of a node with an odd name",
        "it runs agent 3.1.1188.0; AWS-StartPortForwardingSessionToRemoteHost needs 3.1.1374.0",
        node=node("cron runs here", agent_version="3.1.1188.0"),
        mend="update it with the AWS-UpdateSSMAgent document",
    ),
]


yes, perhaps, no = said("network")
SECOND = Interface("vpc-1", "subnet-1b", "10.1.9.9", groups=(OTHER,))
INTERFACES = [
    perhaps(
        "a second interface in the endpoint's VPC",
        "its interface 10.1.9.9 may lead there: it is in the endpoint's VPC",
        network(ingress(peer=OTHER), Rule(OTHER, True, "-1", cidr=ANYWHERE), peerings=[], tables=[]),
        node=peered(interfaces=(SECOND,)),
    ),
    perhaps(
        "a second interface whose group is admitted",
        "its interface 10.1.9.9 may lead there: it is in the endpoint's VPC",
        network(ingress(peer=OTHER), OPEN, Rule(OTHER, True, "-1", cidr=ANYWHERE)),
        node=node(interfaces=(SECOND,)),
    ),
    yes(
        "a second interface that is not needed",
        "it is in the endpoint's VPC",
        network(FROM_APP, OPEN),
        node=node(interfaces=(SECOND,)),
    ),
    no(
        "a second interface beside the first, in whose place no system takes it",
        "sg-db (db) admits tcp 5432 from 10.1.9.9/32, and not from 10.1.0.5 or sg-app",
        network(ingress(cidr="10.1.9.9/32"), OPEN),
        node=node(interfaces=(Interface("vpc-1", "subnet-1a", "10.1.9.9", groups=(APP,)),)),
        about="ingress",
        mend="sg-db (db) needs an inbound rule: tcp 5432 from sg-app",
        command=f"{ADD_INBOUND} --source-group sg-app",
    ),
    perhaps(
        "egress over IPv6 alone, to a name that may have such an address",
        "the endpoint may have an IPv6 address: the VPC of ldap.corp:636 is not known",
        network(Rule(APP, True, "-1", cidr="::/0")),
        node=node(ipv6=("2001:db8:1::5",)),
        endpoint=host_endpoint("ldap.corp:636"),
    ),
]


@pytest.mark.parametrize("row", STATES + INTERFACES, ids=lambda row: row.name)
def test_nodes(row):
    assert judged(row) == row.printed
    ranking = rank(row.endpoint, [row.node], row.network)
    assert [each.why for each in ranking.refused] == ([row.why] if row.holds is Holds.NO else [])


# Each is better than the next one by one thing, and worse in what stands behind that in the order.
LATER = {"agent_version": "3.9.0.0", "zone": "c", "spot": True, "platform": "Windows"}
RANKED = [
    node("tagged", **LATER, tags={TAG: "True"}),
    node("newer", **{**LATER, "agent_version": "3.10.0.0"}, tags={TAG: "false"}),
    node("zone", **{**LATER, "zone": "a"}),
    node("on-demand", **{**LATER, "spot": False}),
    node("z-linux", **{**LATER, "platform": "Linux/UNIX"}),
    node("windows-a", **LATER),
    node("windows-b", **LATER),
    node("older", agent_version="3.8.9.9"),
    node("age-unknown", agent_version=""),
    node("egress-unknown", groups=(OTHER,), private_ip="10.1.3.1", tags={TAG: "true"}),
    node("ingress-unknown", groups=(DB,), tags={TAG: "true"}),
    peered(name="z-peered", tags={TAG: "true"}),
    peered(name="peered-perhaps", tags={TAG: "true"}, subnet="subnet-2b"),
]
"""In the order in which they are to be tried."""
AROUND = network(
    FROM_APP,
    OPEN,
    ingress(cidr="10.1.3.1/32"),
    ingress(prefix_list="pl-hidden"),
    egress(group=OTHER, cidr="10.1.0.0/17"),
    egress(group=DB, cidr=HERE),
    peerings=[PEERING],
    tables=[
        RouteTable("rtb-2", "vpc-2", main=True, routes=((HERE, "pcx-1"),)),
        RouteTable("rtb-2b", "vpc-2", subnets=("subnet-2b",), routes=((HERE, "tgw-1"),)),
        RouteTable("rtb-1", "vpc-1", main=True, routes=((THERE, "pcx-1"),)),
    ],
)


@given(st.permutations(RANKED))
def test_the_order_is_that_of_the_modules_head_whatever_it_was_before(nodes):
    ranking = rank(endpoint(), nodes, AROUND)
    assert [each.name for each in ranking.nodes] == [each.name for each in RANKED]


UNTAGGED = [each for each in RANKED if not is_tagged(each)]


@given(st.permutations(RANKED), st.sampled_from(RANKED))
def test_what_worked_last_is_first_where_it_is_tagged_and_the_rest_stays(nodes, last):
    ranking = rank(endpoint(), nodes, AROUND, last=last.id)
    first = (last,) if is_tagged(last) else ()
    assert ranking.nodes == (*first, *(each for each in RANKED if each not in first))


@given(st.permutations(UNTAGGED), st.sampled_from(UNTAGGED))
def test_what_worked_last_is_first_where_nobody_has_meant_others(nodes, last):
    ranking = rank(endpoint(), nodes, AROUND, last=last.id)
    assert ranking.nodes == (last, *(each for each in UNTAGGED if each != last))


def test_whether_a_group_ends_a_node_is_unknown_where_nobody_may_ask():
    grouped = node("n", tags={"aws:autoscaling:groupName": "web"})
    around = network(FROM_APP, OPEN, terminating=None)
    [verdict] = rank(endpoint(), [grouped], around).jumps
    assert verdict.of("staying") is Holds.UNKNOWN
    [verdict] = rank(endpoint(), [node("n")], around).jumps
    assert verdict.of("staying") is Holds.YES


def test_what_worked_last_is_not_tried_where_something_is_in_the_way():
    stopped = node("stopped", state="stopped")
    ranking = rank(endpoint(), [stopped, node("a")], PLAIN, last=stopped.id)
    assert [each.name for each in ranking.nodes] == ["a"]


def test_the_refused_are_by_name():
    nodes = [node(each, state="stopped") for each in ("c", "a", "b")]
    assert [each.node.name for each in rank(endpoint(), nodes, PLAIN).refused] == ["a", "b", "c"]


def test_where_nothing_is_known_every_node_that_is_online_may():
    assert [each.name for each in rank(endpoint(), [node("a"), node("b", ping="")]).nodes] == ["a"]


def test_what_comes_first_on_the_way_is_the_reason():
    everything = node(state="stopped", agent_version="2.3.0.0", vpc="vpc-3", groups=(OTHER,))
    verdict = judge(endpoint(), everything, network(FROM_APP, peerings=[], tables=[]))
    assert verdict.why == "it is stopped"
    assert verdict.holds is Holds.NO


def test_what_lets_a_node_through_is_told_without_what_is_so_of_most():
    assert judge(endpoint(), node(), PLAIN).why == f"{ADMITS_APP}; {TO_ALL}"
    known = network(FROM_APP, OPEN, peerings=AROUND.peerings, tables=AROUND.tables)
    both_ways = "it is in vpc-2, not in vpc-1, and pcx-1 peers them, with routes both ways"
    assert judge(endpoint(), peered(), known).why == f"{both_ways}; {ADMITS_APP}; {TO_ALL}"
