"""Which node reaches an endpoint, which is tried first, and why each other one cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ssmx.errors import AgentTooOld
from ssmx.model.catalog import Endpoint
from ssmx.model.plan import REMOTE_PORT, check_agent
from ssmx.model.target import Target

TAG = "ssmx:jump"  # with the value `true`, on nodes that are meant for this


@dataclass(frozen=True, slots=True)
class Ranking:
    """The nodes that may reach an endpoint, best first, and those that cannot with the reason."""

    jumps: tuple[Target, ...]
    refused: tuple[tuple[Target, str], ...]


def rank(endpoint: Endpoint, nodes: Sequence[Target]) -> Ranking:
    """Rank the nodes: tagged ones first, then those of the endpoint's zone, which cost least.

    A node is refused outside the endpoint's VPC, offline, or with an agent that knows no remote hosts.
    """
    refused: list[tuple[Target, str]] = []
    jumps: list[Target] = []
    for node in nodes:
        why = _why_not(endpoint, node)
        if why:
            refused.append((node, why))
        else:
            jumps.append(node)
    jumps.sort(key=lambda node: (not is_tagged(node), node.zone != endpoint.zone, node.windows, node.name, node.id))
    return Ranking(tuple(jumps), tuple(refused))


def is_tagged(node: Target) -> bool:
    """Whether somebody meant this node for tunnels."""
    return node.tags.get(TAG, "").lower() == "true"


def _why_not(endpoint: Endpoint, node: Target) -> str:
    if endpoint.vpc and node.vpc != endpoint.vpc:
        return f"it is in {node.vpc or 'no VPC'}, not in {endpoint.vpc}"
    if node.state not in ("", "running"):
        return f"it is {node.state}"
    if not node.online:
        return f"it is offline ({node.ping})" if node.ping else "Systems Manager does not know it"
    try:
        check_agent(node.label, node.agent_version, REMOTE_PORT)
    except AgentTooOld as error:
        return error.message.partition(" runs ")[2] or error.message
    return ""
