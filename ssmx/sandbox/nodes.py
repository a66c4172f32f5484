"""The managed nodes as Systems Manager sees them: moto's instances, and what their agents would report."""

from __future__ import annotations

import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from moto.ec2.models import ec2_backends

from ssmx.sandbox.roster import ACCOUNT, CURRENT_AGENT, REGION, Hybrid

ONLINE = "Online"
CONNECTION_LOST = "ConnectionLost"
_HEARTBEAT = 300  # an agent reports every five minutes


@dataclass(slots=True)
class Agent:
    """What is known of one agent; tests change it through the control routes."""

    version: str = CURRENT_AGENT
    ping: str = ONLINE
    heard: float | None = None  # epoch seconds; None: within the last heartbeat
    barred: bool = False  # reaches no host but itself
    silent: bool = False  # takes nothing and sends nothing in its sessions


@dataclass(frozen=True, slots=True)
class Node:
    """A managed node at this moment. `instance` is moto's object, None for a node outside EC2."""

    id: str
    address: str
    computer: str
    windows: bool
    agent: str
    ping: str
    heard: float
    tags: Mapping[str, str]
    instance: Any = field(default=None, repr=False)
    launched: datetime | None = None

    @property
    def host(self) -> str:
        """What its shell says in the prompt."""
        return self.computer.split(".")[0]

    @property
    def gone(self) -> bool:
        """Whether this machine has been stopped or terminated since; one that was started again is another."""
        return self.instance is not None and (
            self.instance.state != "running" or self.instance.launch_time != self.launched
        )

    @property
    def resource_type(self) -> str:
        return "EC2Instance" if self.instance is not None else "ManagedInstance"

    @property
    def platform_type(self) -> str:
        return "Windows" if self.windows else "Linux"


class Nodes:
    """Every node of every account. An instance nobody described gets a current agent: the sandbox's accounts
    have the Default Host Management Configuration on, so each running instance is managed."""

    def __init__(self) -> None:
        self._agents: dict[str, Agent] = {}
        self._described: dict[str, Agent] = {}
        self._hybrids: dict[str, tuple[Hybrid, dict[str, str]]] = {}

    def describe(self, node_id: str, agent: Agent) -> None:
        """What the agent of this instance reports from now on."""
        self._agents[node_id] = agent
        self._described[node_id] = replace(agent)

    def restore(self) -> None:
        """Back to what was described."""
        self._agents = {node_id: replace(agent) for node_id, agent in self._described.items()}

    def register(self, hybrid: Hybrid) -> None:
        """Add a node outside EC2."""
        self._hybrids[hybrid.id] = (hybrid, dict(hybrid.tags))

    def agent(self, node_id: str) -> Agent:
        """The agent of a node, to be read or changed."""
        return self._agents.setdefault(node_id, Agent())

    def is_barred(self, node_id: str) -> bool:
        """Whether this node reaches no host but itself, as a control route has ordered."""
        agent = self._agents.get(node_id)
        return agent is not None and agent.barred

    def is_silent(self, node: Node) -> bool:
        """Whether sessions on this node hear nothing of it: it is gone, or a control route has ordered it."""
        agent = self._agents.get(node.id)
        return node.gone or (agent is not None and agent.silent)

    def hybrid_tags(self, node_id: str) -> dict[str, str] | None:
        """The tags of a node outside EC2, to be read or changed; None for any other id."""
        found = self._hybrids.get(node_id)
        return found[1] if found else None

    def managed(self, account: str, region: str) -> list[Node]:
        """The nodes Systems Manager lists: a stopped instance is not among them."""
        backend = ec2_backends[account][region]
        now = time.time()
        nodes = [
            self._node(instance, backend.tags.get(instance.id, {}), now)
            for reservation in list(backend.reservations.values())
            for instance in reservation.instances
            if instance.state == "running"
        ]
        if (account, region) == (ACCOUNT, REGION):
            nodes += [self._outside(hybrid, tags, now) for hybrid, tags in self._hybrids.values()]
        return nodes

    def find(self, account: str, region: str, node_id: str) -> Node | None:
        """The node of this id, or None where no agent reports under it."""
        return next((node for node in self.managed(account, region) if node.id == node_id), None)

    def _node(self, instance: Any, tags: Mapping[str, str], now: float) -> Node:
        agent = self._agents.get(instance.id) or Agent()
        return Node(
            id=instance.id,
            address=str(instance.private_ip),
            computer=str(instance.private_dns_name),
            windows=instance.platform == "windows",
            agent=agent.version,
            ping=agent.ping,
            heard=_heard(agent, instance.id, now),
            tags=tags,
            instance=instance,
            launched=instance.launch_time,
        )

    def _outside(self, hybrid: Hybrid, tags: dict[str, str], now: float) -> Node:
        agent = self.agent(hybrid.id)
        return Node(
            id=hybrid.id,
            address=hybrid.address,
            computer=hybrid.name,
            windows=False,
            agent=agent.version,
            ping=agent.ping,
            heard=_heard(agent, hybrid.id, now),
            tags=tags,
        )


def _heard(agent: Agent, node_id: str, now: float) -> float:
    """Steady within a heartbeat, and different from node to node."""
    if agent.heard is not None:
        return agent.heard
    return now - (now + zlib.crc32(node_id.encode())) % _HEARTBEAT
