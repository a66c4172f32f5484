"""EC2's networks as AWS answers them, where moto does not: whom a rule admits, prefix lists, peerings.

moto 5.2 cuts no pages of these, takes every filter of a peering for none, crashes on a filter of rules it does not
know, and finds no fault in the id of a prefix list that does not exist (each of these is held by
tests/sandbox/test_moto_estate.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.responses import EC2Response

from ssmx.sandbox import paging, wildcards

Values = Callable[[Any], Iterable[object]]

_RULE_FILTERS = ("group-id", "security-group-rule-id", "tag-key")

_LIST_FILTERS: Mapping[str, Values] = {
    "owner-id": lambda it: [it.owner_id],
    "prefix-list-id": lambda it: [it.id],
    "prefix-list-name": lambda it: [it.prefix_list_name],
}

_PEERING_FILTERS: Mapping[str, Values] = {
    "accepter-vpc-info.cidr-block": lambda it: [it.peer_vpc.cidr_block],
    "accepter-vpc-info.owner-id": lambda it: [it.peer_vpc.owner_id],
    "accepter-vpc-info.vpc-id": lambda it: [it.peer_vpc.id],
    "requester-vpc-info.cidr-block": lambda it: [it.vpc.cidr_block],
    "requester-vpc-info.owner-id": lambda it: [it.vpc.owner_id],
    "requester-vpc-info.vpc-id": lambda it: [it.vpc.id],
    "status-code": lambda it: [it._status.code],
    "status-message": lambda it: [it._status.message],
    "vpc-peering-connection-id": lambda it: [it.id],
}


class Networks(EC2Response):
    """moto's EC2 with networks that filter and page as AWS's do."""

    def describe_vpcs(self) -> ActionResult:
        return self._cut("Vpcs", super().describe_vpcs())

    def describe_subnets(self) -> ActionResult:
        return self._cut("Subnets", super().describe_subnets())

    def describe_route_tables(self) -> ActionResult:
        return self._cut("RouteTables", super().describe_route_tables(), most=100)

    def describe_security_groups(self) -> ActionResult:
        return self._cut("SecurityGroups", super().describe_security_groups())

    def describe_security_group_rules(self) -> ActionResult:
        for name, _ in self._asked():
            if name not in _RULE_FILTERS and not name.startswith("tag:"):
                raise _unknown(name)
        return self._cut("SecurityGroupRules", super().describe_security_group_rules())

    def describe_managed_prefix_lists(self) -> ActionResult:
        self.error_on_dryrun()
        ids = self._get_param("PrefixListIds", [])
        known = self.ec2_backend.managed_prefix_lists
        self._check_lists(ids)
        found = [each for each in list(known.values()) if each.id in (ids or known)]
        return self._cut("PrefixLists", ActionResult({"PrefixLists": self._fit(found, _LIST_FILTERS)}), least=1)

    def get_managed_prefix_list_entries(self) -> ActionResult:
        self._check_lists([self._get_param("PrefixListId")])
        return self._cut("Entries", super().get_managed_prefix_list_entries(), least=1, most=100)

    def describe_vpc_peering_connections(self) -> ActionResult:
        self.error_on_dryrun()
        ids = self._get_param("VpcPeeringConnectionIds", [])
        for each in ids:
            if each not in self.ec2_backend.vpc_pcxs:
                text = f"The vpcPeeringConnection ID '{each}' does not exist"
                raise EC2ClientError("InvalidVpcPeeringConnectionID.NotFound", text)
        found = self.ec2_backend.describe_vpc_peering_connections(vpc_peering_ids=ids)
        return self._cut(
            "VpcPeeringConnections",
            ActionResult({"VpcPeeringConnections": self._fit(found, _PEERING_FILTERS)}),
        )

    def _asked(self) -> list[tuple[str, list[str]]]:
        filters: dict[str, Any] = dict(self._filters_from_querystring())
        return list(filters.items())

    def _check_lists(self, ids: list[str]) -> None:
        for each in ids:
            if each not in self.ec2_backend.managed_prefix_lists:
                raise EC2ClientError("InvalidPrefixListID.NotFound", f"The prefix list ID '{each}' does not exist")

    def _fit(self, found: list[Any], filters: Mapping[str, Values]) -> list[Any]:
        for name, values in self._asked():
            pattern = wildcards.pattern(values)
            of = self._tags_of(name) or filters.get(name)
            if of is None:
                raise _unknown(name)
            found = [
                each
                for each in found
                if any(pattern.fullmatch(str(value)) is not None for value in of(each) if value is not None)
            ]
        return found

    def _tags_of(self, name: str) -> Values | None:
        tags = self.ec2_backend.tags
        if name.startswith("tag:"):
            key = name.removeprefix("tag:")
            return lambda it: [(tags.get(it.id) or {}).get(key)]
        return (lambda it: (tags.get(it.id) or {}).keys()) if name == "tag-key" else None

    def _cut(self, name: str, answer: ActionResult, *, least: int = 5, most: int = 1000) -> ActionResult:
        whole: Any = answer.result
        page, token = self._page(list(whole[name]), least=least, most=most)
        return ActionResult({name: page, "NextToken": token})

    def _page(self, found: list[Any], *, least: int = 5, most: int = 1000) -> tuple[list[Any], str | None]:
        try:
            size = paging.limit(self._get_param("MaxResults"), default=most, least=least, most=most)
            return paging.cut(found, token=self._get_param("NextToken"), size=size)
        except paging.BadLimit as error:
            raise EC2ClientError(
                "InvalidParameterValue",
                f"Value ( {self._get_param('MaxResults')} ) for parameter maxResults is invalid. "
                f"Expecting a value between {least} and {most}.",
            ) from error
        except paging.BadToken as error:
            raise EC2ClientError("InvalidNextToken", "The specified NextToken is not valid.") from error


def _unknown(name: str) -> EC2ClientError:
    return EC2ClientError("InvalidParameterValue", f"The filter '{name}' is invalid")
