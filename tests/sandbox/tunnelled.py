"""Far ports of the sandbox as ports of this machine, for clients that know TCP alone: our drop-in carries them."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ssmx.sandbox.control import Running
from tests.carried import VARIABLE, environment

from .portclient import port, remote


@contextmanager
def tunnelled(running: Running, ssm: Any, node: str, number: int, host: str = "") -> Iterator[int]:
    """The local port that leads there."""
    request: dict[str, Any] = {"Target": node, **(remote(host, number) if host else port(number))}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        local = taken.getsockname()[1]
    request["Parameters"]["localPortNumber"] = [str(local)]
    answer = ssm.start_session(**request)
    given = {name: answer[name] for name in ("SessionId", "TokenValue", "StreamUrl")}
    keys = {"AWS_ACCESS_KEY_ID": running.access_key, "AWS_SECRET_ACCESS_KEY": running.secret_key}
    command = [sys.executable, "-P", "-m", "ssmx.dropin", VARIABLE, running.region, "StartSession", ""]
    process = subprocess.Popen(
        [*command, json.dumps(request), running.endpoint],
        env={**environment(given), **keys},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        _until(process, f"Port {local} opened".encode())
        yield local
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
        ssm.terminate_session(SessionId=answer["SessionId"])


def _until(process: subprocess.Popen[bytes], needle: bytes) -> None:
    assert process.stdout is not None
    said, end = b"", time.monotonic() + 20
    while needle not in said:
        readable, _, _ = select.select([process.stdout], [], [], max(0.0, end - time.monotonic()))
        data = os.read(process.stdout.fileno(), 1 << 16) if readable else b""
        assert data, f"{needle!r} is not in {said!r}"
        said += data
