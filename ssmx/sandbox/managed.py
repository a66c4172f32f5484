"""The Systems Manager operations that list nodes, which moto lacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from moto.ssm.exceptions import SSMException

from ssmx.sandbox import paging
from ssmx.sandbox.nodes import Node
from ssmx.sandbox.roster import CURRENT_AGENT

_VALUES: dict[str, Callable[[Node], str]] = {
    "InstanceIds": lambda node: node.id,
    "AgentVersion": lambda node: node.agent,
    "PingStatus": lambda node: node.ping,
    "PlatformTypes": lambda node: node.platform_type,
    "PlatformType": lambda node: node.platform_type,
    "ResourceType": lambda node: node.resource_type,
    "IamRole": lambda _node: "",
    "ActivationIds": lambda _node: "",
    "AssociationStatus": lambda _node: "Success",
    "SourceIds": lambda node: node.id,
    "SourceTypes": lambda _node: "",
}


def page(
    nodes: Sequence[Node],
    request: Mapping[str, Any],
    *,
    filters: Sequence[Mapping[str, Any]],
    most: int,
) -> tuple[list[Node], str | None]:
    """The nodes one answer holds, and the token of the next; raises SSMException with AWS's codes."""
    try:
        size = paging.limit(request.get("MaxResults"), default=10, least=5, most=most)
        return paging.cut(_filtered(nodes, filters), token=request.get("NextToken"), size=size)
    except paging.BadLimit as error:
        raise SSMException("ValidationException", str(error)) from error
    except paging.BadToken as error:
        raise SSMException("InvalidNextToken", "The specified token isn't valid.") from error


def filters_of(request: Mapping[str, Any], *, old: str) -> list[dict[str, Any]]:
    """The filters as [{"key", "values"}]: AWS has an old list with names in lower case, and a new one."""
    newer = [{"key": each["Key"], "values": each["Values"]} for each in request.get("Filters") or []]
    older = [{"key": each["key"], "values": each["valueSet"]} for each in request.get(old) or []]
    return newer + older


def _filtered(nodes: Sequence[Node], filters: Sequence[Mapping[str, Any]]) -> list[Node]:
    by_tag = [each for each in filters if each["key"].startswith("tag")]
    if by_tag and len(by_tag) != len(filters):
        raise SSMException(
            "ValidationException", "Filter by tag and filter by other keys cannot be combined in one request."
        )
    found = list(nodes)
    for each in filters:
        key, wanted = each["key"], set(each["values"])
        if key == "InstanceIds" and (unknown := wanted - {node.id for node in nodes}):
            raise SSMException(
                "InvalidInstanceId", f"Instances [{', '.join(sorted(unknown))}] not in a valid state for account"
            )
        found = [node for node in found if _matches(node, key, wanted)]
    return found


def _matches(node: Node, key: str, wanted: set[str]) -> bool:
    if key.startswith("tag:"):
        return node.tags.get(key.removeprefix("tag:")) in wanted
    if key == "tag-key":
        return not wanted.isdisjoint(node.tags)
    if key not in _VALUES:
        raise SSMException("InvalidInstanceInformationFilterValue", f"The filter {key} is not valid.")
    return _VALUES[key](node) in wanted


def information(node: Node) -> dict[str, Any]:
    """One entry of DescribeInstanceInformation."""
    entry = {
        "InstanceId": node.id,
        "PingStatus": node.ping,
        "LastPingDateTime": datetime.fromtimestamp(node.heard, UTC),
        "AgentVersion": node.agent,
        "PlatformType": node.platform_type,
        "PlatformName": "Microsoft Windows Server 2022 Datacenter" if node.windows else "Amazon Linux",
        "PlatformVersion": "10.0.20348" if node.windows else "2023",
        "ResourceType": node.resource_type,
        "IPAddress": node.address,
        "ComputerName": node.computer,
    }
    if not node.windows:
        entry["IsLatestVersion"] = node.agent == CURRENT_AGENT  # means nothing on Windows
    if node.instance is None:
        entry["Name"] = node.computer
    return entry


def properties(node: Node) -> dict[str, Any]:
    """One entry of DescribeInstanceProperties: as above, and what EC2 knows."""
    entry = information(node)
    entry["Name"] = node.tags.get("Name", "")
    instance = node.instance
    if instance is not None:
        entry |= {
            "InstanceType": instance.instance_type,
            "KeyName": instance.key_name,
            "InstanceState": instance.state,
            "Architecture": instance.architecture,
            "LaunchTime": instance.launch_time,
            "IPAddress": instance.public_ip or "",
        }
    return entry
