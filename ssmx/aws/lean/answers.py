"""What EC2 and Systems Manager answer, as botocore's parsers give it; of nodes, what ssmx reads."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from ssmx.aws.lean.http import Answer

# The name that botocore gives an element, and what is in it: a kind of value, a structure, or a list of one.
_GROUPS = ("SecurityGroups", [{"groupId": ("GroupId", str)}])
_INTERFACE = {
    "vpcId": ("VpcId", str),
    "subnetId": ("SubnetId", str),
    "privateIpAddress": ("PrivateIpAddress", str),
    "ipv6AddressesSet": ("Ipv6Addresses", [{"ipv6Address": ("Ipv6Address", str)}]),
    "groupSet": ("Groups", [{"groupId": ("GroupId", str)}]),
    "attachment": (
        "Attachment",
        {"deviceIndex": ("DeviceIndex", int), "networkCardIndex": ("NetworkCardIndex", int)},
    ),
}
_INSTANCE = {
    "instanceId": ("InstanceId", str),
    "instanceState": ("State", {"name": ("Name", str)}),
    "reason": ("StateTransitionReason", str),
    "platformDetails": ("PlatformDetails", str),
    "privateIpAddress": ("PrivateIpAddress", str),
    "privateDnsName": ("PrivateDnsName", str),
    "dnsName": ("PublicDnsName", str),
    "networkInterfaceSet": ("NetworkInterfaces", [_INTERFACE]),
    "vpcId": ("VpcId", str),
    "subnetId": ("SubnetId", str),
    "groupSet": _GROUPS,
    "instanceLifecycle": ("InstanceLifecycle", str),
    "placement": ("Placement", {"availabilityZone": ("AvailabilityZone", str)}),
    "instanceType": ("InstanceType", str),
    "launchTime": ("LaunchTime", lambda text: _instant(text)),
    "tagSet": ("Tags", [{"key": ("Key", str), "value": ("Value", str)}]),
}
_RESERVATION = {"ownerId": ("OwnerId", str), "instancesSet": ("Instances", [_INSTANCE])}
_INSTANCES: dict[str, Any] = {
    "reservationSet": ("Reservations", [_RESERVATION]),
    "nextToken": ("NextToken", str),
}
_REGIONS = {"regionInfo": ("Regions", [{"regionName": ("RegionName", str)}])}
_ERRORS = {"Errors": ("Errors", {"Error": ("Error", {"Code": ("Code", str), "Message": ("Message", str)})})}
_TOO_MANY = 429  # the status of what is throttled, whatever else is said
_TIMES = ("LastPingDateTime", "RegistrationDate", "LaunchTime")


THROTTLED = {  # codes that mean: not so fast (botocore, retries/standard.py)
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
}


class RefusedError(Exception):
    """AWS answered with an error; `response` is that of botocore's ClientError."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.status = status
        self.throttled = code in THROTTLED or status == _TOO_MANY
        self.response: dict[str, Any] = {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status},
        }


class UnreadableError(Exception):
    """An answer that is not AWS's."""


def of_json(answer: Answer) -> dict[str, Any]:
    """What Systems Manager answers. Raises RefusedError, UnreadableError."""
    if answer.status >= 300:
        raise _refused(answer, _json_error)
    try:
        found = json.loads(answer.body or b"{}")
    except (ValueError, RecursionError) as error:
        raise UnreadableError("no JSON") from error
    if not isinstance(found, dict):
        raise UnreadableError("no JSON object")
    return {key: value for key, value in found.items() if value is not None}


def nodes(body: dict[str, Any], name: str) -> dict[str, Any]:
    """An answer with a list of nodes under this name, as Systems Manager knows them. Raises UnreadableError."""
    try:
        rows = [_node(each) for each in body[name]]
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError, OSError) as error:
        raise UnreadableError("no list of nodes") from error
    return {**body, name: rows}


def _node(row: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: value for key, value in row.items() if value is not None}
    for name in _TIMES:
        if name in found:
            if type(found[name]) not in (int, float):
                raise UnreadableError(f"{name} is no number")
            found[name] = datetime.fromtimestamp(found[name], UTC)
    return found


def instances(answer: Answer) -> dict[str, Any]:
    """DescribeInstances' answer. Raises RefusedError, UnreadableError."""
    return _of_xml(answer, _INSTANCES)


def regions(answer: Answer) -> dict[str, Any]:
    """DescribeRegions' answer. Raises RefusedError, UnreadableError."""
    return _of_xml(answer, _REGIONS)


def _of_xml(answer: Answer, about: Mapping[str, Any]) -> dict[str, Any]:
    if answer.status >= 300:
        raise _refused(answer, _xml_error)
    return _elements(answer.body, about)


def _elements(body: bytes, about: Mapping[str, Any]) -> dict[str, Any]:
    """What `about` tells of the elements in the root; all others are passed over. Raises UnreadableError."""
    expat = import_module("pyexpat")  # sooner imported than ElementTree, which is made of it
    found: dict[str, Any] = {}
    # What is open, from the root on: its name, its kind, what may be in it, and what was.
    above: list[tuple[str, Any, Mapping[str, Any], Any]] = []

    def root(_tag: str, _attributes: object) -> None:
        above.append(("", about, about, found))
        parser.StartElementHandler = start

    def start(tag: str, _attributes: object) -> None:
        inside = above[-1][2]
        entry = inside.get(tag) or inside.get(tag.rpartition(":")[2])
        if entry is None:
            pass_over()
            return
        name, kind = entry
        if isinstance(kind, dict):
            above.append((name, kind, kind, {}))
        elif isinstance(kind, list):
            above.append((name, kind, {"item": ("", kind[0])}, []))
        else:
            above.append((name, kind, {}, []))
            parser.CharacterDataHandler = text

    def end(_tag: str) -> None:
        name, kind, _, made = above.pop()
        if not isinstance(kind, dict | list):
            parser.CharacterDataHandler = None
            made = kind("".join(made))
        outer = above[-1][3] if above else {}
        if isinstance(outer, list):
            outer.append(made)
        else:
            outer.setdefault(name, made)

    def text(data: str) -> None:
        above[-1][3].append(data)

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = root, end
    pass_over = _passing(parser)
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError) as error:  # the latter of what should be a number or a time
        raise UnreadableError("not what was asked for") from error
    return found


def _passing(parser: Any) -> Callable[[], None]:
    """What lets nothing be read until the element ends that has just begun."""
    depth = 0
    reading: tuple[Any, Any] = (None, None)

    def begin() -> None:
        nonlocal depth, reading
        depth = 1
        reading = parser.StartElementHandler, parser.EndElementHandler
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = deeper, higher, None

    def deeper(_tag: str, _attributes: object) -> None:
        nonlocal depth
        depth += 1

    def higher(_tag: str) -> None:
        nonlocal depth
        depth -= 1
        if not depth:
            parser.StartElementHandler, parser.EndElementHandler = reading

    return begin


def _instant(text: str) -> datetime:
    """When that was, of a time that says its zone."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise UnreadableError("a time without a zone")
    return found


def _refused(answer: Answer, read: Callable[[Answer], tuple[str, str]]) -> RefusedError:
    body = answer.body.strip()
    if answer.status >= 500 and (not body or body.startswith(b"<html>")):
        code, said = str(answer.status), http.client.responses.get(answer.status, "")
    else:
        code, said = read(answer)
    return RefusedError(code, said, answer.status)


def _json_error(answer: Answer) -> tuple[str, str]:
    text = answer.body.decode(errors="replace")
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        found = {"message": text}
    if not isinstance(found, dict):
        raise UnreadableError("no JSON object")
    code = str(found.get("__type", answer.status)).partition(":")[0].rpartition("#")[2]
    if queried := answer.headers.get("x-amzn-query-error"):
        code = queried.partition(";")[0]
    return code, str(found.get("message", found.get("Message", "")) or "")


def _xml_error(answer: Answer) -> tuple[str, str]:
    error = _elements(answer.body, _ERRORS).get("Errors", {}).get("Error", {})
    if "Code" not in error:
        raise UnreadableError("no error of EC2's")
    return error["Code"], error.get("Message", "")
