"""What the user typed, the nodes it may mean, and which of them it does mean: never a guess."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv6Address, ip_address

from ssmx.errors import UsageError
from ssmx.light import dataclass
from ssmx.model.partitions import DOMAINS

# Compiled where they are used: most runs use few.
_INSTANCE = r"i-[0-9a-f]{8}(?:[0-9a-f]{9})?"
_MANAGED = r"mi-[0-9a-f]{17}"
_HOSTNAME = r"ip-(\d{1,3})-(\d{1,3})-(\d{1,3})-(\d{1,3})"
_DNS = rf"(?:ip-|i-|ec2-)[0-9a-z-]+(?:\.[0-9a-z-]+)*\.(?:internal|{'|'.join(map(re.escape, DOMAINS))})"
_PLAIN = r"(?!i-|mi-|ip-)[A-Za-z][A-Za-z0-9 _-]*"  # it can mean nothing but a Name
_REGION = r"[a-z]{2,}(-[a-z]+)+-\d+"

_PRIVATE_IP = "network-interface.addresses.private-ip-address"  # every address of the node, not its first alone

GROUP_TAG = "aws:autoscaling:groupName"  # by which Auto Scaling marks its instances
UNKNOWN = "Unknown"  # in place of a PingStatus where we may not ask: the session itself will tell

# The states in which an instance has a future; terminated ones keep their tags for an hour and would be namesakes.
LIVING = ("pending", "running", "stopping", "stopped")


@dataclass(frozen=True, slots=True)
class NodeId:
    """`i-…` of EC2 or `mi-…` of a hybrid node."""

    text: str

    @property
    def hybrid(self) -> bool:
        """Whether this is a node outside EC2."""
        return self.text.startswith("mi-")


@dataclass(frozen=True, slots=True)
class Name:
    """The value of a Name tag; a pattern if it holds `*` or `?`."""

    text: str


@dataclass(frozen=True, slots=True)
class Tags:
    """`Key=Value[,Key=Value]`: all of them."""

    text: str
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Address:
    """An IP address of the node."""

    text: str
    address: IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class DnsName:
    """A DNS name that EC2 gave the node, private or public."""

    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """`asg/NAME`: the instances of an Auto Scaling group."""

    text: str
    name: str


Spec = NodeId | Name | Tags | Address | DnsName | Group

# One DescribeInstances: filter name → values. Filters of one query are ANDed, values of one filter ORed.
Query = Mapping[str, tuple[str, ...]]


def parse(text: str) -> Spec:
    """What `text` names. Raises UsageError where it names nothing a session can start on."""
    if not text.strip():
        raise UsageError("an empty TARGET", hint="give a name, an id, Key=Value or an address")
    if not text.isprintable():
        raise UsageError(f"{text!r} holds characters that no name has", hint="check how it was quoted")
    if text.startswith(("i-", "mi-")) and (re.fullmatch(_INSTANCE, text) or re.fullmatch(_MANAGED, text)):
        return NodeId(text)
    if text.startswith("ecs/"):
        raise UsageError(f"{text}: ECS tasks are not supported yet", hint="name an EC2 or hybrid node")
    if text.startswith("asg/"):
        if not text[4:]:
            raise UsageError("asg/ without a name", hint="write asg/NAME, the Auto Scaling group's name")
        return Group(text, text[4:])
    if "=" in text:
        return Tags(text, _pairs(text))
    try:
        return Address(text, ip_address(text))
    except ValueError:
        pass
    if "." in text and re.fullmatch(_DNS, text, re.I):
        return DnsName(text.lower())
    return Name(text)


def split_scope(text: str) -> tuple[str, str, str]:
    """`NAME%PROFILE/REGION` as name, profile and region; what is left out is empty. Raises UsageError."""
    name, percent, scope = text.rpartition("%")
    if not percent or not name or not scope:  # a name may hold one
        return text, "", ""
    profile, _, region = scope.partition("/")
    if region and not re.fullmatch(_REGION, region):
        raise UsageError(f"{text}: {region!r} is no region", hint="NAME%PROFILE/REGION, such as web%prod/eu-west-1")
    return name, profile, region


def means_itself(name: str) -> bool:
    """Whether this Name of a node, typed as a TARGET, means the nodes of that Name and nothing else."""
    if re.fullmatch(_PLAIN, name):  # most are, and there may be ten thousand
        return True
    try:
        spec = parse(name)
        return isinstance(spec, Name) and is_one_name(spec) and split_scope(name)[0] == name and name[0] != "-"
    except UsageError:
        return False


def is_one_name(spec: Name) -> bool:
    """Whether only the nodes of exactly this Name are meant: no pattern, and no host name that EC2 gives."""
    return not is_pattern(spec.text) and not _host_address(spec.text)


def _host_address(name: str) -> str:
    """The address of a node that has this host name of EC2; empty where it is no such name."""
    found = re.fullmatch(_HOSTNAME, name) if name.startswith("ip-") else None
    return ".".join(found.groups()) if found else ""


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    pairs: list[tuple[str, str]] = []
    for part in text.split(","):
        key, equals, value = part.partition("=")
        if equals and key:
            pairs.append((key, value))
        elif pairs and not equals:  # a comma inside a value: Owner=Ravi, platform team
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]},{part}")
        else:
            raise UsageError(f"{text!r} is not Key=Value[,Key=Value]", hint="write for example Role=api,Env=prod")
    check_once(pairs)
    return tuple(pairs)


def check_once(pairs: Sequence[tuple[str, str]]) -> None:
    """Raise UsageError where a tag is asked for twice: a node has one value of it, so nothing could fit."""
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise UsageError(f"{key}= is given twice, and a node has one {key}", hint=f"one value, or {key}=a*")


def is_pattern(text: str) -> bool:
    """Whether `text` is a pattern rather than an exact value."""
    return "*" in text or "?" in text


def _literal(value: str) -> str:
    # EC2 reads a backslash in a filter value as an escape (API reference, Filter).
    return value.replace("\\", "\\\\")


def queries_for(spec: Spec) -> tuple[Query, ...]:
    """The DescribeInstances queries whose answers, taken together, hold every node `spec` may mean."""
    living = {"instance-state-name": LIVING}
    match spec:
        case NodeId(text):
            return () if spec.hybrid else ({"instance-id": (text,)},)
        case Name(text):
            by_name: Query = {"tag:Name": (_literal(text),), **living}
            # What `ssh -J` users type: the host name EC2 gives a node whose address this is.
            if address := _host_address(text):
                return by_name, {_PRIVATE_IP: (address,), **living}
            return (by_name,)
        case Tags(_, pairs):
            return ({**{f"tag:{key}": (_literal(value),) for key, value in pairs}, **living},)
        case Address(_, address):
            if isinstance(address, IPv6Address):
                return ({"ipv6-address": (str(address),), **living},)
            private: Query = {_PRIVATE_IP: (str(address),), **living}
            # A VPC may use public ranges inside, so a public-looking address can be either.
            return (private, {"ip-address": (str(address),), **living}) if address.is_global else (private,)
        case DnsName(text):
            public = text.startswith("ec2-")
            return ({"dns-name" if public else "private-dns-name": (text,), **living},)
        case Group(_, name):
            return ({f"tag:{GROUP_TAG}": (_literal(name),), **living},)


def hybrid_tags(spec: Spec) -> tuple[tuple[str, str], ...]:
    """The tags that a hybrid node must carry to be meant by `spec`; empty where it cannot be."""
    match spec:
        case Name(text):
            return (("Name", text),)
        case Tags(_, pairs):
            return pairs
        case _:
            return ()


def tags_match(wanted: Sequence[tuple[str, str]], tags: Mapping[str, str]) -> bool:
    """Whether `tags` has every wanted pair, read as EC2's filters are: `*` and `?` match, case counts."""
    return all(
        key in tags
        and (fnmatchcase(tags[key], value.replace("[", "[[]")) if is_pattern(value) else tags[key] == value)
        for key, value in wanted
    )


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface of a node beside its first."""

    vpc: str
    subnet: str
    private_ip: str = ""
    ipv6: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """A node a session may start on, with the state EC2 and SSM each report of it.

    `state` is EC2's (empty for a hybrid node), `ping` is SSM's PingStatus (empty: SSM does not know the node).
    """

    id: str
    region: str
    account: str = ""
    name: str = ""
    state: str = ""
    ping: str = ""
    last_ping: datetime | None = None
    stopped: str = ""
    """EC2's own words for the last change of state, such as `User initiated (2026-11-02 17:04:11 GMT)`."""
    agent_version: str = ""
    platform: str = ""
    private_ip: str = ""
    private_dns: str = ""
    public_dns: str = ""
    ipv6: tuple[str, ...] = ()
    vpc: str = ""
    subnet: str = ""
    groups: tuple[str, ...] = ()
    """Its security groups, and above its addresses and subnet: of its first interface."""
    interfaces: tuple[Interface, ...] = ()
    """Those beside the first."""
    zone: str = ""
    type: str = ""
    spot: bool = False
    launched: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def hybrid(self) -> bool:
        """A node outside EC2."""
        return self.id.startswith("mi-")

    @property
    def windows(self) -> bool:
        """Whether it runs Windows, as far as EC2 or SSM tells."""
        return "windows" in self.platform.lower()

    @property
    def online(self) -> bool:
        """Whether a session can start on it now, as far as EC2 and SSM know."""
        return self.ping in ("Online", UNKNOWN) and self.state in ("", "running")

    @property
    def label(self) -> str:
        """How the user recognises it: `payments-api (i-0ab…)`, or the id alone."""
        return f"{self.name} ({self.id})" if self.name else self.id


def fits(target: Target, specs: Sequence[Spec]) -> bool:
    """Whether a listing of `specs` has this node: it carries all tags, and is one of the rest."""
    tags = [spec for spec in specs if isinstance(spec, Tags | Group)]
    rest = [spec for spec in specs if not isinstance(spec, Tags | Group)]
    return all(_is(target, spec) for spec in tags) and (not rest or any(_is(target, spec) for spec in rest))


def _is(target: Target, spec: Spec) -> bool:
    match spec:
        case NodeId(text):
            return target.id == text
        case Name(text):
            return tags_match((("Name", text),), {"Name": target.name})
        case Tags(_, pairs):
            return tags_match(pairs, target.tags)
        case Group(_, name):
            return tags_match(((GROUP_TAG, name),), target.tags)
        case Address(_, address):
            return str(address) in (target.private_ip, *target.ipv6)
        case DnsName(text):
            return text in (target.private_dns, target.public_dns)


class Pick(StrEnum):
    """How a script decides between nodes of one name."""

    NEWEST = "newest"
    OLDEST = "oldest"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class One:
    """This is the node; `asleep` are namesakes that are stopped or offline."""

    target: Target
    asleep: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class Several:
    """These are all online: somebody has to decide."""

    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Unreachable:
    """These have the name, and none is online."""

    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing has the name."""


Choice = One | Several | Unreachable | Nothing


def choose(found: Sequence[Target], pick: Pick | None = None) -> Choice:
    """Which of the nodes found is meant: running and online ones are candidates, `pick` decides between them."""
    ordered = sorted(found, key=lambda target: (target.name, target.id))
    candidates = tuple(target for target in ordered if target.online)
    asleep = tuple(target for target in ordered if not target.online)
    if not ordered:
        return Nothing()
    if not candidates:
        return Unreachable(asleep)
    if len(candidates) == 1:
        return One(candidates[0], asleep)
    match pick:
        case Pick.NEWEST:
            return One(max(candidates, key=_age_key), asleep)
        case Pick.OLDEST:
            return One(min(candidates, key=_age_key), asleep)
        case Pick.ANY:
            return One(candidates[0], asleep)
        case None:
            return Several(candidates)


def _age_key(target: Target) -> tuple[float, str]:
    return (target.launched.timestamp() if target.launched else 0.0, target.id)
