"""Whether routes lead from a node to an endpoint and back."""

import pytest

from ssmx.model.endpoint import host_endpoint
from ssmx.model.jump import rank
from ssmx.model.network import Holds, Peering, RouteTable, Rule
from ssmx.model.target import Target
from tests.model.surroundings import (
    ANYWHERE,
    APP,
    FROM_APP,
    HERE,
    OPEN,
    PEERING,
    SIX,
    SIX_THERE,
    THERE,
    endpoint,
    judged,
    network,
    node,
    peered,
    said,
)

AWAY = "it is in vpc-2, not in vpc-1"
PEERED = f"{AWAY}, and pcx-1 peers them"
BOTH_WAYS = f"{PEERED}, with routes both ways"
NO_PEERING = f"{AWAY}, and no peering leads there"
PEER_THEM = "take a node of that VPC, or peer the two and route both ways"
NO_ROUTE = f"{PEERED}, but rtb-2 has no route to 10.1.0.0/16 through pcx-1"
ADD_ROUTE = "rtb-2 needs a route to 10.1.0.0/16 through pcx-1"


def there(*routes, **facts):
    """The table of the node's VPC."""
    return RouteTable("rtb-2", "vpc-2", **{"main": True, "routes": routes, **facts})


def back(*routes, name="rtb-1", **facts):
    """A table of the endpoint's VPC."""
    return RouteTable(name, "vpc-1", **{"main": True, "routes": routes, **facts})


OVER = (HERE, "pcx-1")
RETURN = (THERE, "pcx-1")


def routed(*tables, **facts):
    usual = {"peerings": [PEERING], "tables": tables}
    return network(FROM_APP, OPEN, **{**usual, **facts})


yes, perhaps, no = said("network")
ROUTES = [
    yes("the same VPC", "it is in the endpoint's VPC"),
    yes("routes both ways", BOTH_WAYS, routed(there(OVER), back(RETURN)), node=peered()),
    yes(
        "a wider route there, and one to the node's address back",
        BOTH_WAYS,
        routed(there(("10.0.0.0/8", "pcx-1")), back(("10.2.0.5/32", "pcx-1"))),
        node=peered(),
    ),
    no(
        "no route there",
        NO_ROUTE,
        routed(there(), back(RETURN)),
        node=peered(),
        mend=ADD_ROUTE,
    ),
    no(
        "a route there through another peering",
        NO_ROUTE,
        routed(there((HERE, "pcx-2")), back(RETURN), peerings=[PEERING, Peering("pcx-2", ("vpc-1", "vpc-3"))]),
        node=peered(),
        mend=ADD_ROUTE,
    ),
    no(
        "a route back that another table has",
        f"{PEERED}, but rtb-1 has no route back to 10.2.0.5 through pcx-1",
        routed(there(OVER), back(), back(RETURN, name="rtb-x", main=False, subnets=("subnet-x",))),
        node=peered(),
        mend="rtb-1 needs a route back to 10.2.0.5 through pcx-1",
    ),
    no(
        "a route back to others",
        f"{PEERED}, but rtb-1 has no route back to 10.2.0.5 through pcx-1",
        routed(there(OVER), back(("10.2.9.0/24", "pcx-1"))),
        node=peered(),
        mend="rtb-1 needs a route back to 10.2.0.5 through pcx-1",
    ),
    perhaps(
        "a route there for a part of the VPC",
        f"{PEERED}; the routes of rtb-2 through pcx-1 may not lead to all of vpc-1",
        routed(there(("10.1.0.0/20", "pcx-1")), back(RETURN)),
        node=peered(),
    ),
    perhaps(
        "a route there for one of two CIDRs",
        f"{PEERED}; the routes of rtb-2 through pcx-1 may not lead to all of vpc-1",
        routed(there(OVER), back(RETURN), cidrs={"vpc-1": [HERE, "100.64.0.0/16"]}),
        node=peered(),
    ),
    perhaps(
        "a more specific route elsewhere",
        f"{PEERED}; tgw-1 may lead there",
        routed(there(OVER, ("10.1.8.0/24", "tgw-1")), back(RETURN)),
        node=peered(),
    ),
    yes(
        "a wider route elsewhere",
        BOTH_WAYS,
        routed(there(OVER, ("10.0.0.0/8", "tgw-1")), back(RETURN, (ANYWHERE, "tgw-1"))),
        node=peered(),
    ),
    perhaps(
        "a peering, and the routes through a gateway",
        f"{PEERED}; tgw-1 may lead there",
        routed(there((ANYWHERE, "tgw-1")), back(RETURN)),
        node=peered(),
    ),
    perhaps(
        "the way back through a gateway",
        f"{PEERED}; tgw-1 may lead back",
        routed(there(OVER), back(("10.0.0.0/8", "tgw-1"))),
        node=peered(),
    ),
    yes(
        "the subnets' own tables before the main ones",
        BOTH_WAYS,
        routed(
            there(),
            RouteTable("rtb-2a", "vpc-2", subnets=("subnet-2a",), routes=(OVER,)),
            back(),
            back(RETURN, name="rtb-1a", main=False, subnets=("subnet-1a", "subnet-1b")),
        ),
        node=peered(),
    ),
    no(
        "the main table has a route, and the subnet's own has not",
        f"{PEERED}, but rtb-2a has no route to 10.1.0.0/16 through pcx-1",
        routed(there(OVER), RouteTable("rtb-2a", "vpc-2", subnets=("subnet-2a",)), back(RETURN)),
        node=peered(),
        mend="rtb-2a needs a route to 10.1.0.0/16 through pcx-1",
    ),
    perhaps(
        "a route back in one of the endpoint's subnets",
        f"{PEERED}; a route back to 10.2.0.5 through pcx-1 is missing in rtb-1",
        routed(there(OVER), back(), back(RETURN, name="rtb-1b", main=False, subnets=("subnet-1b",))),
        node=peered(),
    ),
    perhaps(
        "an endpoint whose subnets are not known, and one table that lacks the route",
        f"{PEERED}; a route back to 10.2.0.5 through pcx-1 is missing in rtb-1",
        routed(there(OVER), back(), back(RETURN, name="rtb-x", main=False, subnets=("subnet-x",))),
        node=peered(),
        endpoint=endpoint(subnets=()),
    ),
    yes(
        "a route to a prefix list",
        BOTH_WAYS,
        routed(there(("pl-1", "pcx-1")), back(RETURN), prefix_lists={"pl-1": ["10.9.0.0/16", HERE]}),
        node=peered(),
    ),
    perhaps(
        "a route to a prefix list that nobody may read",
        f"{PEERED}; the routes of rtb-2 through pcx-1 may not lead to all of vpc-1",
        routed(there(("pl-1", "pcx-1")), back(RETURN)),
        node=peered(),
    ),
    perhaps(
        "routes that are not known",
        f"{PEERED}; the routes are not known",
        routed(tables=None),
        node=peered(),
    ),
    perhaps(
        "the node's routes are another account's",
        f"{PEERED}; the routes are not known",
        routed(back(RETURN)),
        node=peered(),
    ),
    perhaps(
        "the endpoint's routes are another account's",
        f"{PEERED}; whether routes lead back is not known",
        routed(there(OVER)),
        node=peered(),
    ),
    perhaps(
        "CIDRs that are not known",
        f"{PEERED}; the routes of rtb-2 through pcx-1 may not lead to all of vpc-1",
        routed(there(OVER), back(RETURN), cidrs={}),
        node=peered(),
    ),
    no(
        "CIDRs that are not known, and no route at all",
        f"{PEERED}, but rtb-2 has no route to vpc-1 through pcx-1",
        routed(there(), back(RETURN), cidrs={}),
        node=peered(),
        mend="rtb-2 needs a route to vpc-1 through pcx-1",
    ),
    perhaps(
        "peerings that are not known",
        f"{AWAY}; the peerings are not known",
        network(FROM_APP, OPEN),
        node=peered(),
    ),
    no("another VPC", NO_PEERING, routed(there(), peerings=[]), node=peered(), mend=PEER_THEM),
    perhaps(
        "another VPC, of whose routes nothing is known",
        f"{AWAY}; the routes are not known",
        routed(tables=None, peerings=[]),
        node=peered(),
    ),
    no(
        "a gateway to elsewhere",
        NO_PEERING,
        routed(there(("10.9.0.0/16", "tgw-1")), peerings=[]),
        node=peered(),
        mend=PEER_THEM,
    ),
    perhaps(
        "a transit gateway",
        f"{AWAY}; tgw-1 may lead there",
        routed(there(("10.0.0.0/8", "tgw-1")), peerings=[]),
        node=peered(),
    ),
    perhaps(
        "a transit gateway, where the CIDRs are not known",
        f"{AWAY}; tgw-1 may lead there",
        routed(there(("10.9.0.0/16", "tgw-1")), peerings=[], cidrs={}),
        node=peered(),
    ),
    perhaps(
        "a transit gateway, by a prefix list that nobody may read",
        f"{AWAY}; tgw-1 may lead there",
        routed(there(("pl-1", "tgw-1")), peerings=[]),
        node=peered(),
    ),
    perhaps(
        "a peering that only the owner of the VPC may see",
        f"{AWAY}; pcx-9 may lead there",
        routed(there((HERE, "pcx-9")), peerings=[]),
        node=peered(),
    ),
    perhaps(
        "a hybrid node",
        "it is outside EC2: what leads from there is not known",
        node=Target("mi-1", "eu-west-1", ping="Online", agent_version="3.3.0.0"),
    ),
    perhaps("a node that nobody may look up", "its VPC is not known", node=node(vpc="", groups=(), private_ip="")),
    perhaps(
        "an endpoint of which nothing is known",
        "the VPC of ldap.corp:636 is not known",
        endpoint=host_endpoint("ldap.corp:636"),
    ),
    yes(
        "a peering with IPv6 routes alone",
        BOTH_WAYS,
        network(
            Rule(APP, True, "-1", cidr="::/0"),
            peerings=[PEERING],
            tables=[there((SIX, "pcx-1")), back((SIX_THERE, "pcx-1"))],
            cidrs={"vpc-1": [HERE, SIX]},
        ),
        node=peered(ipv6=("2001:db8:2::5",)),
        endpoint=endpoint(dual=True, groups=()),
    ),
    no(
        "IPv6 there and IPv4 back",
        f"{PEERED}, but rtb-2 has no route to 10.1.0.0/16 through pcx-1",
        routed(there((SIX, "pcx-1")), back(RETURN), cidrs={"vpc-1": [HERE, SIX]}),
        node=peered(ipv6=("2001:db8:2::5",)),
        endpoint=endpoint(dual=True, groups=()),
        mend=ADD_ROUTE,
    ),
    no(
        "an IPv6 address, and a node without one",
        "it has no IPv6 address",
        endpoint=host_endpoint("[2001:db8::7]:5432"),
        mend="take a node that has one",
    ),
    perhaps(
        "a node without an IPv4 address",
        "it has no IPv4 address, and may need one",
        node=node(private_ip="", ipv6=("2001:db8:1::5",)),
        endpoint=endpoint(groups=()),
    ),
]


@pytest.mark.parametrize("row", ROUTES, ids=lambda row: row.name)
def test_routes(row):
    assert judged(row) == row.printed
    ranking = rank(row.endpoint, [row.node], row.network)
    assert [each.why for each in ranking.refused] == ([row.why] if row.holds is Holds.NO else [])
