"""What lies between a node and an endpoint, as data: rules of security groups, prefix lists, peerings, routes.

Whether a connection passes is answered with Yes, No or Unknown and in words; nothing is guessed. What is not looked
at: network ACLs, transit gateways beyond their first hop, firewalls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from ssmx.model.endpoint import Endpoint
from ssmx.model.target import Target
from ssmx.model.wording import either

IpNetwork = IPv4Network | IPv6Network

_TCP = ("tcp", "6", "-1")  # EC2 writes names, numbers, and -1 for all
_SHOWN = 4
SAME_NETWORK = "it is in the endpoint's VPC"


class Holds(IntEnum):
    """Whether something is so; the better, the smaller."""

    YES = 0
    UNKNOWN = 1
    NO = 2


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that has to be so: `about` names it, `why` says how it is, `mend` what is missing.

    `command` is the line of `aws` that adds what is missing.
    """

    about: str
    holds: Holds
    why: str
    mend: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a security group: ports `first` to `last` of `protocol`, from or to one peer.

    The peer is one of `cidr` (IPv4 or IPv6), `prefix_list` and `peer`, another group.
    """

    group: str
    egress: bool
    protocol: str
    first: int = -1
    last: int = -1
    cidr: str = ""
    prefix_list: str = ""
    peer: str = ""

    def covers(self, port: int) -> bool:
        """Whether TCP connections to this port are meant."""
        return self.protocol in _TCP and (
            self.protocol == "-1" or -1 in (self.first, self.last) or self.first <= port <= self.last
        )


@dataclass(frozen=True, slots=True)
class Peering:
    """An active peering connection between two VPCs."""

    id: str
    vpcs: tuple[str, str]


@dataclass(frozen=True, slots=True)
class RouteTable:
    """A route table: `subnets` that are associated with it; `routes` are of a CIDR and what it leads to."""

    id: str
    vpc: str
    main: bool = False
    subnets: tuple[str, ...] = ()
    routes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Network:
    """What is known of the network around an endpoint. What is missing is not known, and no reason against a node.

    `rules` are by group, as `names` are; `prefix_lists` are CIDRs by list, `cidrs` CIDRs by VPC. `peerings` and
    `tables` are None where nobody may look. `terminating`: the ids of nodes that their Auto Scaling groups are
    about to end.
    """

    rules: Mapping[str, Sequence[Rule]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    prefix_lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    cidrs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    peerings: Sequence[Peering] | None = None
    tables: Sequence[RouteTable] | None = None
    terminating: frozenset[str] = frozenset()

    def called(self, group: str) -> str:
        """A security group, for people: its id, and its name where that is known."""
        name = self.names.get(group, "")
        return f"{group} ({name})" if name else group

    def peer_of(self, rule: Rule) -> str:
        """From whom a rule admits, or to whom it permits."""
        return self.called(rule.peer) if rule.peer else rule.prefix_list or rule.cidr


def in_reach(endpoint: Endpoint, node: Target, network: Network) -> Check:
    """Whether the node is in the endpoint's VPC, or in one that is peered with it and has routes both ways."""
    about = "network"
    if node.hybrid:
        return Check(about, Holds.UNKNOWN, "it is outside EC2: what leads from there is not known")
    if not endpoint.vpc:
        return Check(about, Holds.UNKNOWN, f"the VPC of {endpoint.label} is not known")
    if node.vpc == endpoint.vpc:
        return Check(about, Holds.YES, SAME_NETWORK)
    where = f"it is in {node.vpc or 'no VPC'}, not in {endpoint.vpc}"
    if network.peerings is None:
        return Check(about, Holds.UNKNOWN if node.vpc else Holds.NO, where)
    peering = _peering(endpoint, node, network)
    if peering is None:
        return _over_gateway(endpoint, node, network, where)
    where = f"{where}, and {peering.id} peers them"
    if network.tables is None:
        return Check(about, Holds.UNKNOWN, f"{where}; the routes are not known")
    there = _table(network.tables, node.vpc, node.subnet)
    blocks = _networks(network.cidrs.get(endpoint.vpc, ()))
    if there is None or not any(_overlaps(block, cidr) for block in blocks for cidr in _through(there, peering.id)):
        subnet = there.id if there else node.subnet or node.vpc
        what = f"{subnet} has no route to {_listed(network.cidrs.get(endpoint.vpc, ()))} through {peering.id}"
        return Check(about, Holds.NO, f"{where}, but {what}", mend=what.replace("has no", "needs a"))
    back = _back(endpoint, network.tables)
    if not any(_holds(cidr, node.private_ip) for table in back for cidr in _through(table, peering.id)):
        what = f"has no route back to {node.private_ip} through {peering.id}"
        who = either([table.id for table in back[:_SHOWN]]) if back else endpoint.vpc
        return Check(
            about, Holds.NO, f"{where}, but {who} {what}", mend=f"{who} {what.replace('has no', 'needs a')}"
        )
    return Check(about, Holds.YES, f"{where}, with routes both ways")


def admitted(endpoint: Endpoint, node: Target, network: Network) -> Check:
    """Whether the endpoint's security groups admit the node to its port."""
    port = endpoint.port
    if not endpoint.groups:
        return Check("ingress", Holds.UNKNOWN, f"the security groups of {endpoint.label} are not known")

    def fits(cidr: IpNetwork) -> Holds:
        if cidr.version == 4:
            return Holds.YES if _holds(cidr, node.private_ip) else Holds.NO
        inside = any(_holds(cidr, each) for each in node.ipv6)
        return Holds.YES if inside and endpoint.dual else Holds.NO

    found = _search(endpoint.groups, network, port, egress=False, peers=node.groups, fits=fits)
    called = network.called
    if found.rule:
        whom = f"{network.peer_of(found.rule)}, {_membership(found.rule, node)}"
        return Check("ingress", Holds.YES, f"{called(found.rule.group)} admits tcp {port} from {whom}")
    if found.unknown:
        return Check("ingress", Holds.UNKNOWN, f"{either([called(each) for each in found.unknown])}: not known")
    admits = _listed([network.peer_of(rule) for rule in found.others]) or "nobody"
    who = " or ".join([node.private_ip or node.id, *map(called, node.groups)])
    why = f"{either([*map(called, endpoint.groups)])} admits tcp {port} from {admits}, and not from {who}"
    sixes = [rule for rule in found.others if ":" in rule.cidr]
    if not endpoint.dual and any(_holds(_network(rule.cidr), each) for rule in sixes for each in node.ipv6):
        why += "; it would over IPv6, which the endpoint has not"
    group = endpoint.groups[0]
    # Another VPC's group can be named over a peering only.
    namable = node.groups and (node.vpc == endpoint.vpc or _peering(endpoint, node, network))
    peer = node.groups[0] if namable else f"{node.private_ip}/32"
    option = "--source-group" if namable else "--cidr"
    return Check(
        "ingress",
        Holds.NO,
        why,
        mend=f"{called(group)} needs an inbound rule: tcp {port} from {called(peer)}",
        command=f"aws ec2 authorize-security-group-ingress --group-id {group} --protocol tcp --port {port}"
        f" {option} {peer}",
    )


def permitted(endpoint: Endpoint, node: Target, network: Network) -> Check:
    """Whether the node's security groups permit connections to the endpoint's port."""
    port = endpoint.port
    if not node.groups:
        return Check("egress", Holds.UNKNOWN, "the node's security groups are not known")
    blocks = _addresses(endpoint, network)
    dual = endpoint.dual and bool(node.ipv6)

    def fits(cidr: IpNetwork) -> Holds:
        if cidr.prefixlen == 0 and (cidr.version == 4 or dual):
            return Holds.YES
        same = [block for block in blocks if block.version == cidr.version and (block.version == 4 or dual)]
        if any(_inside(block, cidr) for block in same):
            return Holds.YES
        if not same and cidr.version == 4:
            return Holds.UNKNOWN
        return Holds.UNKNOWN if any(_overlaps(block, cidr) for block in same) else Holds.NO

    called = network.called
    found = _search(node.groups, network, port, egress=True, peers=endpoint.groups, fits=fits)
    if found.rule:
        why = f"{called(found.rule.group)} permits tcp {port} to {network.peer_of(found.rule)}"
        return Check("egress", Holds.YES, why)
    if found.perhaps:
        rule = found.perhaps[0]
        why = f"{called(rule.group)} permits tcp {port} to {network.peer_of(rule)}: the endpoint may be in it"
        return Check("egress", Holds.UNKNOWN, why)
    if found.unknown:
        return Check("egress", Holds.UNKNOWN, f"{either([called(each) for each in found.unknown])}: not known")
    permits = _listed([network.peer_of(rule) for rule in found.others]) or "nowhere"
    group = node.groups[0]
    peer = endpoint.groups[0] if endpoint.groups else _listed(network.cidrs.get(endpoint.vpc, ())) or "0.0.0.0/0"
    option = f"UserIdGroupPairs=[{{GroupId={peer}}}]" if endpoint.groups else f"IpRanges=[{{CidrIp={peer}}}]"
    return Check(
        "egress",
        Holds.NO,
        f"{either([*map(called, node.groups)])} permits tcp {port} to {permits}, and not to {called(peer)}",
        mend=f"{called(group)} needs an outbound rule: tcp {port} to {called(peer)}",
        command=f"aws ec2 authorize-security-group-egress --group-id {group} --ip-permissions"
        f" 'IpProtocol=tcp,FromPort={port},ToPort={port},{option}'",
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """The rule that lets a connection pass; those that may; the others for its port; groups that are not known."""

    rule: Rule | None
    perhaps: Sequence[Rule]
    others: Sequence[Rule]
    unknown: Sequence[str]


def _membership(rule: Rule, node: Target) -> str:
    """What the peer of a rule has to do with the node."""
    if rule.peer:
        return "which it is in"
    return f"which holds {next((each for each in node.ipv6 if ':' in rule.cidr), node.private_ip)}"


def _search(
    groups: Sequence[str],
    network: Network,
    port: int,
    *,
    egress: bool,
    peers: Sequence[str],
    fits: Callable[[IpNetwork], Holds],
) -> _Found:
    """Look through the rules of groups for one that lets a connection to `port` pass: the first that does is told.

    A rule for one of the groups `peers` does, or for a network that `fits`.
    """
    perhaps: list[Rule] = []
    others: list[Rule] = []
    unknown = [group for group in groups if group not in network.rules]
    for rule in _rules(groups, network, egress=egress):
        if not rule.covers(port):
            continue
        holds = Holds.NO
        if rule.peer:
            holds = Holds.YES if rule.peer in peers else Holds.NO
        elif rule.prefix_list and rule.prefix_list not in network.prefix_lists:
            unknown.append(rule.prefix_list)
        else:
            cidrs = network.prefix_lists[rule.prefix_list] if rule.prefix_list else [rule.cidr]
            holds = min((fits(each) for each in _networks(cidrs)), default=Holds.NO)
        if holds is Holds.YES:
            return _Found(rule, (), (), ())
        (perhaps if holds is Holds.UNKNOWN else others).append(rule)
    return _Found(None, perhaps, others, unknown)


def _rules(groups: Sequence[str], network: Network, *, egress: bool) -> Iterator[Rule]:
    for group in groups:
        yield from (rule for rule in network.rules.get(group, ()) if rule.egress is egress)


def _peering(endpoint: Endpoint, node: Target, network: Network) -> Peering | None:
    return next((each for each in network.peerings or () if set(each.vpcs) == {node.vpc, endpoint.vpc}), None)


def _over_gateway(endpoint: Endpoint, node: Target, network: Network, where: str) -> Check:
    table = _table(network.tables or (), node.vpc, node.subnet)
    blocks = _networks(network.cidrs.get(endpoint.vpc, ()))
    for cidr, leads_to in table.routes if table else ():
        if leads_to.startswith("tgw-") and any(_overlaps(block, _network(cidr)) for block in blocks):
            return Check("network", Holds.UNKNOWN, f"{where}; {leads_to} may lead there")
    mend = "take a node of that VPC, or peer the two and route both ways"
    return Check("network", Holds.NO, f"{where}, and no peering leads there", mend=mend)


def _table(tables: Sequence[RouteTable], vpc: str, subnet: str) -> RouteTable | None:
    """The table of a subnet: its own, or else the VPC's main one."""
    own = [table for table in tables if table.vpc == vpc]
    return next((table for table in own if subnet in table.subnets), next((t for t in own if t.main), None))


def _back(endpoint: Endpoint, tables: Sequence[RouteTable]) -> list[RouteTable]:
    """The tables of the endpoint's subnets; all of its VPC where those are not known."""
    if not endpoint.subnets:
        return [table for table in tables if table.vpc == endpoint.vpc]
    found = [_table(tables, endpoint.vpc, subnet) for subnet in endpoint.subnets]
    return list({table.id: table for table in found if table}.values())


def _through(table: RouteTable, peering: str) -> list[IpNetwork]:
    return _networks([cidr for cidr, leads_to in table.routes if leads_to == peering])


def _addresses(endpoint: Endpoint, network: Network) -> list[IpNetwork]:
    """Where the endpoint's address may be: its VPC, unless it is an address itself."""
    try:
        return [ip_network(ip_address(endpoint.host))]
    except ValueError:
        return _networks(network.cidrs.get(endpoint.vpc, ()))


@lru_cache(maxsize=4096)  # a network has few, and is asked about thousands of nodes
def _network(cidr: str) -> IpNetwork:
    return ip_network(cidr, strict=False)


def _networks(cidrs: Sequence[str]) -> list[IpNetwork]:
    return [_network(each) for each in cidrs]


_address = lru_cache(maxsize=65_536)(ip_address)


def _holds(network: IpNetwork, address: str) -> bool:
    return bool(address) and _address(address) in network


def _inside(inner: IpNetwork, outer: IpNetwork) -> bool:
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]


def _overlaps(one: IpNetwork, other: IpNetwork) -> bool:
    return one.version == other.version and one.overlaps(other)


def _listed(words: Sequence[str]) -> str:
    """A few of them, and how many more."""
    several = list(dict.fromkeys(words))
    more = f" and {len(several) - _SHOWN} more" if len(several) > _SHOWN else ""
    return ", ".join(several[:_SHOWN]) + more
