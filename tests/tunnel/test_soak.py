"""An hour of 20 tunnels and 2 000 connections at a time: nothing grows."""

import asyncio
import os
import random
import resource
import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pytest

from .kept import echo, lives
from .test_supervision import no_session_is_open

SECONDS = float(os.environ.get("SOAK_SECONDS", "3600"))
TUNNELS = 20
CONNECTIONS = 2000
AT_ONCE = 200  # that are being opened
WARM_UP = 3  # rounds
LANES = {f"t{number}": 1 + number % 3 for number in range(TUNNELS)}
COMES_AND_GOES = {f"t{number}" for number in range(0, TUNNELS, 5)}  # whose sessions end in every pause


@dataclass(frozen=True)
class Cost:
    """What the keeper has of the machine while nobody is connected."""

    kib: int
    files: int
    threads: int


def cost(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    said = {line.partition(":")[0]: line.split()[1] for line in status.splitlines() if len(line.split()) > 1}
    return Cost(int(said["VmRSS"]), len([*Path(f"/proc/{pid}/fd").iterdir()]), int(said["Threads"]))


def allow_many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + 1000
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"this machine lets a process have {hard} files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


async def one_round(ports, disturb):
    """All connections at once, each of which says something twice; how many were cut, because a session was."""
    gate, streams, cut = asyncio.Semaphore(AT_ONCE), [], 0

    async def said(reader, writer, text):
        writer.write(text)
        assert await asyncio.wait_for(reader.readexactly(len(text)), 60) == text

    async def begun(number, port):
        async with gate:
            reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 60)
            streams.append((reader, writer, number))
            await said(reader, writer, b"connection %05d" % number)

    async def again(reader, writer, number):
        async with gate:
            await said(reader, writer, b"again %05d" % number * random.randrange(1, 40))

    places = [ports[number % len(ports)] for number in range(CONNECTIONS)]
    for doing in (lambda: [begun(*each) for each in enumerate(places)], lambda: [again(*each) for each in streams]):
        done = await asyncio.gather(*doing(), return_exceptions=True)
        failed = [each for each in done if each is not None]
        assert all(isinstance(each, (ConnectionError, asyncio.IncompleteReadError)) for each in failed), failed[:3]
        cut += len(failed)
        await asyncio.to_thread(disturb)
    for _, writer, number in streams:
        if number % 2:  # as a program that is killed
            connection = writer.get_extra_info("socket")
            with suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
    await asyncio.gather(*(writer.wait_closed() for _, writer, _ in streams), return_exceptions=True)
    return cut


@pytest.mark.long
def test_nothing_grows(background, levers):
    allow_many_files()
    background.says(
        "".join(
            echo(name, lanes=lanes, idle_minutes=0.05 if name in COMES_AND_GOES else 5)
            for name, lanes in LANES.items()
        )
    )
    assert background.up().status == 0
    pid, ports = background.keeper["pid"], [*background.ports.values()]
    costs, cuts, ended = [], 0, 0

    def disturb():
        nonlocal ended
        for each in random.sample(levers.open_sessions(), 2):
            what = random.choice(["cut", "close?output=ended"])
            with suppress(OSError):
                levers("POST", f"session/{each['id']}/{what}")
            ended += what != "cut"

    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline or len(costs) < WARM_UP + 4:
        cuts += asyncio.run(one_round(ports, disturb))
        waited = time.monotonic() + 30
        while any(each["connections"] for each in background.facts().values()) and time.monotonic() < waited:
            time.sleep(0.2)
        time.sleep(4)  # in which the sessions of some end
        facts = background.facts()
        assert {name: each["connections"] for name, each in facts.items()} == dict.fromkeys(LANES, 0)
        held = [lane["session"] for each in facts.values() for lane in each["lanes"] if lane["session"]]
        assert len(held) <= sum(LANES.values())
        assert not any(each["lanes"][0]["session"] for name, each in facts.items() if name in COMES_AND_GOES)
        assert {each["id"] for each in levers.open_sessions()} == {*held}
        costs.append(cost(pid))
        print(len(costs), costs[-1], f"{cuts} cut, {ended} sessions ended", flush=True)
    warm = costs[WARM_UP:]
    first, last = warm[: len(warm) // 3 or 1], warm[-(len(warm) // 3 or 1) :]
    for name, slack in (("kib", 8 << 10), ("files", 4), ("threads", 2)):
        before, after = (median(getattr(each, name) for each in some) for some in (first, last))
        assert after <= before + slack, (name, costs)
    assert sum(each["served"] for each in background.facts().values()) >= CONNECTIONS * len(costs) * 0.9
    assert background.down().status == 0
    assert not lives(pid)
    assert no_session_is_open(levers)
    assert background.written == []
