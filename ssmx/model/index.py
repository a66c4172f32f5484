"""What was learned of the nodes, endpoints and documents of one account, region and profile, and when; as a text.

    ssmx-index 1
    scope     ACCOUNT REGION PROFILE ENDPOINT
    alias     NAME                of the account, where it has one
    listed    nodes TIME          all nodes were asked for; or of a service all endpoints, or the session documents
    node      …                   as in model/known
    endpoint  …
    document  NAME
    end       CHECKSUM            of what is before it: a text that is cut off or broken has another

Lines are taken apart when they are asked for: most never are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import field, replace
from fnmatch import translate
from math import inf
from zlib import crc32

from ssmx.light import dataclass
from ssmx.model.endpoint import Endpoint
from ssmx.model.known import AT, NAME, NAMED, NODE, SERVICE, TAGS, KnownTarget, endpoint_line, fields, line_of, told
from ssmx.model.pointer import escaped
from ssmx.model.target import GROUP_TAG, LIVING, Target, means_itself

NODES, DOCUMENTS = "nodes", "documents"  # what can be listed, beside the endpoints of a service

_HEADER = "ssmx-index 1"
_HOUR = 3600.0  # what was said more than that after an answer, was said when the clock was wrong


@dataclass(frozen=True, slots=True)
class Scope:
    """Where something was learned. `endpoint` is what was asked in the place of AWS; empty for AWS."""

    account: str
    region: str
    profile: str
    endpoint: str = ""

    @property
    def name(self) -> str:
        """As a folder can be called."""
        parts = [self.account, self.region, self.profile, *([self.endpoint] if self.endpoint else [])]
        return ",".join(map(escaped, parts))


@dataclass(frozen=True, slots=True)
class Nodes:
    """What AWS said of nodes `at` a time: `every` node there is, or all whose names are like one of `names`.

    Whatever of `ids` is not among those it `told` of is not there.
    """

    at: float
    told: Sequence[Target]
    every: bool = False
    names: Sequence[str] = ()
    ids: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What AWS said of the endpoints of these services `at` a time: of all, or of those called `name`."""

    at: float
    services: Sequence[str]
    told: Sequence[Endpoint]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Documents:
    """The account's own session documents `at` a time."""

    at: float
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class Alias:
    """What the account is called; empty where it has no name."""

    name: str


Answer = Nodes | Endpoints | Documents | Alias


@dataclass(slots=True)
class Index:
    """What is known of one scope. `listed` has the time of each answer that was complete."""

    scope: Scope
    listed: dict[str, float] = field(default_factory=dict)
    nodes: dict[str, str] = field(default_factory=dict)
    """The line of each node, by its id."""
    endpoints: list[str] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    alias: str = ""
    """What the account is called."""

    def named(self, name: str, *, since: float, until: float) -> list[Target]:
        """All nodes of this name, where AWS has named all of them between these times; otherwise none."""
        known = f"\t{told(name)}\t"
        rows = [(line, fields(line)) for line in self.nodes.values() if known in line]
        rows = [(line, cells) for line, cells in rows if cells[NAME] == name]
        if not name or not all(since <= float(cells[NAMED]) <= until for _, cells in rows):
            return []
        return [self._target(line) for line, _ in rows]

    def node(self, node: str, *, since: float, until: float) -> list[Target]:
        """The node of this id, where AWS has told of it between these times."""
        line = self.nodes.get(node)
        known = line is not None and since <= float(fields(line)[AT]) <= until
        return [self._target(line)] if line is not None and known else []

    def has(self, name: str) -> list[Target]:
        """The nodes of this name or id, whenever AWS told of them."""
        return self.node(name, since=0.0, until=inf) or self.named(name, since=0.0, until=inf)

    def has_endpoint(self, services: Sequence[str], name: str) -> bool:
        """Whether one of these services has an endpoint of this name, whenever AWS told of it."""
        wanted = {f"{service}/{name}".lower() for service in services}
        return any("/".join(fields(line)[SERVICE : NAME + 1]).lower() in wanted for line in self.endpoints)

    def targets(self) -> list[Target]:
        """All nodes that are known."""
        return [self._target(line) for line in self.nodes.values()]

    def names(self) -> list[str]:
        """The names of nodes, as a list for shells; without what would mean something else where it is typed."""
        return _for_shells(name for line in self.nodes.values() if means_itself(name := fields(line)[NAME]))

    def words(self) -> list[str]:
        """What else names nodes, as a list for shells: ids, tags and groups."""
        tags = {tag for line in self.nodes.values() for tag in fields(line)[TAGS:]}
        group = f"{GROUP_TAG}="
        named = [f"asg/{each.removeprefix(group)}" if each.startswith(group) else each for each in tags]
        return _for_shells([*self.nodes, *named])

    def endpoint_words(self) -> list[str]:
        """SERVICE/NAME of each endpoint, as a list for shells."""
        return _for_shells("/".join(fields(line)[SERVICE : NAME + 1]) for line in self.endpoints)

    def services(self) -> dict[str, int]:
        """How many endpoints are known of each service."""
        found = [fields(line)[SERVICE] for line in self.endpoints]
        return {service: found.count(service) for service in dict.fromkeys(found)}

    def learn(self, answer: Answer) -> None:
        """Take in what AWS said; what it has said later stays."""
        if not isinstance(answer, Alias):
            answer = replace(answer, at=round(answer.at, 3))  # as it is written
        match answer:
            case Nodes():
                self._learn_nodes(answer)
            case Endpoints():
                self._learn_endpoints(answer)
            case Documents():
                self.documents = list(answer.names)
                self.listed[DOCUMENTS] = answer.at
            case Alias(name):
                self.alias = name

    def _target(self, line: str) -> Target:
        return KnownTarget(line, self.scope.region, self.scope.account)

    def _learn_nodes(self, answer: Nodes) -> None:
        told_now = {each.id: each for each in answer.told if each.state in ("", *LIVING)}
        alike = [re.compile(translate(name.replace("[", "[[]"))) for name in answer.names]

        def is_meant(node: str, name: str) -> bool:
            """Whether the answer would have had this node, if it were there."""
            return answer.every or node in answer.ids or any(each.match(name) for each in alike)

        later: dict[str, str] = {}
        names: dict[str, list[str]] = {}
        for node, line in self.nodes.items():
            names[node] = cells = fields(line)[: NAMED + 1]
            if _is_later(cells[AT], answer.at) or (node not in told_now and not is_meant(node, cells[NAME])):
                later[node] = line
        nodes = dict(later)
        for node, target in told_now.items():
            if node in later:
                continue
            named = answer.at if answer.every or any(each.match(target.name) for each in alike) else 0.0
            before = names.get(node)
            if before is not None and before[NAME] == target.name:
                named = max(named, float(before[NAMED]))
            nodes[node] = line_of(target, answer.at, named)
        self.nodes = nodes
        if answer.every:
            self.listed[NODES] = answer.at

    def _learn_endpoints(self, answer: Endpoints) -> None:
        def stays(cells: list[str]) -> bool:
            is_meant = not answer.name or cells[NAME].lower() == answer.name.lower()
            return cells[SERVICE] not in answer.services or not is_meant or _is_later(cells[AT], answer.at)

        kept = [line for line in self.endpoints if stays(fields(line))]
        later = {tuple(fields(line)[SERVICE : NAME + 1]) for line in kept}
        self.endpoints = kept + [
            endpoint_line(each, answer.at) for each in answer.told if (each.service, each.name) not in later
        ]
        if not answer.name:
            self.listed |= dict.fromkeys(answer.services, answer.at)


def written(index: Index) -> bytes:
    """The index as it lies in a file."""
    scope = index.scope
    lines = [
        _HEADER,
        _line("scope", scope.account, scope.region, scope.profile, scope.endpoint),
        *([_line("alias", index.alias)] if index.alias else []),
        *(_line("listed", what, f"{at:.3f}") for what, at in index.listed.items()),
        *index.nodes.values(),
        *index.endpoints,
        *(_line("document", name) for name in index.documents),
    ]
    body = "\n".join([*lines, ""]).encode("utf-8", "replace")  # JSON can hold what UTF-8 cannot
    return body + _end(body)


def parse(data: bytes, *, about: str = "") -> Index:
    """The index that a file holds; of its nodes only those whose lines hold `about`, a name or an id.

    Raises ValueError where it is none, or not all of one.
    """
    at = data.rfind(b"\n", 0, -1) + 1
    # Not copied: ten thousand nodes are two megabytes, and to touch new memory takes longer than to look through.
    if not data.startswith(f"{_HEADER}\n".encode()) or data[at:] != _end(memoryview(data)[:at]):
        raise ValueError("no index, or a broken one")
    body = _without_other_nodes(data, at, told(about).encode("utf-8", "replace")) if about else data[:at]
    _, *lines = body.decode("utf-8", "replace").split("\n")[:-1]
    _, *scope = fields(lines[0])
    index = Index(Scope(*scope))
    for line in lines[1:]:
        kind, what, *_ = line.split("\t", 2)
        match kind:
            case "node":
                index.nodes[what] = line
            case "endpoint":
                index.endpoints.append(line)
            case "alias":
                index.alias = fields(line)[1]
            case "listed":
                index.listed[what] = float(fields(line)[2])
            case "document":
                index.documents.append(fields(line)[1])
    return index


def _without_other_nodes(data: bytes, end: int, about: bytes) -> bytes:
    """The lines up to `end` but for those of other nodes, which are together."""
    start = f"\n{NODE}\t".encode()
    first = data.find(start, 0, end) + 1
    if not first:
        return data[:end]
    last = data.index(b"\n", data.rindex(start, 0, end) + 1) + 1
    kept = [data[:first]]
    at = data.find(about, first, last)
    while at >= 0:
        begin, after = data.rindex(b"\n", 0, at) + 1, data.index(b"\n", at) + 1
        kept.append(data[begin:after])
        at = data.find(about, after, last)
    return b"".join([*kept, data[last:end]])


def _end(body: bytes | memoryview) -> bytes:
    return f"{_line('end', str(crc32(body)))}\n".encode()


def _line(*cells: str) -> str:
    return "\t".join(map(told, cells))


def _is_later(at: str, than: float) -> bool:
    return than < float(at) <= than + _HOUR


def _for_shells(words: Iterable[str]) -> list[str]:
    """Each once, sorted by their bytes; none that a terminal could not show."""
    return sorted({each for each in words if each and each.isprintable()})  # UTF-8 sorts as its code points do
