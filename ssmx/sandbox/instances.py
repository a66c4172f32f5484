"""EC2's DescribeInstances, DescribeTags and StartInstances as AWS answers them, where moto does not.

moto 5.2 has wildcards on tags alone, counts pages by reservation, crashes on filters it does not know, and says
NotFound for an id that is malformed; what it starts again keeps its first launch time (each of these is held by
tests/sandbox/test_moto_seams.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix

from ssmx.sandbox import wildcards
from ssmx.sandbox.networks import Networks

_INSTANCE_ID = re.compile(r"i-([0-9a-f]{8}|[0-9a-f]{17})")

Values = Callable[[Any], Iterable[object]]

_FILTERS: Mapping[str, Values] = {
    "architecture": lambda i: [i.architecture],
    "availability-zone": lambda i: [i.placement.zone],
    "dns-name": lambda i: [i.public_dns_name],
    "group-id": lambda i: [group.id for group in i.security_groups],
    "group-name": lambda i: [group.name for group in i.security_groups],
    "iam-instance-profile.arn": lambda i: [getattr(i.iam_instance_profile, "arn", None)],
    "image-id": lambda i: [i.image_id],
    "instance-id": lambda i: [i.id],
    "instance-state-code": lambda i: [i.state_code],
    "instance-state-name": lambda i: [i.state],
    "instance-type": lambda i: [i.instance_type],
    "instance.group-id": lambda i: [group.id for group in i.security_groups],
    "instance.group-name": lambda i: [group.name for group in i.security_groups],
    "ip-address": lambda i: [i.public_ip],
    "key-name": lambda i: [i.key_name],
    "network-interface.addresses.private-ip-address": lambda i: [n.private_ip_address for n in i.nics.values()],
    "network-interface.private-dns-name": lambda i: [i.private_dns_name],
    "owner-id": lambda i: [i.owner_id],
    "platform": lambda i: [i.platform],
    "private-dns-name": lambda i: [i.private_dns_name],
    "private-ip-address": lambda i: [i.private_ip],
    "source-dest-check": lambda i: [str(i.source_dest_check).lower()],
    "subnet-id": lambda i: [i.subnet_id],
    "vpc-id": lambda i: [i.vpc_id],
}


class FleetService(Networks):
    """moto's EC2 with listings that filter and page as AWS does."""

    def describe_instances(self) -> ActionResult:
        self.error_on_dryrun()
        ids = self._get_param("InstanceIds", [])
        wanted = self._get_param("MaxResults")
        if ids and wanted is not None:
            raise EC2ClientError(
                "InvalidParameterCombination",
                "The parameter instancesSet cannot be used with the parameter maxResults",
            )
        every = [
            (reservation, instance)
            for reservation in list(self.ec2_backend.reservations.values())
            for instance in reservation.instances
        ]
        _check_ids(ids, {instance.id for _, instance in every})
        tags = self.ec2_backend.tags
        tests = [_instance_test(name, values, tags) for name, values in self._wanted()]
        found = [
            (reservation, instance)
            for reservation, instance in every
            if (not ids or instance.id in ids) and all(test(instance) for test in tests)
        ]
        page, token = self._page(found)
        return ActionResult({"Reservations": _grouped(page), "NextToken": token})

    def describe_tags(self) -> ActionResult:
        self.error_on_dryrun()
        tests = [_tag_test(name, values) for name, values in self._wanted()]
        found = [
            entry
            for resource, tags in list(self.ec2_backend.tags.items())
            for entry in _entries(resource, tags)
            if all(test(entry) for test in tests)
        ]
        page, token = self._page(found)
        return ActionResult({"Tags": page, "NextToken": token})

    def start_instances(self) -> ActionResult:
        self.error_on_dryrun()
        wanted = self._get_param("InstanceIds", [])
        stopped = [
            instance
            for reservation in list(self.ec2_backend.reservations.values())
            for instance in reservation.instances
            if instance.id in wanted and instance.state != "running"
        ]
        answer: ActionResult = super().start_instances()
        for instance in stopped:
            instance.launch_time = utcnow()
        return answer

    def _wanted(self) -> list[tuple[str, list[str]]]:
        filters: dict[str, Any] = dict(self._filters_from_querystring())
        return list(filters.items())


def own_tags(resource: Any) -> list[dict[str, str]]:
    """The tags of one resource. moto searches the tags of all resources for it, which is quadratic in a listing."""
    tags = resource.ec2_backend.tags.get(resource.id) or {}
    return list(_entries(resource.id, tags))


def _entries(resource: str, tags: Mapping[str, str]) -> Iterable[dict[str, str]]:
    kind = EC2_PREFIX_TO_RESOURCE.get(get_prefix(resource), "")
    for key, value in list(tags.items()):
        yield {"resource_id": resource, "key": key, "value": value, "resource_type": kind}


def _check_ids(ids: list[str], known: set[str]) -> None:
    for instance_id in ids:
        if not _INSTANCE_ID.fullmatch(instance_id):
            raise EC2ClientError("InvalidInstanceID.Malformed", f'Invalid id: "{instance_id}"')
    unknown = [instance_id for instance_id in ids if instance_id not in known]
    if len(unknown) == 1:
        raise EC2ClientError("InvalidInstanceID.NotFound", f"The instance ID '{unknown[0]}' does not exist")
    if unknown:
        raise EC2ClientError("InvalidInstanceID.NotFound", f"The instance IDs '{', '.join(unknown)}' do not exist")


def _grouped(page: list[tuple[Any, Any]]) -> list[Any]:
    """Reservations that hold only the instances of this page."""
    groups: dict[str, Any] = {}
    for reservation, instance in page:
        if reservation.id not in groups:
            groups[reservation.id] = copy(reservation)
            groups[reservation.id].instances = []
        groups[reservation.id].instances.append(instance)
    return list(groups.values())


def _instance_test(name: str, values: list[str], tags: Mapping[str, Mapping[str, str]]) -> Callable[[Any], bool]:
    pattern = wildcards.pattern(values)
    of = _tag_values(name, tags) or _FILTERS.get(name)
    if of is None:
        raise EC2ClientError("InvalidParameterValue", f"The filter '{name}' is invalid")
    return lambda instance: any(
        pattern.fullmatch(str(value)) is not None for value in of(instance) if value is not None
    )


def _tag_values(name: str, tags: Mapping[str, Mapping[str, str]]) -> Values | None:
    if name.startswith("tag:"):
        key = name.removeprefix("tag:")
        return lambda instance: [tags.get(instance.id, {}).get(key)]
    if name == "tag-key":
        return lambda instance: tags.get(instance.id, {}).keys()
    if name == "tag-value":
        return lambda instance: tags.get(instance.id, {}).values()
    return None


def _tag_test(name: str, values: list[str]) -> Callable[[Mapping[str, str]], bool]:
    pattern = wildcards.pattern(values)
    fields = {"key": "key", "value": "value", "resource-id": "resource_id", "resource-type": "resource_type"}
    if name.startswith("tag:"):
        key = name.removeprefix("tag:")
        return lambda entry: entry["key"] == key and pattern.fullmatch(entry["value"]) is not None
    if name not in fields:
        raise EC2ClientError("InvalidParameterValue", f"The filter '{name}' is invalid")
    return lambda entry: pattern.fullmatch(entry[fields[name]]) is not None
