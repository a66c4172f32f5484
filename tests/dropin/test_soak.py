"""An hour in which the service closes every websocket each minute: a shell, a tunnel and an ssh stream go on."""

import os
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.bench.rig.control import Rig
from tests.dropin.conftest import STREAM, connect, dropin, events, received, terminal, tunnel, until

MINUTES = float(os.environ.get("SSMX_SOAK_MINUTES", "60"))
WARM = 2  # minutes after which memory is to grow no more
KEY = "arn:aws:kms:us-east-1:123456789012:key/k"


def memory(pid):
    """MB in use."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def files(pid):
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


@pytest.mark.long
def test_an_hour_with_a_goodbye_every_minute(far):
    with ExitStack() as stack:
        rig = stack.enter_context(Rig("--pace", "agent"))
        encrypted = stack.enter_context(Rig("--pace", "agent", "--kms-key", KEY))
        env = {"AWS_ENDPOINT_URL_KMS": encrypted.endpoint}
        child, shell = stack.enter_context(terminal(encrypted, env=env))
        process, port, forward, _ = stack.enter_context(tunnel(rig, far.port))
        stream, ssh = stack.enter_context(dropin(rig, STREAM, portNumber=far.port))
        child.expect(r"fake\$ ")
        stream.stdin.write(b"E!")
        stream.stdin.flush()
        until(stream, b"!")
        lasting = stack.enter_context(connect(port))
        lasting.sendall(b"E")
        sessions = {shell: encrypted, forward: rig, ssh: rig}
        pids = (child.pid, process.pid, stream.pid)
        began, minute, turns, warm = time.monotonic(), 0, 0, None
        while (at := time.monotonic() - began) < MINUTES * 60:
            if at // 60 > minute:
                minute += 1
                for session_id, owner in sessions.items():
                    owner.order(session_id, "bye")
                if minute == WARM:
                    warm = [(memory(pid), files(pid)) for pid in pids]
            turn(child, port, lasting, stream, turns)
            turns += 1
        assert turns > MINUTES * 30
        for session_id, owner in sessions.items():
            assert events(owner, session_id).count("resume_session") == minute
        if warm is not None:
            now = [(memory(pid), files(pid)) for pid in pids]
            print(f"{turns} turns, {minute} goodbyes; MB and files after {WARM} minutes {warm}, at the end {now}")
            assert all(after[0] < before[0] + 10 for before, after in zip(warm, now, strict=True))
            # A connection whose client is gone is kept for ten seconds, for its answer.
            assert all(after[1] < before[1] + 15 for before, after in zip(warm, now, strict=True))
        child.send("exit\r")
        child.expect_exact("Exiting session")


def turn(child, port, lasting, stream, number):
    """Something through each of them: old connections and new ones, and all of it compared."""
    child.send(f"echo $(({number}*7+1))\r")
    child.expect(rf"\r{number * 7 + 1}\r\n", timeout=60)
    sent = os.urandom(20_000)
    lasting.settimeout(60)
    lasting.sendall(sent)
    assert received(lasting, len(sent)) == sent
    with connect(port) as brief:
        brief.settimeout(60)
        brief.sendall(b"E" + sent)
        assert received(brief, len(sent)) == sent
    stream.stdin.write(sent[:5000])
    stream.stdin.flush()
    assert stream.stdout.read(5000) == sent[:5000]
    time.sleep(0.5)
