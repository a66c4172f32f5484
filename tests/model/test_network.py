"""Whether security groups let a connection pass."""

import pytest

from ssmx.model.endpoint import Endpoint, host_endpoint
from ssmx.model.jump import rank
from ssmx.model.network import Holds, Rule
from ssmx.model.target import Target
from tests.model.surroundings import (
    ADD_INBOUND,
    ADD_OUTBOUND,
    ADMITS_APP,
    ANYWHERE,
    APP,
    DB,
    FROM_APP,
    HERE,
    NEEDS_APP,
    NEEDS_DB,
    OPEN,
    OTHER,
    PEERING,
    TO_ALL,
    TO_DB,
    egress,
    endpoint,
    ingress,
    judged,
    network,
    node,
    peered,
    said,
)

yes, perhaps, no = said("ingress")
SEVERAL = {"node": node(ipv6=("fd00::1", "2001:db8:1::5")), "endpoint": endpoint(dual=True)}
INGRESS = [
    yes("a rule that names the node's group", ADMITS_APP),
    yes(
        "a rule that names the node's second group",
        "sg-db (db) admits tcp 5432 from sg-other, which it is in",
        network(ingress(peer=OTHER), OPEN),
        node=node(groups=(APP, OTHER)),
    ),
    yes(
        "a rule of the endpoint's second group",
        "sg-other admits tcp 5432 from sg-app, which it is in",
        network(ingress(group=OTHER, peer=APP), OPEN),
        endpoint=endpoint(groups=(DB, OTHER)),
    ),
    yes(
        "a rule for the node's address",
        "sg-db (db) admits tcp 5432 from 10.1.0.5/32, which holds 10.1.0.5",
        network(ingress(cidr="10.1.0.5/32"), OPEN),
    ),
    yes(
        "a rule for a wider CIDR",
        "sg-db (db) admits tcp 5432 from 10.0.0.0/8, which holds 10.1.0.5",
        network(ingress(cidr="10.0.0.0/8"), OPEN),
    ),
    yes(
        "a prefix list that holds the node",
        "sg-db (db) admits tcp 5432 from pl-1, which holds 10.1.0.5",
        network(ingress(prefix_list="pl-1"), OPEN, prefix_lists={"pl-1": ["10.9.0.0/16", HERE]}),
    ),
    no(
        "a prefix list that does not",
        "sg-db (db) admits tcp 5432 from pl-1, and not from 10.1.0.5 or sg-app",
        network(ingress(prefix_list="pl-1"), OPEN, prefix_lists={"pl-1": ["10.9.0.0/16"]}),
        mend=NEEDS_APP,
        command=f"{ADD_INBOUND} --source-group sg-app",
    ),
    perhaps(
        "a prefix list that nobody may read",
        "what pl-1 admits is not known",
        network(ingress(prefix_list="pl-1"), OPEN),
    ),
    yes("a range of ports", ADMITS_APP, network(ingress(ports=(5000, 6000), peer=APP), OPEN)),
    yes("all protocols", ADMITS_APP, network(ingress(protocol="-1", ports=(-1, -1), peer=APP), OPEN)),
    yes(
        "all protocols, with ports that do not count then",
        ADMITS_APP,
        network(ingress(protocol="-1", ports=(80, 80), peer=APP), OPEN),
    ),
    yes("TCP by its number", ADMITS_APP, network(ingress(protocol="6", peer=APP), OPEN)),
    yes("all ports as -1", ADMITS_APP, network(ingress(ports=(-1, -1), peer=APP), OPEN)),
    no(
        "UDP, another port and ICMP do not count",
        "sg-db (db) admits nobody to tcp 5432",
        network(
            ingress(protocol="udp", peer=APP),
            ingress(ports=(5433, 6000), peer=APP),
            ingress(protocol="icmp", ports=(-1, -1), peer=APP),
            OPEN,
        ),
        mend=NEEDS_APP,
        command=f"{ADD_INBOUND} --source-group sg-app",
    ),
    no(
        "an outbound rule is none",
        "sg-db (db) admits nobody to tcp 5432",
        network(egress(group=DB, peer=APP), OPEN),
        mend=NEEDS_APP,
        command=f"{ADD_INBOUND} --source-group sg-app",
    ),
    no(
        "rules for others, of two groups, and more of them than are shown",
        "sg-db (db) and sg-other admit tcp 5432 from 10.9.0.0/24, 10.9.1.0/24, 10.9.2.0/24, 10.9.3.0/24 and 2 more,"
        " and not from 10.1.0.5 or sg-app",
        network(
            *(ingress(cidr=f"10.9.{each}.0/24") for each in (0, 1, 2, 3, 4, 4)),
            ingress(group=OTHER, peer=DB),
            OPEN,
        ),
        endpoint=endpoint(groups=(DB, OTHER)),
        mend=NEEDS_APP,
        command=f"{ADD_INBOUND} --source-group sg-app",
    ),
    perhaps("a group that nobody may see", "what sg-db (db) admits is not known", network(OPEN, unknown=[DB])),
    perhaps(
        "the one group that is seen does not, and another may",
        "what sg-hidden admits is not known",
        network(ingress(cidr="10.9.0.0/16"), OPEN),
        endpoint=endpoint(groups=(DB, "sg-hidden")),
    ),
    perhaps(
        "an endpoint whose groups are not told",
        "the security groups of rds/db are not known",
        endpoint=endpoint(groups=()),
    ),
    perhaps(
        "a balancer that was made without groups",
        "nlb/db has no security groups; those of its targets decide",
        endpoint=Endpoint("nlb", "db", "db.internal", 5432, vpc="vpc-1"),
    ),
    perhaps(
        "a node whose groups are not known",
        "sg-db (db) admits tcp 5432 from sg-app: the node may be in it",
        node=node(groups=()),
    ),
    perhaps(
        "a node whose address is not known",
        "sg-db (db) admits tcp 5432 from 10.1.0.0/16: the node may be in it",
        network(ingress(cidr=HERE), OPEN),
        node=node(private_ip=""),
    ),
    yes(
        "everybody, and a node whose address is not known",
        "sg-db (db) admits tcp 5432 from 0.0.0.0/0, which holds every address",
        network(ingress(cidr=ANYWHERE), OPEN),
        node=node(private_ip=""),
    ),
    yes(
        "IPv6, which both have",
        "sg-db (db) admits tcp 5432 from 2001:db8::/32, which holds 2001:db8:1::5",
        network(ingress(cidr="2001:db8::/32"), OPEN, Rule(APP, True, "-1", cidr="::/0")),
        node=node(ipv6=("2001:db8:1::5",)),
        endpoint=endpoint(dual=True),
    ),
    perhaps(
        "IPv6, for one of two addresses of the node",
        "sg-db (db) admits tcp 5432 from 2001:db8::/32: the node may be in it",
        network(ingress(cidr="2001:db8::/32"), OPEN, Rule(APP, True, "-1", cidr="::/0")),
        **SEVERAL,
    ),
    no(
        "IPv6, which the endpoint has not",
        "sg-db (db) admits tcp 5432 from 2001:db8::/32, and not from 10.1.0.5 or sg-app;"
        " it would over IPv6, which the endpoint has not",
        network(ingress(cidr="2001:db8::/32"), OPEN),
        node=node(ipv6=("2001:db8:1::5",)),
        mend=NEEDS_APP,
        command=f"{ADD_INBOUND} --source-group sg-app",
    ),
    no(
        "IPv6, which the node has not",
        "sg-db (db) admits tcp 5432 from 2001:db8::/32, and not from 10.1.0.5 or sg-app",
        network(ingress(cidr="2001:db8::/32"), OPEN),
        endpoint=endpoint(dual=True),
        mend=NEEDS_APP,
        command=f"{ADD_INBOUND} --source-group sg-app",
    ),
    no(
        "IPv6 in, and IPv4 out: neither goes all the way",
        "sg-db (db) admits tcp 5432 from ::/0, and not from 10.1.0.5 or sg-app",
        network(ingress(cidr="::/0"), OPEN),
        node=node(ipv6=("2001:db8:1::5",)),
        endpoint=endpoint(dual=True),
        mend=NEEDS_APP,
        command=f"{ADD_INBOUND} --source-group sg-app",
    ),
    yes(
        "a group over a peering",
        ADMITS_APP,
        network(FROM_APP, OPEN, peerings=[PEERING]),
        node=peered(),
    ),
    no(
        "another group over a peering",
        "sg-db (db) admits tcp 5432 from sg-other, and not from 10.2.0.5 or sg-app",
        network(ingress(peer=OTHER), OPEN, peerings=[PEERING]),
        node=peered(),
        mend=NEEDS_APP,
        command=f"{ADD_INBOUND} --source-group sg-app",
    ),
    no(
        "another group, where no peering is known: rules can name the address only",
        "sg-db (db) admits tcp 5432 from sg-other, and not from 10.2.0.5 or sg-app",
        network(ingress(peer=OTHER), OPEN),
        node=peered(),
        mend="sg-db (db) needs an inbound rule: tcp 5432 from 10.2.0.5/32",
        command=f"{ADD_INBOUND} --cidr 10.2.0.5/32",
    ),
    perhaps(
        "a hybrid node, whose address may be translated on the way",
        "sg-db (db) admits tcp 5432 from 10.1.0.0/16: from where the node comes is not known",
        network(ingress(cidr=HERE)),
        node=Target("mi-1", "eu-west-1", ping="Online", agent_version="3.3.0.0", private_ip="192.168.0.9"),
    ),
]

yes, perhaps, no = said("egress")
TWO_BLOCKS = {"vpc-1": [HERE, "100.64.0.0/16"]}
DUAL = {"node": node(ipv6=("2001:db8:1::5",)), "endpoint": endpoint(dual=True)}
HOST = host_endpoint("10.1.7.7:5432")
EGRESS = [
    yes("egress anywhere", TO_ALL),
    yes(
        "egress to the endpoint's group",
        "sg-app permits tcp 5432 to sg-db (db)",
        network(FROM_APP, egress(peer=DB)),
    ),
    yes(
        "egress of the node's second group",
        "sg-other permits tcp 5432 to sg-db (db)",
        network(FROM_APP, egress(group=OTHER, peer=DB)),
        node=node(groups=(APP, OTHER)),
    ),
    yes(
        "egress to the endpoint's VPC",
        "sg-app permits tcp 5432 to 10.1.0.0/16",
        network(FROM_APP, egress(cidr=HERE)),
    ),
    yes(
        "egress to a prefix list that covers both CIDRs of the VPC",
        "sg-app permits tcp 5432 to pl-1",
        network(FROM_APP, egress(prefix_list="pl-1"), cidrs=TWO_BLOCKS, prefix_lists={"pl-1": TWO_BLOCKS["vpc-1"]}),
    ),
    perhaps(
        "egress to a part of the VPC",
        "sg-app permits tcp 5432 to 10.1.0.0/17: the endpoint may be in it",
        network(FROM_APP, egress(cidr="10.1.0.0/17")),
    ),
    yes(
        "egress to both CIDRs of the VPC, by two rules",
        "sg-app permits tcp 5432 to 10.1.0.0/16 and 100.64.0.0/10",
        network(FROM_APP, egress(cidr=HERE), egress(cidr="100.64.0.0/10"), cidrs=TWO_BLOCKS),
    ),
    perhaps(
        "egress to the first of two CIDRs of the VPC",
        "sg-app permits tcp 5432 to 10.1.0.0/16: the endpoint may be in it",
        network(FROM_APP, egress(cidr=HERE), cidrs=TWO_BLOCKS),
    ),
    perhaps(
        "egress to a CIDR, where those of the VPC are not known",
        "sg-app permits tcp 5432 to 10.9.0.0/16: the endpoint may be in it",
        network(FROM_APP, egress(cidr="10.9.0.0/16"), cidrs={}),
    ),
    perhaps(
        "egress to an IPv6 CIDR, where those of the VPC are not known",
        "sg-app permits tcp 5432 to 2001:db8::/32: the endpoint may be in it",
        network(FROM_APP, egress(cidr="2001:db8::/32"), cidrs={}),
        **DUAL,
    ),
    no(
        "egress elsewhere",
        "sg-app permits tcp 5432 to 10.9.0.0/16, and not to sg-db (db)",
        network(FROM_APP, egress(cidr="10.9.0.0/16")),
        mend=NEEDS_DB,
        command=TO_DB,
    ),
    no(
        "no egress at all, in two groups",
        "sg-app and sg-other permit no connections to tcp 5432",
        network(FROM_APP),
        node=node(groups=(APP, OTHER)),
        mend=NEEDS_DB,
        command=TO_DB,
    ),
    no(
        "egress of HTTPS alone",
        "sg-app permits no connections to tcp 5432",
        network(FROM_APP, egress(ports=(443, 443), cidr=ANYWHERE)),
        mend=NEEDS_DB,
        command=TO_DB,
    ),
    no(
        "no egress, over a gateway: rules can name all CIDRs only",
        "sg-app permits no connections to tcp 5432",
        network(FROM_APP, cidrs=TWO_BLOCKS),
        node=peered(),
        mend="sg-app needs an outbound rule: tcp 5432 to 10.1.0.0/16 and 100.64.0.0/16",
        command=f"{ADD_OUTBOUND} 'IpProtocol=tcp,FromPort=5432,ToPort=5432,"
        "IpRanges=[{CidrIp=10.1.0.0/16},{CidrIp=100.64.0.0/16}]'",
    ),
    perhaps("egress that nobody may see", "what sg-app permits is not known", network(FROM_APP, unknown=[APP])),
    perhaps("a node of whose groups nothing is known", "its security groups are not known", node=node(groups=())),
    perhaps(
        "egress to a prefix list that nobody may read",
        "what pl-1 permits is not known",
        network(FROM_APP, egress(prefix_list="pl-1")),
    ),
    perhaps(
        "egress to a group, where those of the endpoint are not known",
        "sg-app permits tcp 5432 to sg-db (db): the endpoint may be in it",
        network(egress(peer=DB)),
        endpoint=endpoint(groups=()),
    ),
    yes(
        "egress over IPv6 only, which both have",
        "sg-app permits tcp 5432 to ::/0",
        network(FROM_APP, egress(cidr="::/0")),
        **DUAL,
    ),
    no(
        "egress over IPv6 only, which the endpoint has not",
        "sg-app permits tcp 5432 to ::/0, and not to sg-db (db)",
        network(FROM_APP, egress(cidr="::/0")),
        node=node(ipv6=("2001:db8:1::5",)),
        mend=NEEDS_DB,
        command=TO_DB,
    ),
    yes(
        "egress to the address that the host is",
        "sg-app permits tcp 5432 to 10.1.7.0/24",
        network(egress(cidr="10.1.7.0/24")),
        endpoint=HOST,
    ),
    no(
        "egress beside the address that the host is",
        "sg-app permits tcp 5432 to 10.1.8.0/24, and not to 10.1.7.7/32",
        network(egress(cidr="10.1.8.0/24")),
        endpoint=HOST,
        mend="sg-app needs an outbound rule: tcp 5432 to 10.1.7.7/32",
        command=f"{ADD_OUTBOUND} 'IpProtocol=tcp,FromPort=5432,ToPort=5432,IpRanges=[{{CidrIp=10.1.7.7/32}}]'",
    ),
    yes(
        "egress to the IPv6 address that the host is",
        "sg-app permits tcp 5432 to ::/0",
        network(egress(cidr="::/0")),
        node=node(ipv6=("2001:db8:1::5",)),
        endpoint=host_endpoint("[2001:db8::7]:5432"),
    ),
    no(
        "egress over IPv4 alone, to an IPv6 address",
        "sg-app permits tcp 5432 to 0.0.0.0/0, and not to 2001:db8::7/128",
        node=node(ipv6=("2001:db8:1::5",)),
        endpoint=host_endpoint("[2001:db8::7]:5432"),
        mend="sg-app needs an outbound rule: tcp 5432 to 2001:db8::7/128",
        command=f"{ADD_OUTBOUND} 'IpProtocol=tcp,FromPort=5432,ToPort=5432,"
        "Ipv6Ranges=[{CidrIpv6=2001:db8::7/128}]'",
    ),
]


@pytest.mark.parametrize("row", INGRESS + EGRESS, ids=lambda row: row.name)
def test_security_groups(row):
    assert judged(row) == row.printed
    ranking = rank(row.endpoint, [row.node], row.network)
    assert [each.why for each in ranking.refused] == ([row.why] if row.holds is Holds.NO else [])
