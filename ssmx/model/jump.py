"""Which node reaches an endpoint, which is tried first, and why each other one cannot.

A pure function over what EC2 and Systems Manager told. The order: nodes of the endpoint's VPC before those of
peered ones; routes that lead both ways, before it is not known; its security groups admit the node, before it is
not known; the node's egress permits; the tag `ssmx:jump`; a newer agent; the endpoint's zone; on-demand before
spot; Windows last; by name. The tag stands before agent and zone because it is somebody's word: often it is also
what IAM lets the user start sessions on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ssmx.errors import AgentTooOld
from ssmx.light import dataclass
from ssmx.model.endpoint import HOST, Endpoint
from ssmx.model.network import Check, Holds, Network, admitted, literal_address, permitted
from ssmx.model.plan import REMOTE_PORT, check_agent, version
from ssmx.model.routing import SAME_NETWORK, in_reach
from ssmx.model.target import GROUP_TAG, Target

TAG = "ssmx:jump"  # with the value `true`, on nodes that are meant for this

_MENDED = {"stopped": "start it", "stopping": "start it once it is stopped", "pending": "wait until it runs"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A node and what is to be said of it, in the order in which a connection meets it."""

    node: Target
    checks: tuple[Check, ...]

    @property
    def holds(self) -> Holds:
        """Whether the node reaches the endpoint, as far as is known."""
        return max(check.holds for check in self.checks)

    @property
    def refusal(self) -> Check | None:
        """What is in the way first; None where nothing is known to be."""
        return next((check for check in self.checks if check.holds is Holds.NO), None)

    @property
    def why(self) -> str:
        """Why not, or what lets it through, in words."""
        if self.refusal:
            return self.refusal.why
        told = [check for check in self.checks if check.about in ("network", "ingress", "egress")]
        return "; ".join(check.why for check in told if check.why != SAME_NETWORK)

    def of(self, about: str) -> Holds:
        """How one of the checks ended; unknown where it was not made."""
        return next((check.holds for check in self.checks if check.about == about), Holds.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Ranking:
    """The nodes that may reach an endpoint, best first, and those that cannot with the reason."""

    jumps: tuple[Verdict, ...]
    refused: tuple[Verdict, ...]

    @property
    def nodes(self) -> tuple[Target, ...]:
        """The nodes that may, best first."""
        return tuple(verdict.node for verdict in self.jumps)


def rank(endpoint: Endpoint, nodes: Sequence[Target], network: Network | None = None, *, last: str = "") -> Ranking:
    """Rank the nodes as the head of this module says; `last` is the id of the one that worked last.

    That one is first, unless others are tagged and it is not. Only what is known to be in the way refuses a node.
    """
    verdicts = [judge(endpoint, node, network or Network()) for node in nodes]
    jumps = [verdict for verdict in verdicts if verdict.refusal is None]
    meant = any(is_tagged(verdict.node) for verdict in jumps)
    first = next((each for each in jumps if each.node.id == last and (is_tagged(each.node) or not meant)), None)
    jumps.sort(key=lambda verdict: (verdict is not first, *_order(endpoint, verdict)))
    refused = [verdict for verdict in verdicts if verdict.refusal]
    refused.sort(key=lambda verdict: (verdict.node.name, verdict.node.id))
    return Ranking(tuple(jumps), tuple(refused))


def _order(endpoint: Endpoint, verdict: Verdict) -> tuple[object, ...]:
    node = verdict.node
    return (
        node.vpc != endpoint.vpc,
        verdict.of("network"),
        verdict.of("ingress"),
        verdict.of("egress"),
        not is_tagged(node),
        [-each for each in version(node.agent_version)[:2]] if node.agent_version else [0],
        node.zone != endpoint.zone,
        node.spot,
        node.windows,
        node.name,
        node.id,
    )


def judge(endpoint: Endpoint, node: Target, network: Network) -> Verdict:
    """Everything that has to be so for this node to carry a tunnel to the endpoint, and whether it is."""
    return Verdict(node, (_state(node), _staying(node, network), _agent(node), *_best(endpoint, node, network)))


def _best(endpoint: Endpoint, node: Target, network: Network) -> tuple[Check, ...]:
    """What is to be said of the first of the best ways; most nodes have one."""
    found: list[tuple[Holds, tuple[Check, ...]]] = []
    for way in _ways(endpoint, node):
        if way.doubt and any(holds is not Holds.NO for holds, _ in found):
            break  # it would be no better
        checks = _passes(endpoint, way, network)
        found.append((max(check.holds for check in checks), checks))
        if found[-1][0] is Holds.YES:
            break
    return min(found, key=lambda each: each[0])[1]


@dataclass(frozen=True, slots=True)
class _Way:
    """How a connection may go: from this face of the node, over IPv4 or IPv6; `doubt` where it perhaps does not."""

    face: Target
    version: int
    doubt: str = ""


def _ways(endpoint: Endpoint, node: Target) -> Iterator[_Way]:
    """From the first interface over IPv4, then over IPv6, then from the others; those without doubt come first."""
    literal = literal_address(endpoint)
    doubts = {4: "", 6: ""}
    if literal:
        doubts = {literal.version: ""}
    elif not endpoint.dual:
        doubts = {4: "", 6: "the endpoint may have an IPv6 address: "} if endpoint.service == HOST else {4: ""}
    for face, doubt in _faces(node):
        for one in doubts:
            if one == 4 or face.ipv6 or literal:
                yield _Way(face, one, doubt or doubts[one])


def _faces(node: Target) -> Iterator[tuple[Target, str]]:
    """The node as each of its interfaces has it, and the doubt: which of them its system takes is not known."""
    yield node, ""
    for each in node.interfaces:
        if (each.subnet, each.groups) == (node.subnet, node.groups):
            continue  # pods of EKS, mostly: a system that has two ways into a subnet takes the first
        its = {"vpc": each.vpc, "subnet": each.subnet, "private_ip": each.private_ip, "ipv6": each.ipv6}
        seen = replace(node, **its, groups=each.groups)  # type: ignore[arg-type]
        yield seen, f"its interface {each.private_ip or each.subnet} may lead there: "


def _passes(endpoint: Endpoint, way: _Way, network: Network) -> tuple[Check, ...]:
    """What has to be so on the way of a connection."""
    reach, *groups = (
        check(endpoint, way.face, network, version=way.version) for check in (in_reach, admitted, permitted)
    )
    if way.doubt and reach.holds is not Holds.NO:
        reach = replace(reach, holds=Holds.UNKNOWN, why=way.doubt + reach.why)
    return (reach, *groups)


def is_tagged(node: Target) -> bool:
    """Whether somebody meant this node for tunnels."""
    return node.tags.get(TAG, "").lower() == "true"


def _state(node: Target) -> Check:
    if node.state not in ("", "running"):
        mend = _MENDED.get(node.state, "take another node")
        return Check("state", Holds.NO, f"it is {node.state}", mend=mend)
    if not node.online:
        why = f"it is offline ({node.ping})" if node.ping else "Systems Manager does not know it"
        return Check("state", Holds.NO, why, mend="its agent must reach Systems Manager")
    return Check("state", Holds.YES, "it is running and online")


def _staying(node: Target, network: Network) -> Check:
    if network.terminating is None:
        if GROUP_TAG in node.tags:
            return Check("staying", Holds.UNKNOWN, "whether its Auto Scaling group is about to end it is not known")
    elif node.id in network.terminating:
        return Check("staying", Holds.NO, "its Auto Scaling group is terminating it", mend="take another node")
    return Check("staying", Holds.YES, "it is a spot instance" if node.spot else "it is not about to end")


def _agent(node: Target) -> Check:
    if not node.agent_version:
        return Check("agent", Holds.UNKNOWN, "the version of its agent is not known")
    try:
        check_agent(node.label, node.agent_version, REMOTE_PORT)
    except AgentTooOld as error:
        why = error.message.rpartition(" runs ")[2]  # a name may hold the word
        return Check("agent", Holds.NO, f"it runs {why}", mend=error.hint)
    return Check("agent", Holds.YES, f"its agent is {node.agent_version}")
