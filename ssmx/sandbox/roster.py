"""Who is in the fleet: the nodes of the sandbox's account, as data."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

REGION = "eu-west-1"
ACCOUNT = "123456789012"
USER = "ravi"
NETWORKS = {"prod": "10.0", "staging": "10.1", "dev": "10.2"}  # environment: the first half of its VPC's addresses
ZONES = ("a", "b", "c")
CURRENT_AGENT = "3.3.4851.0"
SIZE = 200


@dataclass(frozen=True, slots=True)
class Member:
    """One EC2 instance. `address` is empty where any will do."""

    name: str
    team: str
    env: str
    role: str
    zone: str = "a"
    type: str = "t3.medium"
    address: str = ""
    stopped: bool = False
    lost_for: float = 0.0  # seconds since its agent was last heard, 0 where it is online
    agent: str = CURRENT_AGENT
    windows: bool = False
    public: bool = False
    group: str = ""  # Auto Scaling group
    jump: bool = False  # meant for tunnels


@dataclass(frozen=True, slots=True)
class Hybrid:
    """A node outside EC2 that was registered with an activation."""

    id: str
    name: str
    address: str
    tags: tuple[tuple[str, str], ...]


KNOWN = (
    Member("payments-api", "payments", "prod", "api", type="m6i.large", address="10.0.12.87"),
    *(
        Member("web", "storefront", "prod", "web", zone=zone, type="c6i.large", group="web")
        for zone in (*ZONES, *ZONES)
    ),
    Member("web", "storefront", "prod", "web", type="c6i.large", stopped=True, group="web"),
    Member("reports-nightly", "analytics", "prod", "batch", zone="b", type="r6i.xlarge", stopped=True),
    Member("search-indexer", "search", "prod", "worker", zone="c", type="r6i.large", lost_for=3 * 3600.0),
    Member("legacy-batch", "finance", "prod", "batch", zone="b", type="m4.large", agent="2.3.612.0"),
    Member("admin-ui", "platform", "prod", "web", zone="b", type="t3.small", address="10.0.20.80"),
    Member("ad-controller", "it", "prod", "directory", type="m5.large", windows=True),
    *(
        Member(f"bastion-{env}", "platform", env, "bastion", type="t3.micro", public=True, jump=env == "prod")
        for env in NETWORKS
    ),
)

HYBRID = Hybrid(
    id="mi-0c5d1f9a37b84e216",
    name="warehouse-scanner",
    address="192.168.40.17",
    tags=(
        ("Name", "warehouse-scanner"),
        ("Team", "logistics"),
        ("Env", "prod"),
        ("Role", "edge"),
    ),
)

# name, team, role, type, how many in prod, staging, dev. With KNOWN they make SIZE instances.
_SERVICES = (
    ("payments-worker", "payments", "worker", "m6i.large", 6, 2, 1),
    ("ledger", "payments", "api", "m6i.large", 4, 2, 1),
    ("fraud-scoring", "payments", "worker", "c6i.xlarge", 4, 2, 1),
    ("checkout", "storefront", "api", "c6i.large", 8, 3, 2),
    ("catalog", "storefront", "api", "c6i.large", 6, 2, 2),
    ("cart", "storefront", "api", "c6i.large", 6, 2, 1),
    ("image-resizer", "storefront", "worker", "c6i.xlarge", 5, 1, 1),
    ("search-api", "search", "api", "r6i.large", 6, 2, 1),
    ("recommendations", "search", "api", "r6i.xlarge", 4, 2, 1),
    ("orders", "logistics", "api", "m6i.large", 6, 2, 1),
    ("shipping", "logistics", "api", "m6i.large", 4, 2, 1),
    ("inventory-sync", "logistics", "worker", "t3.large", 3, 1, 1),
    ("etl", "analytics", "batch", "r6i.2xlarge", 5, 2, 1),
    ("dashboards", "analytics", "web", "t3.large", 3, 1, 1),
    ("clickstream", "analytics", "worker", "m6i.xlarge", 6, 2, 1),
    ("auth", "platform", "api", "m6i.large", 4, 2, 1),
    ("gateway", "platform", "proxy", "c6i.large", 6, 2, 2),
    ("metrics", "platform", "monitoring", "r6i.large", 3, 1, 1),
    ("ci-runner", "platform", "ci", "c6i.2xlarge", 0, 0, 9),
    ("notifications", "growth", "worker", "t3.medium", 6, 4, 2),
    ("mailer", "growth", "worker", "t3.small", 3, 1, 1),
    ("campaigns", "growth", "api", "t3.medium", 3, 1, 1),
    ("invoices", "finance", "batch", "t3.large", 3, 1, 1),
    ("vault", "security", "secrets", "m6i.large", 3, 0, 0),
    ("scanner", "security", "worker", "t3.large", 1, 1, 0),
)

_AGENTS = (CURRENT_AGENT, CURRENT_AGENT, CURRENT_AGENT, "3.3.987.0", "3.2.2303.0", "3.1.1927.0")


def members() -> list[Member]:
    """The whole fleet, the same at every start; every member has an address."""
    choice = random.Random(20261015)  # noqa: S311 - the same fleet every time is the point
    taken = {member.address for member in KNOWN}
    placed = []
    for member in itertools.chain(KNOWN, _numbered(choice)):
        address = member.address
        while not address or (address in taken and address != member.address):
            # each zone has a /20: sixteen values of the third number
            third = ZONES.index(member.zone) * 16 + choice.randrange(16)
            address = f"{NETWORKS[member.env]}.{third}.{choice.randrange(5, 250)}"
        taken.add(address)
        placed.append(replace(member, address=address))
    return placed


def _numbered(choice: random.Random) -> Iterator[Member]:
    for name, team, role, size, *counts in _SERVICES:
        for env, count in zip(NETWORKS, counts, strict=True):
            stem = name if env == "prod" else f"{name}-{env}"
            for number in range(1, count + 1):
                yield Member(
                    f"{stem}-{number:02}",
                    team,
                    env,
                    role,
                    zone=ZONES[(number - 1) % 3],
                    type=size,
                    agent=choice.choice(_AGENTS),
                )
