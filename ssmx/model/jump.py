"""Which node reaches an endpoint, which is tried first, and why each other one cannot.

A pure function over what EC2 and Systems Manager told. The order: nodes of the endpoint's VPC before those of
peered ones; its security groups admit the node, before it is not known; the node's egress permits; the tag
`ssmx:jump`; a newer agent; the endpoint's zone; on-demand before spot. The tag stands before agent and zone because
it is somebody's word: often it is also what IAM lets the user start sessions on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ssmx.errors import AgentTooOld
from ssmx.model.endpoint import Endpoint
from ssmx.model.network import SAME_NETWORK, Check, Holds, Network, admitted, in_reach, permitted
from ssmx.model.plan import REMOTE_PORT, check_agent, version
from ssmx.model.target import Target

TAG = "ssmx:jump"  # with the value `true`, on nodes that are meant for this


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
    """Rank the nodes as the head of this module says; `last` is the id of the one that worked last, which is first.

    Only what is known to be in the way refuses a node.
    """
    verdicts = [judge(endpoint, node, network or Network()) for node in nodes]
    jumps = [verdict for verdict in verdicts if verdict.refusal is None]
    jumps.sort(key=lambda verdict: (verdict.node.id != last, *_order(endpoint, verdict)))
    refused = [verdict for verdict in verdicts if verdict.refusal]
    refused.sort(key=lambda verdict: (verdict.node.name, verdict.node.id))
    return Ranking(tuple(jumps), tuple(refused))


def _order(endpoint: Endpoint, verdict: Verdict) -> tuple[object, ...]:
    node = verdict.node
    return (
        node.vpc != endpoint.vpc,
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
    return Verdict(
        node,
        (
            _state(node),
            _staying(node, network),
            _agent(node),
            in_reach(endpoint, node, network),
            admitted(endpoint, node, network),
            permitted(endpoint, node, network),
        ),
    )


def is_tagged(node: Target) -> bool:
    """Whether somebody meant this node for tunnels."""
    return node.tags.get(TAG, "").lower() == "true"


def _state(node: Target) -> Check:
    if node.state not in ("", "running"):
        return Check("state", Holds.NO, f"it is {node.state}", mend="start it")
    if not node.online:
        why = f"it is offline ({node.ping})" if node.ping else "Systems Manager does not know it"
        return Check("state", Holds.NO, why, mend="its agent must reach Systems Manager")
    return Check("state", Holds.YES, "it is running and online")


def _staying(node: Target, network: Network) -> Check:
    if node.id in network.terminating:
        return Check("staying", Holds.NO, "its Auto Scaling group is terminating it", mend="take another node")
    return Check("staying", Holds.YES, "it is a spot instance" if node.spot else "it is not about to end")


def _agent(node: Target) -> Check:
    if not node.agent_version:
        return Check("agent", Holds.UNKNOWN, "the version of its agent is not known")
    try:
        check_agent(node.label, node.agent_version, REMOTE_PORT)
    except AgentTooOld as error:
        why = error.message.partition(" runs ")[2] or error.message
        return Check("agent", Holds.NO, why, mend=error.hint)
    return Check("agent", Holds.YES, f"its agent is {node.agent_version}")
