"""Ask EC2 what lies between nodes and an endpoint: rules, prefix lists, peerings, routes, ending instances."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from typing import Any

from botocore import xform_name

from ssmx.aws.clients import Clients
from ssmx.aws.errors import translated
from ssmx.aws.threads import chunks, threads
from ssmx.errors import ConfigError, SignInExpired, SsmxError
from ssmx.model.endpoint import Endpoint
from ssmx.model.network import Network, Peering, RouteTable, Rule
from ssmx.model.target import GROUP_TAG, Target

_FILTER_VALUES = 200  # EC2: values of one filter
_IDS = 50  # DescribeAutoScalingInstances: ids a call
_LEADS_TO = ("VpcPeeringConnectionId", "TransitGatewayId", "CoreNetworkArn")
_APPLIANCES = ("eni-", "vpce-")  # routers and firewalls, which may lead anywhere; mostly they lead to the internet


class Surroundings:
    """The networks of one account and region. `warn` hears what may not be asked: it is left unknown then."""

    def __init__(self, clients: Clients, *, warn: Callable[[str], None]) -> None:
        self._clients = clients
        self._warn = warn
        self._warned: set[str] = set()
        self._warning = threading.Lock()

    def peerings(self, vpcs: Sequence[str]) -> Sequence[Peering] | None:
        """The active peering connections of these VPCs; None where they may not be asked for."""
        rows: dict[str, Any] = {}
        for side in ("accepter", "requester"):
            filters = {f"{side}-vpc-info.vpc-id": vpcs, "status-code": ["active"]}
            found = self._ask("ec2", "DescribeVpcPeeringConnections", "VpcPeeringConnections", filters)
            if found is None:
                return None
            rows |= {row["VpcPeeringConnectionId"]: row for row in found}
        return [_peering(row) for row in rows.values()]

    def around(
        self,
        endpoints: Sequence[Endpoint],
        nodes: Sequence[Target],
        peerings: Sequence[Peering] | None = None,
        *,
        all_names: bool = False,
    ) -> Network:
        """What is known of the network between these endpoints and nodes, which may be in peered VPCs.

        With `all_names` also what the groups are called that rules name, at the price of a call more.
        """
        interfaces = [each for node in nodes for each in node.interfaces]
        belonging = [each.groups for each in endpoints]
        belonging += [each.groups for each in nodes] + [each.groups for each in interfaces]
        groups = sorted({group for each in belonging for group in each})
        theirs = sorted({each.vpc for each in endpoints} - {""})
        vpcs = sorted({*theirs, *(each.vpc for each in nodes), *(each.vpc for each in interfaces)} - {""})
        grouped = [node.id for node in nodes if GROUP_TAG in node.tags]
        for service in ("ec2", "autoscaling") if grouped else ("ec2",):
            self._clients.get(service)  # here, because signing in may ask the user
        with threads() as pool:
            ending = [pool.submit(self._terminating, ids) for ids in chunks(grouped, _IDS)]
            cidrs = pool.submit(self._cidrs, theirs)
            tables = pool.submit(self._tables, vpcs) if len(vpcs) > 1 else None
            found = self._groups(groups, pool)
            rules = {row["GroupId"]: _rules(row) for row in found}
            peers = {rule.peer for each in rules.values() for rule in each} - set(rules) - {""}
            named = [*found, *(self._groups(sorted(peers), pool) if all_names else ())]
            return Network(
                rules=rules,
                names={row["GroupId"]: row.get("GroupName", "") for row in named},
                prefix_lists=self._prefix_lists(rules, tables.result() if tables else None, pool),
                cidrs=cidrs.result(),
                peerings=peerings,
                tables=tables.result() if tables else None,
                terminating=_together([future.result() for future in ending]),
            )

    def _groups(self, groups: Sequence[str], pool: Executor) -> list[Any]:
        """The security groups themselves, which hold their rules."""
        answers = pool.map(
            lambda ids: self._ask("ec2", "DescribeSecurityGroups", "SecurityGroups", {"group-id": ids}),
            chunks(groups, _FILTER_VALUES),
        )
        return [row for rows in answers for row in rows or ()]

    def _prefix_lists(
        self, rules: Mapping[str, Sequence[Rule]], tables: Sequence[RouteTable] | None, pool: Executor
    ) -> Mapping[str, Sequence[str]]:
        """The entries of the prefix lists that rules and routes name."""
        named = {rule.prefix_list for each in rules.values() for rule in each if rule.prefix_list}
        named |= {to for table in tables or () for to, _ in table.routes if to.startswith("pl-")}
        wanted = sorted(named)

        def entries(prefix_list: str) -> list[Any] | None:
            return self._ask("ec2", "GetManagedPrefixListEntries", "Entries", {}, PrefixListId=prefix_list)

        asked: list[Future[list[Any] | None]] = [pool.submit(entries, each) for each in wanted]
        answers = {each: future.result() for each, future in zip(wanted, asked, strict=True)}
        return {each: [row["Cidr"] for row in rows] for each, rows in answers.items() if rows is not None}

    def _cidrs(self, vpcs: Sequence[str]) -> Mapping[str, Sequence[str]]:
        rows = self._ask("ec2", "DescribeVpcs", "Vpcs", {"vpc-id": vpcs}) if vpcs else []
        return {row["VpcId"]: _cidrs(row) for row in rows or ()}

    def _tables(self, vpcs: Sequence[str]) -> Sequence[RouteTable] | None:
        rows = self._ask("ec2", "DescribeRouteTables", "RouteTables", {"vpc-id": vpcs})
        return None if rows is None else [_table(row) for row in rows]

    def _terminating(self, ids: Sequence[str]) -> list[str] | None:
        rows = self._ask("autoscaling", "DescribeAutoScalingInstances", "AutoScalingInstances", {}, InstanceIds=ids)
        if rows is None:
            return None
        states = {row["InstanceId"]: row["LifecycleState"] for row in rows or ()}
        # Also `Warmed:Terminating…`, of warm pools; what is `Retained` stays until somebody ends it.
        return [each for each, state in states.items() if "Terminat" in state and not state.endswith(":Retained")]

    def _ask(
        self, service: str, operation: str, key: str, filters: Mapping[str, Sequence[str]], **arguments: Any
    ) -> list[Any] | None:
        """All rows of an answer; None where it may not be asked for, which is told once."""
        pages = self._clients.get(service).get_paginator(xform_name(operation))
        rows: list[Any] = []
        try:
            for part in _parts(filters):
                with translated(f"{service}:{operation}"):
                    rows += [row for page in pages.paginate(**part, **arguments) for row in page[key]]
        except (SignInExpired, ConfigError):
            raise
        except SsmxError as error:  # the node is still there, and may well do
            with self._warning:
                if operation not in self._warned:
                    self._warned.add(operation)
                    self._warn(f"not looked at: {error.message}")
            return None
        return rows


def _together(parts: Sequence[list[str] | None]) -> frozenset[str] | None:
    """All of them; None where one is not known."""
    return None if None in parts else frozenset(each for part in parts for each in part or ())


def _peering(row: Mapping[str, Any]) -> Peering:
    vpcs = (row["RequesterVpcInfo"]["VpcId"], row["AccepterVpcInfo"]["VpcId"])
    return Peering(row["VpcPeeringConnectionId"], vpcs)


def _rules(group: Mapping[str, Any]) -> list[Rule]:
    """The rules of a security group, one for each peer."""
    found: list[Rule] = []
    for egress, key in ((False, "IpPermissions"), (True, "IpPermissionsEgress")):
        for row in group.get(key, ()):
            peers = [{"cidr": each["CidrIp"]} for each in row.get("IpRanges", ())]
            peers += [{"cidr": each["CidrIpv6"]} for each in row.get("Ipv6Ranges", ())]
            peers += [{"prefix_list": each["PrefixListId"]} for each in row.get("PrefixListIds", ())]
            peers += [{"peer": each["GroupId"]} for each in row.get("UserIdGroupPairs", ())]
            protocol, first, last = str(row["IpProtocol"]), row.get("FromPort", -1), row.get("ToPort", -1)
            found += [Rule(group["GroupId"], egress, protocol, first, last, **peer) for peer in peers]
    return found


def _cidrs(vpc: Mapping[str, Any]) -> list[str]:
    """The CIDRs that a VPC has now; former ones are told for a while."""
    found = [vpc["CidrBlock"]]
    for kind in ("CidrBlock", "Ipv6CidrBlock"):
        for each in vpc.get(f"{kind}AssociationSet", ()):
            state = each.get(f"{kind}State", {}).get("State", "associated")
            found += [each[kind]] if state == "associated" else []
    return list(dict.fromkeys(found))


def _route(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """Where to, and what leads there; None for a route that leads to no other VPC."""
    cidr = row.get("DestinationCidrBlock") or row.get("DestinationIpv6CidrBlock") or ""
    to = cidr or row.get("DestinationPrefixListId", "")
    if row.get("State", "active") != "active":
        return None
    leads_to = next((row[key] for key in _LEADS_TO if row.get(key)), "")
    gateway = str(row.get("GatewayId") or row.get("NetworkInterfaceId") or "")
    if not leads_to and (
        gateway.startswith("vgw-") or (gateway.startswith(_APPLIANCES) and cidr and not cidr.endswith("/0"))
    ):
        leads_to = gateway
    return (to, leads_to) if to and leads_to else None


def _table(row: Mapping[str, Any]) -> RouteTable:
    associations = row.get("Associations", ())
    return RouteTable(
        id=row["RouteTableId"],
        vpc=row["VpcId"],
        main=any(each.get("Main") for each in associations),
        subnets=tuple(each["SubnetId"] for each in associations if each.get("SubnetId")),
        routes=tuple(route for route in map(_route, row.get("Routes", ())) if route),
    )


def _parts(filters: Mapping[str, Sequence[str]]) -> Iterator[dict[str, Any]]:
    """Arguments with these filters; several where the first has more values than a call takes."""
    if not filters:
        yield {}
        return
    first, *rest = filters.items()
    for values in chunks(first[1], _FILTER_VALUES):
        several = [(first[0], values), *rest]
        yield {"Filters": [{"Name": name, "Values": list(each)} for name, each in several]}
