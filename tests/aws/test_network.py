"""What EC2 and Auto Scaling tell of the network, as the model has it; and what may not be asked."""

import pytest

from ssmx.aws.inventory import Inventory
from ssmx.aws.network import Surroundings
from ssmx.model.endpoint import Endpoint
from ssmx.model.network import Peering, RouteTable, Rule
from ssmx.model.target import Interface, Target
from tests.aws.ec2 import Ec2

ENDPOINT = Endpoint("rds", "db", "db.internal", 5432, vpc="vpc-1", groups=("sg-db",))
GROUPED = {"aws:autoscaling:groupName": "web"}


@pytest.fixture
def ec2(keys, cache):
    with Ec2(cache) as started:
        yield started


@pytest.fixture
def told():
    return []


@pytest.fixture
def surroundings(ec2, told):
    return Surroundings(ec2.clients, warn=told.append)


def node(number=1, **facts):
    return Target(f"i-{number}", "eu-west-1", **{"vpc": "vpc-1", "groups": ("sg-app",), **facts})


def group(name, *inbound, outbound=()):
    return {
        "groupId": name,
        "groupName": f"{name[3:]}-name",
        "ipPermissions": list(inbound),
        "ipPermissionsEgress": list(outbound),
    }


def permission(protocol="tcp", ports=(5432, 5432), *, cidrs=(), sixes=(), lists=(), groups=()):
    between = {"fromPort": ports[0], "toPort": ports[1]} if ports else {}
    return {
        "ipProtocol": protocol,
        **between,
        "ipRanges": [{"cidrIp": each, "description": "a < b"} for each in cidrs],
        "ipv6Ranges": [{"cidrIpv6": each} for each in sixes],
        "prefixListIds": [{"prefixListId": each} for each in lists],
        "groups": [{"groupId": each, "userId": "123456789012"} for each in groups],
    }


def peering(number, requester, accepter, status="active"):
    return {
        "vpcPeeringConnectionId": f"pcx-{number}",
        "requesterVpcInfo": {"vpcId": requester},
        "accepterVpcInfo": {"vpcId": accepter},
        "status": {"code": status},
    }


def vpc(name="vpc-1", cidr="10.1.0.0/16", *, more=(), sixes=()):
    """`more` are CIDRs with their states, the first among them as EC2 tells it; `sixes` are those of IPv6."""
    return {
        "vpcId": name,
        "cidrBlock": cidr,
        "cidrBlockAssociationSet": [
            {"cidrBlock": each, "cidrBlockState": {"state": state}} for each, state in ((cidr, "associated"), *more)
        ],
        "ipv6CidrBlockAssociationSet": [
            {"ipv6CidrBlock": each, "ipv6CidrBlockState": {"state": state}} for each, state in sixes
        ],
    }


def table(number, of, *routes, main=False, subnets=()):
    associations = [{"main": True}] if main else []
    associations += [{"main": False, "subnetId": each} for each in subnets]
    return {
        "routeTableId": f"rtb-{number}",
        "vpcId": of,
        "associationSet": associations,
        "routeSet": [{"state": "active", **each} for each in routes],
    }


def routes_of(ec2, surroundings, *routes):
    """What is left of these routes."""
    ec2.rows["DescribeRouteTables"] = [table(2, "vpc-2", *routes, main=True)]
    [found] = surroundings.around([ENDPOINT], [node(vpc="vpc-2")], []).tables
    return found.routes


def test_rules_are_one_for_each_peer_in_both_directions(ec2, surroundings, told):
    both = permission(
        cidrs=["10.0.0.0/8", "192.0.2.7/32"], sixes=["2001:db8::/32"], lists=["pl-1"], groups=["sg-app"]
    )
    every = permission("-1", None, cidrs=["0.0.0.0/0"])
    ec2.rows["DescribeSecurityGroups"] = [group("sg-db", both, outbound=[every]), group("sg-app")]
    ec2.prefix_lists = {"pl-1": ["10.9.0.0/16", "10.8.0.0/16"]}
    network = surroundings.around([ENDPOINT], [node()])
    assert network.rules["sg-db"] == [
        Rule("sg-db", False, "tcp", 5432, 5432, cidr="10.0.0.0/8"),
        Rule("sg-db", False, "tcp", 5432, 5432, cidr="192.0.2.7/32"),
        Rule("sg-db", False, "tcp", 5432, 5432, cidr="2001:db8::/32"),
        Rule("sg-db", False, "tcp", 5432, 5432, prefix_list="pl-1"),
        Rule("sg-db", False, "tcp", 5432, 5432, peer="sg-app"),
        Rule("sg-db", True, "-1", cidr="0.0.0.0/0"),
    ]
    assert network.rules["sg-app"] == []
    assert network.names == {"sg-db": "db-name", "sg-app": "app-name"}
    assert network.prefix_lists == {"pl-1": ["10.9.0.0/16", "10.8.0.0/16"]}
    assert told == []


def test_a_group_that_nobody_sees_is_missing(ec2, surroundings):
    ec2.rows["DescribeSecurityGroups"] = [group("sg-app")]
    assert set(surroundings.around([ENDPOINT], [node()]).rules) == {"sg-app"}


def test_groups_that_rules_name_are_asked_for_by_their_names_where_that_is_wanted(ec2, surroundings):
    rule = permission(groups=["sg-far", "sg-app"])
    ec2.rows["DescribeSecurityGroups"] = [group("sg-db", rule), group("sg-app"), group("sg-far")]
    assert "sg-far" not in surroundings.around([ENDPOINT], [node()]).names
    network = surroundings.around([ENDPOINT], [node()], all_names=True)
    assert network.names["sg-far"] == "far-name"
    assert "sg-far" not in network.rules


def test_groups_are_asked_for_200_at_a_time_and_each_once(ec2, surroundings, told):
    every = [f"sg-{each:03}" for each in range(450)]
    ec2.rows["DescribeSecurityGroups"] = [group(each) for each in every]
    nodes = [node(at, groups=tuple(every[at : at + 5])) for at in range(0, 450, 3)]
    assert sorted(surroundings.around([], nodes).rules) == every
    asked = [len([key for key in call if ".Value." in key]) for call in ec2.calls("DescribeSecurityGroups")]
    assert sorted(asked) == [50, 200, 200]
    assert told == []


def test_all_pages_are_read(ec2, surroundings):
    ec2.page = 2
    ec2.rows["DescribeSecurityGroups"] = [group(f"sg-{each}") for each in range(5)]
    ec2.rows["DescribeVpcs"] = [vpc(f"vpc-{each}") for each in range(5)]
    ec2.rows["DescribeRouteTables"] = [table(each, f"vpc-{each}", main=True) for each in range(5)]
    ec2.rows["DescribeSecurityGroups"][0] = group("sg-0", permission(lists=["pl-1"]))
    ec2.prefix_lists = {"pl-1": [f"10.{each}.0.0/16" for each in range(5)]}
    ec2.rows["DescribeAutoScalingInstances"] = [
        {"InstanceId": f"i-{each}", "LifecycleState": "Terminating"} for each in range(5)
    ]
    endpoints = [Endpoint("rds", "db", "db", 1, vpc=f"vpc-{each}", groups=(f"sg-{each}",)) for each in range(5)]
    nodes = [node(each, vpc=f"vpc-{each}", tags=GROUPED) for each in range(5)]
    network = surroundings.around(endpoints, nodes)
    assert (len(network.rules), len(network.cidrs), len(network.tables)) == (5, 5, 5)
    assert network.prefix_lists["pl-1"] == [f"10.{each}.0.0/16" for each in range(5)]
    assert network.terminating == {f"i-{each}" for each in range(5)}


def test_a_peering_is_one_though_both_sides_are_ours(ec2, surroundings):
    ec2.page = 1
    ec2.rows["DescribeVpcPeeringConnections"] = [
        peering(1, "vpc-1", "vpc-2"),
        peering(2, "vpc-3", "vpc-1"),
        peering(3, "vpc-1", "vpc-4", "deleted"),
        peering(4, "vpc-8", "vpc-9"),
    ]
    found = surroundings.peerings(["vpc-1", "vpc-2"])
    assert sorted(found, key=lambda each: each.id) == [
        Peering("pcx-1", ("vpc-1", "vpc-2")),
        Peering("pcx-2", ("vpc-3", "vpc-1")),
    ]


def test_peerings_of_more_vpcs_than_a_filter_takes(ec2, surroundings, told):
    ec2.rows["DescribeVpcPeeringConnections"] = [peering(each, f"vpc-{each}", "vpc-x") for each in range(201)]
    assert len(surroundings.peerings([f"vpc-{each}" for each in range(201)])) == 201
    assert told == []


def test_peerings_that_nobody_may_see_are_not_none_of_them(ec2, surroundings, told):
    assert surroundings.peerings(["vpc-1"]) == []
    ec2.denied = {"DescribeVpcPeeringConnections"}
    assert surroundings.peerings(["vpc-1"]) is None
    assert len(told) == 1


def test_the_cidrs_of_the_endpoints_vpc_are_those_it_has_now(ec2, surroundings):
    more = [("100.64.0.0/16", "associated"), ("10.7.0.0/16", "disassociated"), ("10.6.0.0/16", "failed")]
    sixes = [("2001:db8:1::/56", "associated"), ("2001:db8:7::/56", "disassociating")]
    ec2.rows["DescribeVpcs"] = [vpc(more=more, sixes=sixes), vpc("vpc-2")]
    network = surroundings.around([ENDPOINT], [node(vpc="vpc-2")])
    assert network.cidrs == {"vpc-1": ["10.1.0.0/16", "100.64.0.0/16", "2001:db8:1::/56"]}


def test_route_tables_are_asked_for_where_there_is_more_than_one_vpc(ec2, surroundings):
    over = {"destinationCidrBlock": "10.2.0.0/16", "vpcPeeringConnectionId": "pcx-1"}
    ec2.rows["DescribeRouteTables"] = [
        table(1, "vpc-1", over, main=True),
        table("1a", "vpc-1", subnets=["subnet-1a", "subnet-1b"]),
        table(3, "vpc-3", main=True),
    ]
    assert surroundings.around([ENDPOINT], [node()]).tables is None
    assert ec2.calls("DescribeRouteTables") == []
    assert surroundings.around([ENDPOINT], [node(vpc="vpc-2")], []).tables == [
        RouteTable("rtb-1", "vpc-1", main=True, routes=(("10.2.0.0/16", "pcx-1"),)),
        RouteTable("rtb-1a", "vpc-1", subnets=("subnet-1a", "subnet-1b")),
    ]


@pytest.mark.parametrize(
    ("route", "left"),
    [
        ({"vpcPeeringConnectionId": "pcx-1"}, "pcx-1"),
        ({"transitGatewayId": "tgw-1"}, "tgw-1"),
        (
            {"coreNetworkArn": "arn:aws:networkmanager::1:core-network/c-1"},
            "arn:aws:networkmanager::1:core-network/c-1",
        ),
        ({"gatewayId": "vgw-1"}, "vgw-1"),
        ({"gatewayId": "vpce-1"}, "vpce-1"),
        ({"networkInterfaceId": "eni-1", "instanceId": "i-1"}, "eni-1"),
        ({"gatewayId": "local"}, ""),
        ({"gatewayId": "igw-1"}, ""),
        ({"natGatewayId": "nat-1"}, ""),
        ({"vpcPeeringConnectionId": "pcx-1", "state": "blackhole"}, ""),
    ],
    ids=str,
)
def test_routes_that_may_lead_to_another_vpc_are_kept(ec2, surroundings, route, left):
    found = routes_of(ec2, surroundings, {"destinationCidrBlock": "10.0.0.0/8", **route})
    assert found == ((("10.0.0.0/8", left),) if left else ())


def test_a_firewall_or_a_router_on_the_way_to_the_internet_leads_to_no_vpc(ec2, surroundings):
    anywhere = {"destinationCidrBlock": "0.0.0.0/0"}
    assert routes_of(ec2, surroundings, {**anywhere, "gatewayId": "vpce-1"}) == ()
    assert routes_of(ec2, surroundings, {**anywhere, "networkInterfaceId": "eni-1"}) == ()
    assert routes_of(ec2, surroundings, {**anywhere, "transitGatewayId": "tgw-1"}) == (("0.0.0.0/0", "tgw-1"),)


def test_routes_of_ipv6_and_of_prefix_lists_are_kept_and_those_of_s3_not(ec2, surroundings):
    ec2.prefix_lists = {"pl-1": ["10.1.0.0/16"]}
    ec2.rows["DescribeRouteTables"] = [
        table(
            2,
            "vpc-2",
            {"destinationIpv6CidrBlock": "2001:db8:1::/56", "vpcPeeringConnectionId": "pcx-1"},
            {"destinationPrefixListId": "pl-1", "vpcPeeringConnectionId": "pcx-1"},
            {"destinationPrefixListId": "pl-s3", "gatewayId": "vpce-s3"},
        )
    ]
    network = surroundings.around([ENDPOINT], [node(vpc="vpc-2")], [])
    assert network.tables[0].routes == (("2001:db8:1::/56", "pcx-1"), ("pl-1", "pcx-1"))
    assert network.prefix_lists == {"pl-1": ["10.1.0.0/16"]}


@pytest.mark.parametrize(
    ("state", "ends"),
    [
        ("InService", False),
        ("Standby", False),
        ("Pending:Wait", False),
        ("Terminating", True),
        ("Terminating:Wait", True),
        ("Terminating:Proceed", True),
        ("Terminated", True),
        ("Terminating:Retained", False),
        ("Warmed:Running", False),
        ("Warmed:Terminating:Wait", True),
    ],
)
def test_a_node_whose_group_ends_it_is_told(ec2, surroundings, state, ends):
    ec2.rows["DescribeAutoScalingInstances"] = [{"InstanceId": "i-1", "LifecycleState": state}]
    assert surroundings.around([], [node(tags=GROUPED)]).terminating == ({"i-1"} if ends else set())


def test_lifecycles_are_asked_for_50_at_a_time_and_of_nodes_of_groups_alone(ec2, surroundings, told):
    nodes = [node(each, tags=GROUPED) for each in range(120)] + [node("alone")]
    rows = [{"InstanceId": f"i-{each}", "LifecycleState": "Terminating"} for each in range(120)]
    ec2.rows["DescribeAutoScalingInstances"] = rows
    assert len(surroundings.around([], nodes).terminating) == 120
    asked = [
        [value for key, value in call.items() if key.startswith("InstanceIds")]
        for call in ec2.calls("DescribeAutoScalingInstances")
    ]
    assert sorted(map(len, asked)) == [20, 50, 50]
    assert not any("i-alone" in ids for ids in asked)
    assert told == []


CALLS = {
    "DescribeSecurityGroups": "rules",
    "GetManagedPrefixListEntries": "prefix_lists",
    "DescribeVpcs": "cidrs",
    "DescribeRouteTables": "tables",
    "DescribeAutoScalingInstances": "terminating",
}


@pytest.mark.parametrize("denied", CALLS)
def test_what_may_not_be_asked_is_not_known_told_once_and_the_rest_is_there(ec2, surroundings, told, denied):
    lists = [f"pl-{each}" for each in range(5)]
    ec2.rows |= {
        "DescribeSecurityGroups": [group(f"sg-{each:03}", permission(lists=lists)) for each in range(201)],
        "DescribeVpcs": [vpc()],
        "DescribeRouteTables": [table(1, "vpc-1", main=True)],
        "DescribeAutoScalingInstances": [
            {"InstanceId": f"i-{each}", "LifecycleState": "Terminating"} for each in range(60)
        ],
    }
    ec2.prefix_lists = {each: ["10.1.0.0/16"] for each in lists}
    nodes = [node(each, groups=(f"sg-{each:03}",), tags=GROUPED, vpc="vpc-2") for each in range(201)]
    ec2.denied = {denied}
    for _ in range(2):
        network = surroundings.around([ENDPOINT], nodes, [])
        gone = {CALLS[denied]} | ({"prefix_lists"} if denied == "DescribeSecurityGroups" else set())
        assert {name for name in CALLS.values() if not getattr(network, name)} == gone
    assert [line.partition(" ")[0] for line in told] == ["not"]
    assert denied in told[0]


def test_a_nodes_other_interfaces_are_its_own_and_are_looked_at(ec2, surroundings):
    def interface(at, address, of, **facts):
        return {
            "attachment": {"deviceIndex": at},
            "privateIpAddress": address,
            "vpcId": "vpc-1",
            "subnetId": f"subnet-{at}",
            "groupSet": [{"groupId": of}],
            "ipv6AddressesSet": [{"ipv6Address": f"2001:db8::{at}"}],
            **facts,
        }

    instance = {
        "instanceId": "i-1",
        "instanceState": {"name": "running"},
        "privateIpAddress": "10.1.0.5",
        "vpcId": "vpc-1",
        "subnetId": "subnet-0",
        "groupSet": [{"groupId": "sg-far"}, {"groupId": "sg-app"}],
        "networkInterfaceSet": [interface(1, "10.1.9.9", "sg-far"), interface(0, "10.1.0.5", "sg-app")],
    }
    ec2.rows["DescribeInstances"] = [{"reservationId": "r-1", "instancesSet": [instance]}]
    [found] = Inventory(ec2.clients, warn=lambda _: None).in_vpcs(["vpc-1"])
    assert (found.ipv6, found.groups) == (("2001:db8::0",), ("sg-app",))
    assert found.interfaces == (Interface("vpc-1", "subnet-1", "10.1.9.9", ("2001:db8::1",), ("sg-far",)),)
    ec2.rows["DescribeSecurityGroups"] = [group("sg-far"), group("sg-app")]
    assert set(surroundings.around([], [found]).rules) == {"sg-far", "sg-app"}
