"""Find nodes: EC2's filtered answer, and SSM's state of exactly those nodes, side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any

from ssmx.aws.clients import Clients
from ssmx.aws.errors import translated
from ssmx.aws.managed import Known, Managed
from ssmx.aws.threads import threads
from ssmx.errors import AccessDenied
from ssmx.model.index import Nodes
from ssmx.model.target import (
    LIVING,
    UNKNOWN,
    Interface,
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
from ssmx.model.wording import alike

_PAGE = 1000  # DescribeInstances, DescribeTags: at most 1000 a page
_LISTING = 200  # in a listing of more nodes than this, SSM's whole list is cheaper than asking by id
_SUGGESTIONS = 3


class Inventory:
    """The nodes of one account and region. `warn` takes a sentence for the user, `learned` what AWS has said.

    `count` is how many instances were received so far, for a spinner to read.
    """

    def __init__(
        self, clients: Clients, *, warn: Callable[[str], None], learned: Callable[[Nodes], None] = lambda _: None
    ) -> None:
        self._clients = clients
        self._learned = learned
        self._managed = Managed(clients, warn=warn)
        self._warn = warn
        self.count = 0

    def find(self, spec: Spec) -> list[Target]:
        """Every node that `spec` may mean, in any state. Raises AccessDenied, SignInExpired, TryLater…"""
        with threads() as pool:
            if isinstance(spec, NodeId):
                return self._heard(lambda: self._by_id(spec, pool), ids=(spec.text,))
            names = (spec.text,) if isinstance(spec, Name) else ()
            return self._heard(lambda: self._by_query(spec, pool), names=names)

    def listing(self, specs: Sequence[Spec]) -> list[Target]:
        """The nodes that carry all `Key=Value` of `specs` and fit any of the rest; all nodes where it is empty."""
        names = [spec.text for spec in specs if isinstance(spec, Name)]
        with threads() as pool:
            if not specs:
                return self._heard(lambda: self._every(pool), every=True)
            complete = names if len(names) == len(specs) else ()
            return self._heard(lambda: self._listed(specs, pool), names=complete)

    def in_vpcs(self, vpcs: Sequence[str], *, tags: Sequence[tuple[str, str]] = ()) -> list[Target]:
        """The running nodes of these VPCs that carry the tags. Raises as `find`."""
        query: dict[str, tuple[str, ...]] = {"instance-state-name": ("running",), "vpc-id": tuple(vpcs)}
        query |= {f"tag:{key}": (value,) for key, value in tags}
        with threads() as pool:
            return self._heard(lambda: self._beside(self._instances([query], pool), pool))

    def near(self, name: str) -> list[str]:
        """Names like `name`, nearest first: asked by prefix, at most twice."""
        for length in (max(3, len(name) // 2), 1):
            start = name[:length]
            starts = sorted({start, start.lower(), start.upper(), start.capitalize()})
            filters = [
                {"Name": "key", "Values": ["Name"]},
                {"Name": "resource-type", "Values": ["instance"]},
                {"Name": "value", "Values": [f"{each}*" for each in starts]},
            ]
            client = self._clients.get("ec2")
            with translated("ec2:DescribeTags"):
                answer = client.describe_tags(Filters=filters, MaxResults=_PAGE)
                spelled = {tag["Value"].casefold(): tag["Value"] for tag in answer["Tags"]}
            close = alike(name.casefold(), spelled, most=_SUGGESTIONS)
            close += sorted(each for each in spelled if each.startswith(name.casefold()) and each not in close)
            if close:
                return [spelled[each] for each in close[:_SUGGESTIONS]]
        return []

    def _heard(
        self,
        ask: Callable[[], list[Target]],
        *,
        every: bool = False,
        names: Sequence[str] = (),
        ids: Sequence[str] = (),
    ) -> list[Target]:
        """What AWS answers, for the index as well; one that is not really known has no account."""
        at = time.time()
        found = ask()
        self._learned(Nodes(at, [each for each in found if each.account], every=every, names=names, ids=ids))
        return found

    def _every(self, pool: Executor) -> list[Target]:
        everything = pool.submit(self._managed.every)
        instances = self._instances(_listing_queries(()), pool)
        known = everything.result()
        return [known.beside(target) for target in instances] + self._managed.targets(known, (), pool)

    def _listed(self, specs: Sequence[Spec], pool: Executor) -> list[Target]:
        instances = self._instances(_listing_queries(specs), pool)
        return [*self._beside(instances, pool), *self._hybrid_listing(specs, pool)]

    def _beside(self, instances: Sequence[Target], pool: Executor) -> list[Target]:
        running = _running(instances)
        known = self._managed.by_id(running, pool) if len(running) <= _LISTING else self._managed.every()
        return [known.beside(target) for target in instances]

    def _by_query(self, spec: Spec, pool: Executor) -> list[Target]:
        wanted = hybrid_tags(spec)
        tagged = pool.submit(self._managed.tagged, wanted) if wanted else None
        instances = self._instances(queries_for(spec), pool)
        known = tagged.result() if tagged else Known()
        known |= self._managed.by_id([each for each in _running(instances) if each not in known.nodes], pool)
        nodes = [known.beside(target) for target in instances]
        nodes += self._managed.targets(known, wanted, pool) if wanted else []
        exact = isinstance(spec, Name) and not is_pattern(spec.text)  # a pattern has asked for all already
        if exact and not known.hidden and not any(node.online for node in nodes):
            # No filter of SSM's sees the name a hybrid node was activated with.
            nodes += self._managed.targets(self._managed.hybrid(), wanted, pool)
        return list({node.id: node for node in nodes}.values())

    def _by_id(self, spec: NodeId, pool: Executor) -> list[Target]:
        asked = pool.submit(self._managed.by_id, [spec.text], pool)
        if spec.hybrid:
            known = asked.result()
            if known.hidden:
                return [Target(spec.text, self._clients.region.value, ping=UNKNOWN)]
            return self._managed.targets(known, (), pool)
        try:
            instances = self._instances(queries_for(spec), pool)
        except AccessDenied as error:
            # An id leaves nothing to guess: whoever may start sessions but not look still gets one.
            self._warn(f"cannot look {spec.text} up: {error.message}")
            instances = [Target(spec.text, self._clients.region.value, state="running", ping=UNKNOWN)]
        return [asked.result().beside(target) for target in instances]

    def _hybrid_listing(self, specs: Sequence[Spec], pool: Executor) -> list[Target]:
        """The hybrid nodes of a listing: by their ids, or by names and tags."""
        ids = [spec.text for spec in specs if isinstance(spec, NodeId) and spec.hybrid]
        tags = tuple(pair for spec in specs if not isinstance(spec, Name) for pair in hybrid_tags(spec))
        names = [spec for spec in specs if isinstance(spec, Name)]
        found = self._managed.targets(self._managed.by_id(ids, pool), tags, pool) if ids else []
        if not names and not (tags and all(_narrows(spec) for spec in specs)):
            return found
        found += [
            target
            for target in self._managed.targets(self._managed.tagged(tags), tags, pool)
            if not names or any(tags_match(hybrid_tags(name), {"Name": target.name}) for name in names)
        ]
        return list({target.id: target for target in found}.values())

    def _instances(self, queries: Sequence[Query], pool: Executor) -> list[Target]:
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
        interfaces = instance.get("NetworkInterfaces", ())
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
            ipv6=tuple(each for interface in interfaces if _is_first(interface) for each in _ipv6(interface)),
            vpc=instance.get("VpcId", ""),
            subnet=instance.get("SubnetId", ""),
            groups=next(
                (found for found in map(_groups, filter(_is_first, interfaces)) if found), _groups(instance)
            ),
            interfaces=tuple(_interface(each) for each in interfaces if not _is_first(each)),
            spot=instance.get("InstanceLifecycle") == "spot",
            zone=instance.get("Placement", {}).get("AvailabilityZone", ""),
            type=instance.get("InstanceType", ""),
            launched=instance.get("LaunchTime"),
            tags=tags,
        )


def _is_first(interface: Mapping[str, Any]) -> bool:
    """Whether it is the one of which DescribeInstances tells address, subnet and groups as the instance's own."""
    attachment = interface.get("Attachment", {})
    return not (attachment.get("DeviceIndex") or attachment.get("NetworkCardIndex"))


def _interface(row: Mapping[str, Any]) -> Interface:
    return Interface(
        vpc=row.get("VpcId", ""),
        subnet=row.get("SubnetId", ""),
        private_ip=row.get("PrivateIpAddress", ""),
        ipv6=_ipv6(row),
        groups=_groups(row),
    )


def _groups(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The security groups of an interface, or of an instance, whose may be of more interfaces than its first."""
    return tuple(group["GroupId"] for group in row.get("Groups") or row.get("SecurityGroups", ()))


def _ipv6(interface: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(each["Ipv6Address"] for each in interface.get("Ipv6Addresses", ()))


def _running(instances: Sequence[Target]) -> list[str]:
    return [target.id for target in instances if target.state == "running"]


def _listing_queries(specs: Sequence[Spec]) -> list[Query]:
    """The queries of a listing: tags narrow each of them, names and ids are alternatives."""
    living: Query = {"instance-state-name": LIVING}
    narrowing = {key: values for spec in specs if _narrows(spec) for key, values in queries_for(spec)[0].items()}
    names = tuple(spec.text for spec in specs if isinstance(spec, Name))
    alternatives = [
        query for spec in specs if not _narrows(spec) and not isinstance(spec, Name) for query in queries_for(spec)
    ]
    if names:
        alternatives.append({"tag:Name": names, **living})
    if all(_narrows(spec) for spec in specs):
        alternatives.append(living)
    return [{**query, **narrowing} for query in alternatives]


def _narrows(spec: Spec) -> bool:
    return not isinstance(spec, Name) and bool(hybrid_tags(spec))
