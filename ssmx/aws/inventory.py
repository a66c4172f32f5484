"""Find nodes: EC2's filtered answer, and SSM's state of exactly those nodes, side by side."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from ssmx.aws.clients import Clients
from ssmx.aws.errors import code_of, translated
from ssmx.errors import AccessDenied
from ssmx.model.target import (
    UNKNOWN,
    Name,
    NodeId,
    Query,
    Spec,
    Target,
    hybrid_tags,
    is_pattern,
    queries_for,
    tags_match,
)

_PAGE = 1000  # DescribeInstances and DescribeInstanceProperties: at most 1000 a page
_INFORMATION_PAGE = 50  # DescribeInstanceInformation: at most 50 a page, 50 ids a call
_LISTING = 200  # with more nodes than this, SSM's whole list is cheaper than asking by id

Information = dict[str, Any]


class Inventory:
    """The nodes of one account and region. `warn` takes a sentence for the user.

    `count` is how many instances were received so far, for a spinner to read.
    """

    def __init__(self, clients: Clients, *, warn: Callable[[str], None]) -> None:
        self._clients = clients
        self._warn = warn
        self.count = 0

    def find(self, spec: Spec) -> list[Target]:
        """Every node that `spec` may mean, in any state. Raises AccessDenied, SignInExpired, TryLater…"""
        if isinstance(spec, NodeId):
            return self._by_id(spec)
        wanted = hybrid_tags(spec)
        with ThreadPoolExecutor(4) as pool:
            hybrid = pool.submit(self._hybrid, wanted) if wanted else None
            instances = self._instances(pool, queries_for(spec))
            extra = hybrid.result() if hybrid else {}
            found = self._joined(pool, instances, known=extra)
            nodes = [*found, *self._hybrid_targets(extra.values(), wanted)]
            if not nodes and isinstance(spec, Name):
                # Hybrid nodes are mostly named when they are activated, which no filter of SSM's sees.
                nodes = self._activated_as(spec.text)
        return nodes

    def listing(self, specs: Sequence[Spec]) -> list[Target]:
        """The nodes that carry all `Key=Value` of `specs` and fit any of the rest; all nodes where it is empty."""
        queries = _listing_queries(specs)
        names = [spec.text for spec in specs if isinstance(spec, Name)]
        pairs = tuple(pair for spec in specs if not isinstance(spec, Name) for pair in hybrid_tags(spec))
        others = any(not isinstance(spec, Name) and not hybrid_tags(spec) for spec in specs)
        with ThreadPoolExecutor(4) as pool:
            everything = None if specs else pool.submit(self._all_information)
            instances = self._instances(pool, queries)
            known = everything.result() if everything else {}
            if not everything and not (others and not names):
                known = self._hybrid(pairs) if pairs else self._information({"ResourceType": ["ManagedInstance"]})
            nodes = self._joined(pool, instances, known=known, complete=not specs)
            hybrid = [
                target
                for target in self._hybrid_targets(known.values(), pairs)
                if not names or any(tags_match([("Name", name)], {"Name": target.name}) for name in names)
            ]
        managed = [NodeId(spec.text) for spec in specs if isinstance(spec, NodeId) and spec.hybrid]
        hybrid += [target for spec in managed for target in self._by_id(spec)]
        return [*nodes, *hybrid]

    def near(self, name: str) -> list[str]:
        """Names like `name`, nearest first: asked by prefix, at most twice."""
        for length in (max(3, len(name) // 2), 1):
            starts = {name[:length], name[:length].lower(), name[:length].upper(), name[:length].capitalize()}
            filters = [
                {"Name": "key", "Values": ["Name"]},
                {"Name": "resource-type", "Values": ["instance"]},
                {"Name": "value", "Values": [f"{start}*" for start in sorted(starts) if not is_pattern(start)]},
            ]
            with translated("ec2:DescribeTags"):
                answer = self._clients.get("ec2").describe_tags(Filters=filters, MaxResults=1000)
            spelled = {tag["Value"].casefold(): tag["Value"] for tag in answer["Tags"]}
            close = difflib.get_close_matches(name.casefold(), spelled, n=3, cutoff=0.6)
            close += sorted(each for each in spelled if each.startswith(name.casefold()) and each not in close)
            if close:
                return [spelled[each] for each in close[:3]]
        return []

    def _by_id(self, spec: NodeId) -> list[Target]:
        if spec.hybrid:
            information = self._information({"InstanceIds": [spec.text]})
            return self._hybrid_targets(information.values(), ())
        with ThreadPoolExecutor(2) as pool:
            asked = pool.submit(self._information, {"InstanceIds": [spec.text]})
            try:
                instances = self._instances(pool, queries_for(spec))
            except AccessDenied as error:
                # An id leaves nothing to guess: whoever may start sessions but not look still gets one.
                self._warn(f"cannot look {spec.text} up: {error.message}")
                instances = [Target(spec.text, self._clients.region.value, state="running", ping=UNKNOWN)]
            return [self._with_information(target, asked.result()) for target in instances]

    def _instances(self, pool: ThreadPoolExecutor, queries: Sequence[Query]) -> list[Target]:
        answers = pool.map(lambda query: list(self._described(query)), queries)
        return list({target.id: target for targets in answers for target in targets}.values())

    def _described(self, query: Query) -> Iterator[Target]:
        filters = [{"Name": name, "Values": list(values)} for name, values in query.items()]
        pages = self._clients.get("ec2").get_paginator("describe_instances")
        with translated("ec2:DescribeInstances"):
            for page in pages.paginate(Filters=filters, PaginationConfig={"PageSize": _PAGE}):
                for reservation in page["Reservations"]:
                    self.count += len(reservation["Instances"])
                    for instance in reservation["Instances"]:
                        yield self._target(instance, reservation.get("OwnerId", ""))

    def _target(self, instance: dict[str, Any], account: str) -> Target:
        tags = {tag["Key"]: tag["Value"] for tag in instance.get("Tags", ())}
        return Target(
            id=instance["InstanceId"],
            region=self._clients.region.value,
            account=account,
            name=tags.get("Name", ""),
            state=instance["State"]["Name"],
            stopped=instance.get("StateTransitionReason", ""),
            platform=instance.get("PlatformDetails", ""),
            private_ip=instance.get("PrivateIpAddress", ""),
            private_dns=instance.get("PrivateDnsName", ""),
            public_dns=instance.get("PublicDnsName", ""),
            vpc=instance.get("VpcId", ""),
            zone=instance.get("Placement", {}).get("AvailabilityZone", ""),
            type=instance.get("InstanceType", ""),
            launched=instance.get("LaunchTime"),
            tags=tags,
        )

    def _joined(
        self,
        pool: ThreadPoolExecutor,
        instances: Sequence[Target],
        *,
        known: dict[str, Information],
        complete: bool = False,
    ) -> list[Target]:
        """The instances with SSM's word on each; `complete` says that `known` is all SSM has."""
        asking = [target.id for target in instances if target.state == "running" and target.id not in known]
        if asking and not complete:
            if len(asking) > _LISTING:
                known = {**known, **self._all_information()}
            else:
                chunks = [asking[at : at + _INFORMATION_PAGE] for at in range(0, len(asking), _INFORMATION_PAGE)]
                for answer in pool.map(lambda ids: self._information({"InstanceIds": ids}), chunks):
                    known = {**known, **answer}
        return [self._with_information(target, known) for target in instances]

    def _with_information(self, target: Target, known: dict[str, Information]) -> Target:
        if _DENIED in known:
            return replace(target, ping=UNKNOWN) if target.state == "running" else target
        information = known.get(target.id)
        if information is None:
            return target
        return replace(
            target,
            ping=information.get("PingStatus", ""),
            last_ping=information.get("LastPingDateTime"),
            agent_version=information.get("AgentVersion", ""),
            platform=information.get("PlatformName") or target.platform,
        )

    def _hybrid_targets(self, answers: Iterable[Information], wanted: Sequence[tuple[str, str]]) -> list[Target]:
        """Targets of those answers that are hybrid nodes and carry the `wanted` tags."""
        nodes = [each for each in answers if each.get("InstanceId", "").startswith("mi-")]
        found = []
        for information in nodes:
            tags = self._tags_of(information["InstanceId"])
            name = tags.get("Name") or information.get("Name", "")
            if tags_match(wanted, {"Name": name, **tags}):
                target = Target(
                    id=information["InstanceId"],
                    region=self._clients.region.value,
                    account=self._clients.caller.account,
                    name=name,
                    private_ip=information.get("IPAddress", ""),
                    private_dns=information.get("ComputerName", ""),
                    launched=information.get("RegistrationDate"),
                    tags=tags,
                )
                found.append(self._with_information(target, {target.id: information}))
        return found

    def _tags_of(self, node: str) -> dict[str, str]:
        with translated("ssm:ListTagsForResource", node):
            answer = self._clients.get("ssm").list_tags_for_resource(
                ResourceType="ManagedInstance", ResourceId=node
            )
        return {tag["Key"]: tag["Value"] for tag in answer.get("TagList", ())}

    def _hybrid(self, wanted: Sequence[tuple[str, str]]) -> dict[str, Information]:
        """What SSM knows of nodes with these tags; by one exact tag, because SSM takes one and no pattern."""
        exact = [(key, value) for key, value in wanted if not is_pattern(value)]
        if exact:
            key, value = exact[0]
            return self._information({f"tag:{key}": [value]})
        return self._information({"ResourceType": ["ManagedInstance"]})

    def _activated_as(self, name: str) -> list[Target]:
        answers = self._information({"ResourceType": ["ManagedInstance"]}).values()
        named = [each for each in answers if tags_match([("Name", name)], {"Name": each.get("Name", "")})]
        return self._hybrid_targets(named, ())

    def _information(self, wanted: dict[str, list[str]]) -> dict[str, Information]:
        """DescribeInstanceInformation with these filters, by node id."""
        filters = [{"Key": key, "Values": values} for key, values in wanted.items()]
        pages = self._clients.get("ssm").get_paginator("describe_instance_information")
        try:
            with translated("ssm:DescribeInstanceInformation"):
                answers = pages.paginate(Filters=filters, PaginationConfig={"PageSize": _INFORMATION_PAGE})
                return {each["InstanceId"]: each for page in answers for each in page["InstanceInformationList"]}
        except AccessDenied as error:
            self._warn(f"cannot tell who is online: {error.message}")
            return {_DENIED: {}}
        except Exception as error:
            ids = wanted.get("InstanceIds", [])
            if not _is_unknown_id(error):
                raise
            # One id that SSM does not know fails the whole call: halve until it stands alone.
            half = len(ids) // 2
            if not half:
                return {}
            return {
                **self._information({"InstanceIds": ids[:half]}),
                **self._information({"InstanceIds": ids[half:]}),
            }

    def _all_information(self) -> dict[str, Information]:
        """All nodes of SSM: by DescribeInstanceProperties, 1000 a page, else by 50."""
        pages = self._clients.get("ssm").get_paginator("describe_instance_properties")
        try:
            with translated("ssm:DescribeInstanceProperties"):
                answers = pages.paginate(PaginationConfig={"PageSize": _PAGE})
                return {each["InstanceId"]: each for page in answers for each in page["InstanceProperties"]}
        except AccessDenied:
            return self._information({})


_DENIED = "denied"  # in place of a node id: SSM's state of all nodes is hidden from us


def _is_unknown_id(error: Exception) -> bool:
    cause = error.__cause__
    return isinstance(cause, ClientError) and code_of(cause) == "InvalidInstanceId"


def _listing_queries(specs: Sequence[Spec]) -> list[Query]:
    """The queries of a listing: tags narrow each of them, names and ids are alternatives."""
    everywhere: dict[str, tuple[str, ...]] = {}
    alternatives: list[Query] = []
    names: list[str] = []
    for spec in specs:
        if isinstance(spec, Name):
            names.append(spec.text)
        elif hybrid_tags(spec):
            for query in queries_for(spec):
                everywhere.update(query)
        else:
            alternatives += queries_for(spec)
    if names:
        alternatives.append({**queries_for(Name("*"))[0], "tag:Name": tuple(names)})
    if not alternatives and not any(isinstance(spec, NodeId) for spec in specs):
        alternatives.append({"instance-state-name": queries_for(Name("*"))[0]["instance-state-name"]})
    return [{**query, **everywhere} for query in alternatives]
