"""The process that owns Redis: `python -m ssmx.sandbox.servers.rediskeeper PROGRAM`, which the sandbox starts.

PROGRAM is a redis-server. keeping.py says how it ends.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from ssmx.sandbox.servers.keeping import Failed, Kept, Process, hand_over, keep, runs

_START_LIMIT = 20.0  # seconds
_LOOK = 0.01
_SOCKET = "redis.sock"
# What ElastiCache refuses ("Restricted commands"), and what would reach out of it.
_RESTRICTED = (
    *("BGREWRITEAOF", "BGSAVE", "CONFIG", "DEBUG", "MIGRATE", "MODULE", "PSYNC", "REPLICAOF", "SAVE", "SHUTDOWN"),
    *("SLAVEOF", "SYNC"),
)
_KEYS = (
    "HSET session:42 user ravi cart 3 locale en-GB",
    "HSET session:43 user mina cart 0 locale pt-PT",
    "SET flags:checkout on",
    "ZADD visits 42 /basket 17 /checkout",
)


def main() -> None:
    """Run until stdin ends."""
    keep(Kept("ssmx-redis-", _begin, _ready, signal.SIGTERM))


def _begin(folder: Path, who: dict[str, Any]) -> Process:
    program = Path(sys.argv[1])
    if who and not runs(program, who):
        program = Path(shutil.copy(program, folder / "redis-server"))
        program.chmod(0o700)
    hand_over(folder, who)
    command = [str(program), "--port", "0", "--unixsocket", str(folder / _SOCKET), "--unixsocketperm", "700"]
    command += ["--dir", str(folder), "--save", "", "--appendonly", "no", "--daemonize", "no"]
    command += ["--maxmemory", "64mb", "--databases", "16"]
    for name in _RESTRICTED:
        command += ["--rename-command", name, ""]
    env = {"LC_ALL": "C", "PATH": os.defpath, "HOME": str(folder)}
    return subprocess.Popen(
        command,
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        **who,
    )


def _ready(folder: Path, server: Process) -> Path:
    end = time.monotonic() + _START_LIMIT
    while server.poll() is None and time.monotonic() < end:
        with suppress(FileNotFoundError, ConnectionRefusedError):
            _fill(folder / _SOCKET)
            return folder / _SOCKET
        time.sleep(_LOOK)
    raise Failed(f"redis-server: {server.poll()}")


def _fill(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_START_LIMIT)
        connection.connect(str(path))
        with connection.makefile("rwb") as stream:
            for command in _KEYS:
                stream.write(f"{command}\r\n".encode())
                stream.flush()
                said = stream.readline()
                if said[:1] not in (b"+", b":"):
                    raise Failed(f"redis-server: {said.decode(errors='replace')}")


if __name__ == "__main__":
    main()
