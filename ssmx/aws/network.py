"""Ask EC2 what lies between nodes and an endpoint: rules, prefix lists, peerings, routes, ending instances."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

from botocore import xform_name

from ssmx.aws.clients import Clients
from ssmx.aws.errors import translated
from ssmx.errors import SsmxError
from ssmx.model.endpoint import Endpoint
from ssmx.model.network import Network, Peering, RouteTable, Rule
from ssmx.model.target import Target

_FILTER_VALUES = 200  # EC2: values of one filter
_IDS = 50  # DescribeAutoScalingInstances: ids a call
_GROUP = "aws:autoscaling:groupName"  # the tag by which Auto Scaling marks its instances
_LEADS_TO = ("VpcPeeringConnectionId", "TransitGatewayId")


class Surroundings:
    """The networks of one account and region. `warn` hears what may not be asked: it is left unknown then."""

    def __init__(self, clients: Clients, *, warn: Callable[[str], None]) -> None:
        self._clients = clients
        self._warn = warn
        self._warned: set[str] = set()

    def peerings(self, vpc: str) -> Sequence[Peering] | None:
        """The active peering connections of a VPC; None where they may not be asked for."""
        rows: list[Any] = []
        for side in ("accepter", "requester"):
            filters = {f"{side}-vpc-info.vpc-id": [vpc], "status-code": ["active"]}
            found = self._ask("ec2", "DescribeVpcPeeringConnections", "VpcPeeringConnections", filters)
            if found is None:
                return None
            rows += found
        return [
            Peering(
                row["VpcPeeringConnectionId"], (row["RequesterVpcInfo"]["VpcId"], row["AccepterVpcInfo"]["VpcId"])
            )
            for row in {each["VpcPeeringConnectionId"]: each for each in rows}.values()
        ]

    def around(
        self, endpoint: Endpoint, nodes: Sequence[Target], peerings: Sequence[Peering] | None = None
    ) -> Network:
        """What is known of the network between the endpoint and these nodes, which may be in peered VPCs."""
        for service in ("ec2", "autoscaling"):
            self._clients.get(service)  # here, because signing in may ask the user
        groups = sorted({*endpoint.groups, *(group for node in nodes for group in node.groups)})
        vpcs = sorted({endpoint.vpc, *(node.vpc for node in nodes)} - {""})
        grouped = [node.id for node in nodes if _GROUP in node.tags]
        pool = ThreadPoolExecutor(8)
        try:
            ending = [pool.submit(self._terminating, ids) for ids in _chunks(grouped, _IDS)]
            cidrs = pool.submit(self._cidrs, [endpoint.vpc] if endpoint.vpc else [])
            tables = pool.submit(self._tables, vpcs) if len(vpcs) > 1 else None
            rules = self._rules(groups, pool)
            lists = self._prefix_lists(rules, pool)
            return Network(
                rules=rules,
                prefix_lists=lists,
                cidrs=cidrs.result(),
                peerings=peerings,
                tables=tables.result() if tables else None,
                terminating=frozenset(each for future in ending for each in future.result()),
            )
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _rules(self, groups: Sequence[str], pool: Executor) -> Mapping[str, Sequence[Rule]]:
        operation = "DescribeSecurityGroupRules"
        found: dict[str, list[Rule]] = {}
        chunks = _chunks(groups, _FILTER_VALUES)
        answers = pool.map(lambda ids: self._ask("ec2", operation, "SecurityGroupRules", {"group-id": ids}), chunks)
        for ids, rows in zip(chunks, answers, strict=True):
            if rows is None:
                continue
            found |= {group: [] for group in ids}  # a group without rules is known to have none
            for row in rows:
                found.setdefault(row["GroupId"], []).append(_rule(row))
        return found

    def _prefix_lists(self, rules: Mapping[str, Sequence[Rule]], pool: Executor) -> Mapping[str, Sequence[str]]:
        wanted = sorted({rule.prefix_list for each in rules.values() for rule in each if rule.prefix_list})

        def entries(prefix_list: str) -> list[Any] | None:
            return self._ask("ec2", "GetManagedPrefixListEntries", "Entries", {}, PrefixListId=prefix_list)

        asked: list[Future[list[Any] | None]] = [pool.submit(entries, each) for each in wanted]
        answers = {each: future.result() for each, future in zip(wanted, asked, strict=True)}
        return {each: [row["Cidr"] for row in rows] for each, rows in answers.items() if rows is not None}

    def _cidrs(self, vpcs: Sequence[str]) -> Mapping[str, Sequence[str]]:
        rows = self._ask("ec2", "DescribeVpcs", "Vpcs", {"vpc-id": vpcs}) if vpcs else []
        return {
            row["VpcId"]: [
                *dict.fromkeys(
                    [row["CidrBlock"], *(each["CidrBlock"] for each in row.get("CidrBlockAssociationSet", ()))]
                ),
                *(each["Ipv6CidrBlock"] for each in row.get("Ipv6CidrBlockAssociationSet", ())),
            ]
            for row in rows or ()
        }

    def _tables(self, vpcs: Sequence[str]) -> Sequence[RouteTable] | None:
        rows = self._ask("ec2", "DescribeRouteTables", "RouteTables", {"vpc-id": vpcs})
        return None if rows is None else [_table(row) for row in rows]

    def _terminating(self, ids: Sequence[str]) -> list[str]:
        rows = self._ask("autoscaling", "DescribeAutoScalingInstances", "AutoScalingInstances", {}, InstanceIds=ids)
        return [row["InstanceId"] for row in rows or () if row["LifecycleState"].startswith("Terminat")]

    def _ask(
        self, service: str, operation: str, key: str, filters: Mapping[str, Sequence[str]], **arguments: Any
    ) -> list[Any] | None:
        """All rows of an answer; None where it may not be asked for, which is told once."""
        client = self._clients.get(service)
        if filters:
            arguments["Filters"] = [{"Name": name, "Values": list(values)} for name, values in filters.items()]
        try:
            with translated(f"{service}:{operation}"):
                pages = client.get_paginator(xform_name(operation)).paginate(**arguments)
                return [row for page in pages for row in page[key]]
        except SsmxError as error:  # the node is still there, and may well do
            if operation not in self._warned:
                self._warned.add(operation)
                self._warn(f"not looked at: {error.message}")
            return None


def _peering(row: Mapping[str, Any]) -> Peering:
    vpcs = (row["RequesterVpcInfo"]["VpcId"], row["AccepterVpcInfo"]["VpcId"])
    return Peering(row["VpcPeeringConnectionId"], vpcs)


def _rule(row: Mapping[str, Any]) -> Rule:
    return Rule(
        group=row["GroupId"],
        egress=row["IsEgress"],
        protocol=str(row["IpProtocol"]),
        first=row.get("FromPort", -1),
        last=row.get("ToPort", -1),
        cidr=row.get("CidrIpv4") or row.get("CidrIpv6") or "",
        prefix_list=row.get("PrefixListId", ""),
        peer=(row.get("ReferencedGroupInfo") or {}).get("GroupId", ""),
    )


def _table(row: Mapping[str, Any]) -> RouteTable:
    routes = (
        (each.get("DestinationCidrBlock") or each.get("DestinationIpv6CidrBlock") or "", leads_to)
        for each in row.get("Routes", ())
        for leads_to in (each.get(name) for name in _LEADS_TO)
        if leads_to and each.get("State", "active") == "active"
    )
    associations = row.get("Associations", ())
    return RouteTable(
        id=row["RouteTableId"],
        vpc=row["VpcId"],
        main=any(each.get("Main") for each in associations),
        subnets=tuple(each["SubnetId"] for each in associations if each.get("SubnetId")),
        routes=tuple((cidr, leads_to) for cidr, leads_to in routes if cidr),
    )


def _chunks(items: Iterable[str], size: int) -> list[list[str]]:
    several = list(items)
    return [several[at : at + size] for at in range(0, len(several), size)]
