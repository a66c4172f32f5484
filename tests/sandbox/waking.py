"""PostgreSQL of a sandbox as processes: wake it without logging in, and see that nothing of it is left."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ssmx.sandbox.control import Running

from .conftest import Client, client_of, endpoint, node_named
from .portclient import PSH, SYN, data_of, has_ended, remote, say, smux
from .rawclient import RawClient
from .test_shell import alive

CANCEL = struct.pack("!IIII", 16, 80877102, 1, 1)  # it has to reach PostgreSQL, which then runs


@dataclass(frozen=True)
class Family:
    """Its keeper, PostgreSQL and all its processes, and their folder."""

    keeper: int
    server: int
    others: list[int]
    folder: Path

    @property
    def gone(self) -> bool:
        pids = [self.keeper, self.server, *self.others]
        return not any(alive(pid) for pid in pids) and not self.folder.exists()


def children(pid: int) -> list[int]:
    """The processes of a process, whichever thread started them."""
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(each) for path in found for each in path.read_text("ascii").split()]


def keepers(pid: int) -> list[int]:
    name = b"ssmx.sandbox.servers.keeper"
    return [each for each in children(pid) if name in Path(f"/proc/{each}/cmdline").read_bytes()]


@cache
def clients(sandbox: Running) -> tuple[Client, ...]:
    """They take a tenth of a second each to make."""
    return tuple(client_of(sandbox, name) for name in ("rds", "ssm", "ec2"))


def said_to(sandbox: Running, words: bytes) -> bytes:
    """What the front of payments-prod answers before it closes the connection."""
    rds, ssm, ec2 = clients(sandbox)
    request = remote(endpoint(rds, "payments-prod"), 5432)
    started = ssm.start_session(Target=node_named(ec2, "payments-api"), **request)
    client = RawClient(sandbox, started)
    client.shake()
    say(client, smux(SYN, 3) + smux(PSH, 3, words))
    client.until(lambda it: has_ended(it, 3), seconds=30)
    client.close()
    ssm.terminate_session(SessionId=started["SessionId"])
    return data_of(client, 3)


def woken(sandbox: Running) -> Family:
    """PostgreSQL, which now runs."""
    said_to(sandbox, CANCEL)
    (keeper,) = keepers(sandbox.pid)
    (server,) = children(keeper)
    folder = Path(f"/proc/{server}/cwd").readlink().parent
    return Family(keeper, server, children(server), folder)
