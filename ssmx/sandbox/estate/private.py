"""The networks behind the account's private services: whom their security groups admit, and a second VPC.

`data` has subnets and no instances; nodes reach it from prod over a peering.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moto.ec2.models import ec2_backends

from ssmx.sandbox.roster import ACCOUNT, NETWORKS, REGION, ZONES

_DATA = "10.8"  # the first half of the addresses of VPC data
_EVERY_PROTOCOL = "-1"


@dataclass(frozen=True, slots=True)
class Network:
    """A VPC as services see it: its private subnets by zone, its security groups by purpose."""

    vpc: str
    subnets: Mapping[str, str]
    groups: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Private:
    """Where the account's private services are."""

    prod: Network
    data: Network


def suffix(*, length: int = 6) -> str:
    """The characters that the host names of this account in this region have in common."""
    return hashlib.sha256(f"{ACCOUNT}/{REGION}/hosts".encode()).hexdigest()[:length]


def identity(*words: str, length: int, letters: str = "0123456789abcdef") -> str:
    """What AWS draws by lot for a resource: the same for the same words at every start."""
    digest = hashlib.sha512("/".join((ACCOUNT, REGION, *words)).encode()).digest()
    return "".join(letters[byte % len(letters)] for byte in digest[:length])


def seed(vpc: str, subnets: Mapping[str, str], groups: Mapping[str, str]) -> Private:
    """Add to the VPC of prod, and make VPC data."""
    ec2 = ec2_backends[ACCOUNT][REGION]
    ours = f"{NETWORKS['prod']}.0.0/16"
    listed = ec2.create_managed_prefix_list(
        address_family="IPv4",
        # moto looks for Cidr and Description in what the API parsed
        entry=[
            {"Cidr": f"{NETWORKS['prod']}.0.0/18", "Description": "services of prod"},
            {"Cidr": "172.31.240.0/22", "Description": "offices"},
        ],
        max_entries="10",
        prefix_list_name="corp-networks",
        tags={"Name": "corp-networks"},
        owner_id=ACCOUNT,
    )
    app, bastion = {"GroupId": groups["app"]}, {"GroupId": groups["bastion"]}
    made = {
        "cache": _group(ec2, vpc, "prod-cache", "redis from services", 6379, groups=[app]),
        "search": _group(ec2, vpc, "prod-search", "https from services", 443, groups=[app, bastion]),
        "documents": _group(ec2, vpc, "prod-documents", "documents", 27017, lists=[listed.id]),
        "kubernetes": _group(ec2, vpc, "prod-kubernetes", "the API of platform", 443, ranges=[ours]),
        "internal": _group(ec2, vpc, "prod-internal", "everything from prod", None, ranges=[ours]),
    }
    prod = Network(vpc, subnets, {**groups, **made})
    data = _data(ec2, ours)
    _peer(ec2, prod, data)
    return Private(prod, data)


def _data(ec2: Any, ours: str) -> Network:
    vpc = ec2.create_vpc(f"{_DATA}.0.0/16")
    vpc.add_tags({"Name": "data", "Env": "prod"})
    subnets = {}
    for position, zone in enumerate(ZONES):
        subnet = ec2.create_subnet(vpc.id, f"{_DATA}.{position * 16}.0/20", availability_zone=f"{REGION}{zone}")
        subnet.add_tags({"Name": f"data-private-{zone}", "Env": "prod"})
        subnets[zone] = subnet.id
    group = _group(ec2, vpc.id, "data-warehouse", "the warehouse from prod", 5439, ranges=[ours])
    return Network(vpc.id, subnets, {"warehouse": group})


def _peer(ec2: Any, prod: Network, data: Network) -> None:
    """Prod routes by its main table, as none of its subnets has one; data by one of its own."""
    ours, theirs = ec2.get_vpc(prod.vpc), ec2.get_vpc(data.vpc)
    peering = ec2.create_vpc_peering_connection(ours, theirs, {"Name": "prod-data"})
    ec2.accept_vpc_peering_connection(peering.id)
    main = next(each for each in ec2.route_tables.values() if each.vpc_id == prod.vpc)
    ec2.create_route(main.id, theirs.cidr_block, vpc_peering_connection_id=peering.id)
    own = ec2.create_route_table(data.vpc, tags=[{"Key": "Name", "Value": "data-private"}])
    ec2.create_route(own.id, ours.cidr_block, vpc_peering_connection_id=peering.id)
    for subnet in data.subnets.values():
        ec2.associate_route_table(own.id, subnet_id=subnet)


def _group(
    ec2: Any,
    vpc: str,
    name: str,
    text: str,
    port: int | None,
    *,
    ranges: Sequence[str] = (),
    groups: Sequence[Mapping[str, str]] = (),
    lists: Sequence[str] = (),
) -> str:
    """A security group with one rule for each whom it admits, to `port` or to everything."""
    made = ec2.create_security_group(name, text, vpc_id=vpc, tags={"Name": name})
    ec2.authorize_security_group_ingress(
        made.id,
        _EVERY_PROTOCOL if port is None else "tcp",
        None if port is None else str(port),
        None if port is None else str(port),
        ip_ranges=[{"CidrIp": each} for each in ranges],
        source_groups=list(groups),
        prefix_list_ids=[{"PrefixListId": each} for each in lists],
    )
    return str(made.id)
