"""Rules of security groups against a small oracle, which knows nothing of ours: everything is known, IPv4 alone."""

from hypothesis import given
from hypothesis import strategies as st

from ssmx.model.endpoint import Endpoint
from ssmx.model.network import Holds, Network, Rule, admitted, permitted
from ssmx.model.target import Target

GROUPS = ("sg-1", "sg-2", "sg-3", "sg-4")
VPC = (0x0A010000, 16)  # 10.1.0.0/16


def number_of(address):
    first, second, third, fourth = map(int, address.split("."))
    return first << 24 | second << 16 | third << 8 | fourth


def spelled(number):
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def around(number, length):
    """The CIDR of this length that holds the number."""
    shift = 32 - length
    return f"{spelled(number >> shift << shift)}/{length}"


def lets(rule, port):
    """Whether it is about TCP connections to this port."""
    if rule.protocol == "-1":
        return True
    return rule.protocol in ("tcp", "6") and (rule.first == -1 or rule.first <= port <= rule.last)


def holds(cidr, number):
    start, length = cidr.split("/")
    shift = 32 - int(length)
    return number >> shift == number_of(start) >> shift


def in_whole(cidr, block):
    start, length = block
    return int(cidr.split("/")[1]) <= length and holds(cidr, start)


def in_part(cidr, block):
    start, length = block
    return in_whole(cidr, block) or number_of(cidr.split("/")[0]) >> (32 - length) == start >> (32 - length)


# Near the VPC's edges as often as anywhere: what is just outside is where a mistake would be.
numbers = st.one_of(
    st.integers(VPC[0], VPC[0] + 0xFFFF), st.integers(VPC[0] - 4, VPC[0] + 3), st.integers(0, 2**32 - 1)
)
cidrs = st.builds(around, numbers, st.one_of(st.integers(0, 32), st.integers(14, 18)))
ports = st.one_of(st.integers(5430, 5434), st.integers(0, 65535))
groups = st.lists(st.sampled_from(GROUPS), min_size=1, max_size=3, unique=True)


@st.composite
def rules(draw):
    protocol = draw(st.sampled_from(["tcp", "tcp", "6", "-1", "udp", "17", "icmp"]))
    first, last = sorted((draw(ports), draw(ports)))
    if protocol in ("-1", "icmp") or draw(st.integers(0, 9)) == 0:
        first = last = -1
    peer = draw(st.one_of(st.sampled_from(GROUPS), cidrs))
    to = {"cidr": peer} if "/" in peer else {"peer": peer}
    return Rule(draw(st.sampled_from(GROUPS)), draw(st.booleans()), protocol, first, last, **to)


def known(drawn):
    cidr = f"{spelled(VPC[0])}/{VPC[1]}"
    by_group = {group: [rule for rule in drawn if rule.group == group] for group in GROUPS}
    return Network(rules=by_group, cidrs={"vpc-1": [cidr]})


def both(number, of_endpoint, of_node):
    node = Target("i-1", "eu-west-1", vpc="vpc-1", private_ip=spelled(number), groups=tuple(of_node))
    return Endpoint("rds", "db", "db.internal", 5432, vpc="vpc-1", groups=tuple(of_endpoint)), node


several = st.lists(rules(), max_size=6)


@given(several, numbers, groups, groups)
def test_the_endpoints_groups_admit_whom_any_of_their_rules_does(drawn, number, of_endpoint, of_node):
    expected = any(
        not rule.egress
        and rule.group in of_endpoint
        and lets(rule, 5432)
        and (holds(rule.cidr, number) if rule.cidr else rule.peer in of_node)
        for rule in drawn
    )
    endpoint, node = both(number, of_endpoint, of_node)
    check = admitted(endpoint, node, known(drawn))
    assert check.holds is (Holds.YES if expected else Holds.NO)
    assert bool(check.mend and check.command) is not expected


@given(several, numbers, groups, groups)
def test_the_nodes_groups_permit_where_any_of_their_rules_does(drawn, number, of_endpoint, of_node):
    own = [rule for rule in drawn if rule.egress and rule.group in of_node and lets(rule, 5432)]
    whole = any(in_whole(rule.cidr, VPC) if rule.cidr else rule.peer in of_endpoint for rule in own)
    part = any(rule.cidr and in_part(rule.cidr, VPC) for rule in own)
    endpoint, node = both(number, of_endpoint, of_node)
    check = permitted(endpoint, node, known(drawn))
    assert check.holds is (Holds.YES if whole else Holds.UNKNOWN if part else Holds.NO)


@given(several, numbers, groups, groups, st.sets(st.sampled_from(GROUPS)))
def test_what_is_not_known_of_groups_never_refuses_what_they_let_pass(drawn, number, of_endpoint, of_node, hidden):
    endpoint, node = both(number, of_endpoint, of_node)
    network = known(drawn)
    less = Network(
        {group: found for group, found in network.rules.items() if group not in hidden}, cidrs=network.cidrs
    )
    for check in (admitted, permitted):
        before, after = check(endpoint, node, network).holds, check(endpoint, node, less).holds
        assert after in (before, Holds.UNKNOWN)


@given(several, numbers, groups)
def test_an_address_is_reached_where_a_rule_holds_it(drawn, number, of_node):
    _, node = both(VPC[0] + 9, [], of_node)
    literal = Endpoint("host", "h", spelled(number), 5432)
    own = [rule for rule in drawn if rule.egress and rule.group in of_node and lets(rule, 5432)]
    expected = Holds.YES if any(rule.cidr and holds(rule.cidr, number) for rule in own) else Holds.NO
    if expected is Holds.NO and any(rule.peer for rule in own):
        expected = Holds.UNKNOWN  # of whose groups nothing is known
    assert permitted(literal, node, known(drawn)).holds is expected
