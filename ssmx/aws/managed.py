"""What Systems Manager knows of nodes: who is online, with which agent; and hybrid nodes, which only it knows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import field, replace
from typing import Any

from ssmx.aws.clients import Clients
from ssmx.aws.errors import code_of, refusals, translated
from ssmx.aws.threads import chunks
from ssmx.errors import AccessDenied
from ssmx.light import dataclass
from ssmx.model.target import UNKNOWN, Target, is_pattern, tags_match

_PAGE = 1000  # DescribeInstanceProperties: at most 1000 a page
_INFORMATION_PAGE = 50  # DescribeInstanceInformation: at most 50 a page, and 50 ids a call
_TAGGED = 50  # hybrid nodes whose tags are fetched for a listing, one call each


@dataclass(frozen=True, slots=True)
class Known:
    """SSM's word on nodes, by id. `hidden`: we may not ask, so a node that is missing may still be there."""

    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    hidden: bool = False

    def __or__(self, other: Known) -> Known:
        return Known({**self.nodes, **other.nodes}, self.hidden or other.hidden)

    def beside(self, target: Target) -> Target:
        """The target with SSM's word on it."""
        information = self.nodes.get(target.id)
        if information is None:
            return replace(target, ping=UNKNOWN) if self.hidden and target.state == "running" else target
        return replace(
            target,
            ping=information.get("PingStatus", ""),
            last_ping=information.get("LastPingDateTime"),
            agent_version=information.get("AgentVersion", ""),
            platform=information.get("PlatformName") or target.platform,
        )


class Managed:
    """SSM's side of the inventory. `warn` hears once where we may not ask."""

    def __init__(self, clients: Clients, *, warn: Callable[[str], None]) -> None:
        self._clients = clients
        self._warn = warn
        self._warned = False
        self._lock = threading.Lock()

    def by_id(self, ids: Sequence[str], pool: Executor) -> Known:
        """These nodes; one that SSM does not know is missing from the answer."""
        known = Known()
        for answer in pool.map(self._chunk, chunks(ids, _INFORMATION_PAGE)):
            known |= answer
        return known

    def tagged(self, wanted: Sequence[tuple[str, str]]) -> Known:
        """Nodes that may carry these tags. SSM filters by one exact tag; without one, all hybrid nodes."""
        exact = [(key, value) for key, value in wanted if value and not is_pattern(value)]
        if exact:
            key, value = exact[0]
            return self._information({f"tag:{key}": [value]})
        keys = [key for key, _ in wanted if key != "Name"]  # the name of an activation is no tag
        return self._information({"tag-key": keys[:1]}) if keys else self.hybrid()

    def hybrid(self) -> Known:
        """All hybrid nodes."""
        return self._information({"ResourceType": ["ManagedInstance"]})

    def every(self) -> Known:
        """All nodes: 1000 a page by DescribeInstanceProperties, or where that is not allowed 50 a page."""
        pages = self._clients.get("ssm").get_paginator("describe_instance_properties")
        try:
            with translated("ssm:DescribeInstanceProperties"):
                answers = pages.paginate(PaginationConfig={"PageSize": _PAGE})
                return Known({each["InstanceId"]: each for page in answers for each in page["InstanceProperties"]})
        except AccessDenied:
            return self._information({})

    def targets(self, known: Known, wanted: Sequence[tuple[str, str]], pool: Executor) -> list[Target]:
        """The hybrid nodes of `known` that carry the `wanted` tags."""
        nodes = [each for key, each in known.nodes.items() if key.startswith("mi-")]
        if not nodes:
            return []
        account = self._clients.caller.account
        if len(nodes) > _TAGGED and all(key == "Name" for key, _ in wanted):
            tags: list[dict[str, str]] = [{} for _ in nodes]
        else:
            tags = list(pool.map(self._tags_of, [each["InstanceId"] for each in nodes]))
        found = []
        for information, own in zip(nodes, tags, strict=True):
            # A hybrid node is mostly named when it is activated, which sets no tag.
            name = own.get("Name") or information.get("Name", "")
            if tags_match(wanted, {**own, "Name": name}):
                target = Target(
                    id=information["InstanceId"],
                    region=self._clients.region.value,
                    account=account,
                    name=name,
                    private_ip=information.get("IPAddress", ""),
                    private_dns=information.get("ComputerName", ""),
                    launched=information.get("RegistrationDate"),
                    tags=own,
                )
                found.append(known.beside(target))
        return found

    def _tags_of(self, node: str) -> dict[str, str]:
        try:
            with translated("ssm:ListTagsForResource", node):
                answer = self._clients.get("ssm").list_tags_for_resource(
                    ResourceType="ManagedInstance", ResourceId=node
                )
        except AccessDenied:
            return {}
        return {tag["Key"]: tag["Value"] for tag in answer.get("TagList", ())}

    def _chunk(self, ids: list[str]) -> Known:
        """At most 50 ids. One that SSM does not know fails the whole call: halve until it stands alone."""
        try:
            return self._information({"InstanceIds": ids})
        except _UnknownId:
            half = len(ids) // 2
            return self._chunk(ids[:half]) | self._chunk(ids[half:]) if half else Known()

    def _information(self, wanted: dict[str, list[str]]) -> Known:
        filters = [{"Key": key, "Values": values} for key, values in wanted.items()]
        pages = self._clients.get("ssm").get_paginator("describe_instance_information")
        try:
            with translated("ssm:DescribeInstanceInformation"):
                try:
                    answers = pages.paginate(Filters=filters, PaginationConfig={"PageSize": _INFORMATION_PAGE})
                    return Known(
                        {each["InstanceId"]: each for page in answers for each in page["InstanceInformationList"]}
                    )
                except refusals() as error:
                    if code_of(error) == "InvalidInstanceId":
                        raise _UnknownId from error
                    raise
        except AccessDenied as error:
            with self._lock:
                if not self._warned:
                    self._warned = True
                    self._warn(f"cannot tell who is online: {error.message}")
            return Known(hidden=True)


class _UnknownId(Exception):
    """SSM does not know one of the ids asked for."""
