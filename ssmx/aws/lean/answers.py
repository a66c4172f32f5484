"""What EC2 and Systems Manager answer, as botocore's parsers give it; of nodes, what ssmx reads."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from ssmx.aws.lean.http import Answer

# An element of EC2's XML: its children by name, or its text.
Element = dict[str, list[Any]] | str

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
_TIMES = ("LastPingDateTime", "RegistrationDate")


class RefusedError(Exception):
    """AWS answered with an error; `response` is that of botocore's ClientError."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.status = status
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


def nodes(body: dict[str, Any]) -> dict[str, Any]:
    """DescribeInstanceInformation's answer. Raises UnreadableError."""
    try:
        rows = [_node(each) for each in body["InstanceInformationList"]]
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError, OSError) as error:
        raise UnreadableError("no list of nodes") from error
    return {**body, "InstanceInformationList": rows}


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
    if answer.status >= 300:
        raise _refused(answer, _xml_error)
    root = _tree(answer.body)
    if isinstance(root, str):
        raise UnreadableError("nothing in it")
    try:
        return _structure(root, _INSTANCES)
    except (TypeError, ValueError, AttributeError) as error:
        raise UnreadableError("no instances") from error


def _structure(element: Element, about: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(element, str):
        element = {}
    return {
        name: _value(children, kind)
        for tag, (name, kind) in about.items()
        if (children := element.get(tag)) is not None
    }


def _value(children: list[Element], kind: Any) -> Any:
    if isinstance(kind, list):
        (row,) = kind
        rows = [] if isinstance(children[0], str) else children[0].get("item", [])
        return [_structure(each, row) for each in rows]
    if isinstance(kind, dict):
        return _structure(children[0], kind)
    if not isinstance(children[0], str):
        raise UnreadableError("elements in the place of a text")
    return kind(children[0])


def _tree(body: bytes) -> Element:
    """The root element."""
    expat = import_module("pyexpat")  # sooner imported than ElementTree, which is made of it
    top: dict[str, list[Any]] = {}
    above: list[tuple[dict[str, list[Any]], list[str]]] = [(top, [])]

    def start(_tag: str, _attributes: object) -> None:
        above.append(({}, []))

    def end(tag: str) -> None:
        children, texts = above.pop()
        made: Element = children or "".join(texts)
        above[-1][0].setdefault(tag.rpartition(":")[2], []).append(made)

    def text(data: str) -> None:
        above[-1][1].append(data)

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise UnreadableError("no XML") from error
    ((root,),) = top.values()
    return root  # type: ignore[no-any-return]


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
    root: Any = _tree(answer.body)
    try:
        error = root["Errors"][0]["Error"][0]
        return error["Code"][0], error["Message"][0] if "Message" in error else ""
    except (KeyError, TypeError, IndexError) as error:
        raise UnreadableError("no error of EC2's") from error
