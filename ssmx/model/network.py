"""What lies between a node and an endpoint, as data; and whether security groups let a connection pass.

That is answered with Yes, No or Unknown and in words; nothing is guessed, and No is said only where nothing that is
not known could change it. Asked is for IPv4 or IPv6: a connection is of one of them all the way. What is not looked
at: network ACLs, transit gateways beyond their first hop, firewalls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from enum import IntEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from ssmx.light import dataclass
from ssmx.model.endpoint import Endpoint
from ssmx.model.target import Target
from ssmx.model.wording import either, together

IpNetwork = IPv4Network | IPv6Network
IpAddress = IPv4Address | IPv6Address

_TCP = ("tcp", "6", "-1")  # EC2 writes names, numbers, and -1 for all
_SHOWN = 4


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

    @property
    def where(self) -> str:
        """The prefix list or the CIDR; empty where the peer is a group."""
        return self.prefix_list or self.cidr

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
    """A route table: `subnets` that are associated with it.

    `routes` are of a CIDR or a prefix list, and what they lead to: peerings and whatever else may lead to a VPC.
    """

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
    about to end, None where nobody may ask.
    """

    rules: Mapping[str, Sequence[Rule]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    prefix_lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    cidrs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    peerings: Sequence[Peering] | None = None
    tables: Sequence[RouteTable] | None = None
    terminating: frozenset[str] | None = frozenset()

    def called(self, group: str) -> str:
        """A security group, for people: its id, and its name where that is known."""
        name = self.names.get(group, "")
        return f"{group} ({name})" if name else group

    def peer_of(self, rule: Rule) -> str:
        """From whom a rule admits, or to whom it permits."""
        return self.called(rule.peer) if rule.peer else rule.where

    def spans(self, name: str) -> Sequence[IpNetwork] | None:
        """The networks of a CIDR or a prefix list; None where what is in the list is not known."""
        if not name.startswith("pl-"):
            return (_network(name),)
        return networks(self.prefix_lists[name]) if name in self.prefix_lists else None

    def addresses(self, endpoint: Endpoint, version: int) -> list[IpNetwork]:
        """Where the endpoint's address may be: its VPC, unless it is an address itself. Empty: not known."""
        literal = literal_address(endpoint)
        inside_vpc = () if endpoint.public else self.cidrs.get(endpoint.vpc, ())
        found = [ip_network(literal)] if literal else networks(inside_vpc)
        return [each for each in found if each.version == version]

    def peering_of(self, one: str, other: str) -> Peering | None:
        """The peering of two VPCs, as far as is known."""
        return next((each for each in self.peerings or () if set(each.vpcs) == {one, other}), None)


def admitted(endpoint: Endpoint, node: Target, network: Network, *, version: int = 4) -> Check:
    """Whether the endpoint's security groups admit the node to its port."""
    port, called = endpoint.port, network.called
    if not endpoint.groups:
        why = f"the security groups of {endpoint.label} are not known"
        if endpoint.service == "nlb":  # what has none when it is made never has
            why = f"{endpoint.label} has no security groups; those of its targets decide"
        return Check("ingress", Holds.UNKNOWN, why)
    own, hybrid = own_addresses(node, version), node.hybrid

    def fits(spans: Sequence[IpNetwork]) -> Holds:
        if not own:
            return Holds.YES if any(span.prefixlen == 0 for span in spans) else Holds.UNKNOWN if spans else Holds.NO
        held = [each for each in own if any(each in span for span in spans)]
        if len(held) == len(own):
            return Holds.YES
        # From which address a node outside EC2 comes here is not known.
        return Holds.UNKNOWN if held or (hybrid and spans) else Holds.NO

    rules = [rule for rule in _rules(endpoint.groups, network, egress=False) if rule.covers(port)]
    found = _search(endpoint.groups, rules, network, version, peers=node.groups, fits=fits)
    if found.rule:
        holds = "which it is in" if found.rule.peer else f"which holds {own[0] if own else 'every address'}"
        whom = f"{network.peer_of(found.rule)}, {holds}"
        return Check("ingress", Holds.YES, f"{called(found.rule.group)} admits tcp {port} from {whom}")
    if found.perhaps:
        rule = found.perhaps[0]
        may = "from where the node comes is not known" if hybrid else "the node may be in it"
        why = f"{called(rule.group)} admits tcp {port} from {network.peer_of(rule)}: {may}"
        return Check("ingress", Holds.UNKNOWN, why)
    if found.unknown:
        return Check("ingress", Holds.UNKNOWN, f"what {_both(found.unknown, network)} admits is not known")
    return _not_admitted(endpoint, node, network, version, found.others)


def _not_admitted(
    endpoint: Endpoint, node: Target, network: Network, version: int, others: Sequence[Rule]
) -> Check:
    """The refusal: whom the `others`, the rules for this port, admit instead, and what is missing."""
    port, called, own = endpoint.port, network.called, own_addresses(node, version)
    where = _both(endpoint.groups, network)
    admit = "admit" if len(endpoint.groups) > 1 else "admits"
    if others:
        who = either([str(own[0]) if own else node.id, *map(called, node.groups)])
        listed = _listed([network.peer_of(rule) for rule in others])
        why = f"{where} {admit} tcp {port} from {listed}, and not from {who}"
    else:
        why = f"{where} {admit} nobody to tcp {port}"
    sixes = [rule for rule in others if ":" in rule.cidr]
    if (
        version == 4
        and not endpoint.dual
        and any(each in _network(rule.cidr) for rule in sixes for each in own_addresses(node, 6))
    ):
        why += "; it would over IPv6, which the endpoint has not"
    group = endpoint.groups[0]
    if node.groups and _namable(endpoint, node, network):
        peer, option = node.groups[0], "--source-group"
    elif own and version == 4:
        peer, option = f"{own[0]}/32", "--cidr"
    else:
        return Check(
            "ingress", Holds.NO, why, mend=f"{called(group)} needs an inbound rule: tcp {port} from the node"
        )
    return Check(
        "ingress",
        Holds.NO,
        why,
        mend=f"{called(group)} needs an inbound rule: tcp {port} from {called(peer)}",
        command=f"aws ec2 authorize-security-group-ingress --group-id {group} --protocol tcp --port {port}"
        f" {option} {peer}",
    )


def permitted(endpoint: Endpoint, node: Target, network: Network, *, version: int = 4) -> Check:
    """Whether the node's security groups permit connections to the endpoint's port."""
    port, called = endpoint.port, network.called
    if not node.groups:
        why = (
            "it is in no security group: what else stops it is not known"
            if node.hybrid
            else "its security groups are not known"
        )
        return Check("egress", Holds.UNKNOWN, why)
    blocks = network.addresses(endpoint, version)

    def fits(spans: Sequence[IpNetwork]) -> Holds:
        held = [any(inside(block, span) for span in spans) for block in blocks]
        if any(span.prefixlen == 0 for span in spans) or (held and all(held)):
            return Holds.YES
        touched = any(overlaps(block, span) for block in blocks for span in spans)
        return Holds.UNKNOWN if spans and (touched or not blocks) else Holds.NO

    rules = [rule for rule in _rules(node.groups, network, egress=True) if rule.covers(port)]
    found = _search(node.groups, rules, network, version, peers=endpoint.groups, fits=fits)
    if found.rule:
        why = f"{called(found.rule.group)} permits tcp {port} to {network.peer_of(found.rule)}"
        return Check("egress", Holds.YES, why)
    if found.perhaps:
        wheres = [network.peer_of(rule) for rule in found.perhaps]
        spans = [each for rule in found.perhaps if not rule.peer for each in network.spans(rule.where) or ()]
        whole = fits([each for each in spans if each.version == version]) is Holds.YES  # a rule for each CIDR
        who = _both([rule.group for rule in found.perhaps] if whole else [found.perhaps[0].group], network)
        if whole:
            return Check("egress", Holds.YES, f"{who} permits tcp {port} to {together(wheres)}")
        why = f"{who} permits tcp {port} to {wheres[0]}: the endpoint may be in it"
        return Check("egress", Holds.UNKNOWN, why)
    if found.unknown:
        return Check("egress", Holds.UNKNOWN, f"what {_both(found.unknown, network)} permits is not known")
    group = node.groups[0]
    cidrs = [str(block) for block in blocks] or ["0.0.0.0/0" if version == 4 else "::/0"]
    if endpoint.groups and _namable(endpoint, node, network):
        peer = called(endpoint.groups[0])
        option = f"UserIdGroupPairs=[{{GroupId={endpoint.groups[0]}}}]"
    else:
        peer, key, kind = together(cidrs), *(("CidrIp", "Ip") if version == 4 else ("CidrIpv6", "Ipv6"))
        option = f"{kind}Ranges=[{','.join(f'{{{key}={cidr}}}' for cidr in cidrs)}]"
    where = _both(node.groups, network)
    permit = "permit" if len(node.groups) > 1 else "permits"
    listed = _listed([network.peer_of(rule) for rule in found.others])
    why = f"tcp {port} to {listed}, and not to {peer}" if found.others else f"no connections to tcp {port}"
    return Check(
        "egress",
        Holds.NO,
        f"{where} {permit} {why}",
        mend=f"{called(group)} needs an outbound rule: tcp {port} to {peer}",
        command=f"aws ec2 authorize-security-group-egress --group-id {group} --ip-permissions"
        f" 'IpProtocol=tcp,FromPort={port},ToPort={port},{option}'",
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """The rule that lets a connection pass; those that may; the others for its port; what is not known."""

    rule: Rule | None
    perhaps: Sequence[Rule]
    others: Sequence[Rule]
    unknown: Sequence[str]


def _search(
    groups: Sequence[str],
    rules: Sequence[Rule],
    network: Network,
    version: int,
    *,
    peers: Sequence[str],
    fits: Callable[[Sequence[IpNetwork]], Holds],
) -> _Found:
    """Look through the rules of groups, of the right port, for one that lets a connection pass: the first is told.

    A rule for one of the groups `peers` does, or for networks that `fits`; any group's may where `peers` are not
    known.
    """
    perhaps: list[Rule] = []
    others: list[Rule] = []
    unknown = [group for group in groups if group not in network.rules]
    for rule in rules:
        if rule.peer:
            holds = Holds.YES if rule.peer in peers else Holds.NO if peers else Holds.UNKNOWN
        else:
            spans = network.spans(rule.where)
            if spans is None:
                unknown.append(rule.prefix_list)
                continue
            holds = fits([span for span in spans if span.version == version])
        if holds is Holds.YES:
            return _Found(rule, (), (), ())
        (perhaps if holds is Holds.UNKNOWN else others).append(rule)
    return _Found(None, perhaps, others, unknown)


def _rules(groups: Sequence[str], network: Network, *, egress: bool) -> Iterator[Rule]:
    for group in groups:
        yield from (rule for rule in network.rules.get(group, ()) if rule.egress is egress)


def _namable(endpoint: Endpoint, node: Target, network: Network) -> bool:
    """Whether a rule of one can name a group of the other: another VPC's over a peering only."""
    return node.vpc == endpoint.vpc or network.peering_of(node.vpc, endpoint.vpc) is not None


def literal_address(endpoint: Endpoint) -> IpAddress | None:
    """The endpoint's address, where its host is one and no name."""
    return _literal(endpoint.host)


@lru_cache(maxsize=4096)
def _literal(host: str) -> IpAddress | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def own_addresses(node: Target, version: int) -> list[IpAddress]:
    """From where a node's connections come; empty where that is not known, or it has no such address."""
    found = [_address(each) for each in (node.private_ip, *node.ipv6) if each]
    return [each for each in found if each.version == version]


@lru_cache(maxsize=4096)  # a network has few, and is asked about thousands of nodes
def _network(cidr: str) -> IpNetwork:
    return ip_network(cidr, strict=False)


def networks(cidrs: Sequence[str]) -> list[IpNetwork]:
    """CIDRs, for arithmetic."""
    return [_network(each) for each in cidrs]


_address = lru_cache(maxsize=65_536)(ip_address)


def inside(inner: IpNetwork, outer: IpNetwork) -> bool:
    """Whether all addresses of one are in the other."""
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]


def overlaps(one: IpNetwork, other: IpNetwork) -> bool:
    """Whether they have addresses in common."""
    return one.version == other.version and one.overlaps(other)


def _both(names: Sequence[str], network: Network) -> str:
    """Groups and prefix lists, by their names, each once."""
    return together([network.called(each) for each in dict.fromkeys(names)])


def _listed(words: Sequence[str]) -> str:
    """A few of them, and how many more."""
    several = list(dict.fromkeys(words))
    more = f" and {len(several) - _SHOWN} more" if len(several) > _SHOWN else ""
    return ", ".join(several[:_SHOWN]) + more
