"""Whether routes lead from a node to an endpoint and back: in a VPC, over a peering, perhaps over a gateway."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_network

from ssmx.model.endpoint import Endpoint
from ssmx.model.network import Check, Holds, IpNetwork, Network, RouteTable, inside, overlaps, own_addresses
from ssmx.model.target import Target
from ssmx.model.wording import either, together

SAME_NETWORK = "it is in the endpoint's VPC"

_ABOUT = "network"
_SHOWN = 4


def in_reach(endpoint: Endpoint, node: Target, network: Network, *, version: int = 4) -> Check:
    """Whether the node is in the endpoint's VPC, or in one that is peered with it and has routes both ways."""
    early = _without_routes(endpoint, node, version)
    if early:
        return early
    where = f"it is in {node.vpc}, not in {endpoint.vpc}"
    if network.peerings is None:
        return Check(_ABOUT, Holds.UNKNOWN, f"{where}; the peerings are not known")
    peering = network.peering_of(node.vpc, endpoint.vpc)
    through = peering.id if peering else ""
    where += f", and {through} peers them" if through else ""
    there = _table(network.tables or (), node.vpc, node.subnet)
    if there is None:
        return Check(_ABOUT, Holds.UNKNOWN, f"{where}; the routes are not known")
    blocks = network.addresses(endpoint, version)
    holds = _leads(there, blocks, through, network, version) if through else Holds.NO
    if holds is not Holds.YES:
        for other in _others(there, blocks, through, network, version):
            return Check(_ABOUT, Holds.UNKNOWN, f"{where}; {other} may lead there")
    if not through:
        mend = "take a node of that VPC, or peer the two and route both ways"
        return Check(_ABOUT, Holds.NO, f"{where}, and no peering leads there", mend=mend)
    if holds is Holds.UNKNOWN:
        why = f"{where}; the routes of {there.id} through {through} may not lead to all of {endpoint.vpc}"
        return Check(_ABOUT, Holds.UNKNOWN, why)
    if holds is Holds.NO:
        to = f"route to {together([str(block) for block in blocks]) if blocks else endpoint.vpc} through {through}"
        return Check(_ABOUT, Holds.NO, f"{where}, but {there.id} has no {to}", mend=f"{there.id} needs a {to}")
    return _back(endpoint, node, network, version, through, where)


def _without_routes(endpoint: Endpoint, node: Target, version: int) -> Check | None:
    """The answer, where it does not depend on routes."""
    if node.hybrid:
        return Check(_ABOUT, Holds.UNKNOWN, "it is outside EC2: what leads from there is not known")
    if version == 4 and node.ipv6 and not node.private_ip:  # a NAT gateway may translate
        return Check(_ABOUT, Holds.UNKNOWN, "it has no IPv4 address, and may need one")
    if version == 6 and node.private_ip and not node.ipv6:
        return Check(_ABOUT, Holds.NO, "it has no IPv6 address", mend="take a node that has one")
    if endpoint.public:
        return Check(_ABOUT, Holds.UNKNOWN, "the endpoint is reached over the internet alone: is the node let out?")
    if not endpoint.vpc:
        return Check(_ABOUT, Holds.UNKNOWN, f"the VPC of {endpoint.label} is not known")
    if not node.vpc:
        return Check(_ABOUT, Holds.UNKNOWN, "its VPC is not known")
    return Check(_ABOUT, Holds.YES, SAME_NETWORK) if node.vpc == endpoint.vpc else None


def _back(endpoint: Endpoint, node: Target, network: Network, version: int, through: str, where: str) -> Check:
    """Whether the endpoint's subnets route back, all of them: in which of them it is, is not known."""
    own = [ip_network(each) for each in own_addresses(node, version)]
    tables = _endpoints_tables(endpoint, network.tables or ())
    holds = [_leads(table, own, through, network, version) for table in tables]
    if holds and all(each is Holds.YES for each in holds):
        return Check(_ABOUT, Holds.YES, f"{where}, with routes both ways")
    for table in tables:
        for other in _others(table, own, through, network, version):
            return Check(_ABOUT, Holds.UNKNOWN, f"{where}; {other} may lead back")
    lacking = [table.id for table, each in zip(tables, holds, strict=True) if each is Holds.NO]
    if not lacking:
        return Check(_ABOUT, Holds.UNKNOWN, f"{where}; whether routes lead back is not known")
    to = f"route back to {own[0].network_address if own else node.vpc} through {through}"
    if len(lacking) < len(tables):
        return Check(_ABOUT, Holds.UNKNOWN, f"{where}; a {to} is missing in {_some(lacking)}")
    who = either(lacking[:_SHOWN])
    return Check(_ABOUT, Holds.NO, f"{where}, but {who} has no {to}", mend=f"{who} needs a {to}")


def _some(words: Sequence[str]) -> str:
    return together([*words[:_SHOWN], *([f"{len(words) - _SHOWN} more"] if len(words) > _SHOWN else [])])


def _table(tables: Sequence[RouteTable], vpc: str, subnet: str) -> RouteTable | None:
    """The table of a subnet: its own, or else the VPC's main one."""
    own = [table for table in tables if table.vpc == vpc]
    return next((table for table in own if subnet in table.subnets), next((t for t in own if t.main), None))


def _endpoints_tables(endpoint: Endpoint, tables: Sequence[RouteTable]) -> list[RouteTable]:
    """The tables of the endpoint's subnets; all of its VPC where those are not known."""
    if not endpoint.subnets:
        return [table for table in tables if table.vpc == endpoint.vpc]
    found = [_table(tables, endpoint.vpc, subnet) for subnet in endpoint.subnets]
    return list({table.id: table for table in found if table}.values())


def _routes(table: RouteTable, network: Network, version: int) -> Iterator[tuple[IpNetwork | None, str]]:
    """Destinations, and what they lead to; None for those of a prefix list that is not known."""
    for name, leads_to in table.routes:
        spans = network.spans(name)
        if spans is None:
            yield None, leads_to
        else:
            yield from ((span, leads_to) for span in spans if span.version == version)


def _leads(table: RouteTable, blocks: Sequence[IpNetwork], through: str, network: Network, version: int) -> Holds:
    """Whether the table leads to all of the blocks through this; Unknown where to a part, or they are not known."""
    routes = list(_routes(table, network, version))
    if not any(leads_to == through for _, leads_to in routes):
        return Holds.NO
    if not blocks:
        return Holds.UNKNOWN
    several = {_leads_to_block(routes, block, through) for block in blocks}
    return several.pop() if len(several) == 1 else Holds.UNKNOWN


def _leads_to_block(routes: Sequence[tuple[IpNetwork | None, str]], block: IpNetwork, through: str) -> Holds:
    """As the most specific route says, unless ones that are more specific divide the block."""
    known = [(span, leads_to) for span, leads_to in routes if span is not None and overlaps(span, block)]
    around = [(span.prefixlen, leads_to == through) for span, leads_to in known if inside(block, span)]
    within = [leads_to == through for span, leads_to in known if not inside(block, span)]
    says = max(around)[1] if around else False
    if any(span is None and (leads_to == through) is not says for span, leads_to in routes):
        return Holds.UNKNOWN
    if any(each is not says for each in within):
        return Holds.UNKNOWN
    return Holds.YES if says else Holds.NO


def _others(
    table: RouteTable, blocks: Sequence[IpNetwork], through: str, network: Network, version: int
) -> Iterator[str]:
    """What else the table leads to for these blocks: nobody knows what is beyond a gateway.

    A peering is among them where it is not known: who has a subnet of another account's VPC sees its routes alone.
    """
    known = {peering.id for peering in network.peerings or ()}
    for span, leads_to in _routes(table, network, version):
        if leads_to == through or leads_to in known:
            continue
        if span is None or not blocks or any(overlaps(block, span) for block in blocks):
            yield leads_to
