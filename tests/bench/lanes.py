"""Downloads through a tunnel of 1 to 8 lanes, each of which leads to an agent as slow as a real one."""

import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from itertools import cycle
from statistics import median

from tests.bench.far import Far
from tests.bench.measure import Used
from tests.bench.rig.control import ROOT, Rig
from tests.stub import Stub

RUNS = int(os.environ.get("RUNS", "5"))
LANES = (1, 2, 4, 8)
DOWNLOADS = 8
MB = 1_000_000
PATIENCE = 120
SIZE = int(os.environ.get("SIZE", "2"))  # MB of each


class Aws(Stub):
    """An AWS whose sessions are those of paced rigs: one after the other, as one process would slow many down."""

    def __init__(self, rigs):
        super().__init__()
        self._next = cycle(rigs)
        self._rig_of = {}

    def answer(self, operation, request):
        match operation:
            case "StartSession":
                rig = next(self._next)
                body = rig.call(operation, **request)
                self._rig_of[body["SessionId"]] = rig
            case "TerminateSession" | "ResumeSession":
                body = self._rig_of[request["SessionId"]].call(operation, **request)
            case _:
                return super().answer(operation, request)
        return 200, "json", body


def table():
    """The lines of the table: medians, and how many times those of one lane they are."""
    with ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="b-", dir="/tmp"))
        rigs = [stack.enter_context(Rig("--pace", "agent")) for _ in range(max(LANES))]
        aws = stack.enter_context(Aws(rigs))
        far = stack.enter_context(Far())
        env = aws.env({"PATH": os.environ["PATH"], "HOME": home, "PYTHONPATH": str(ROOT)})
        with Client(1, far.port, env):
            pass  # the first run of a home fills its cache
        found = {lanes: [] for lanes in LANES}
        for _ in range(RUNS):
            for lanes in LANES:
                with Client(lanes, far.port, env) as client:
                    found[lanes].append(measured(client))
    yield f"| lanes | {DOWNLOADS} downloads, MB/s | x 1 lane | CPU, ms/MB | peak memory, MB |"
    yield "|---:|---:|---:|---:|---:|"
    rates = {lanes: median(each[0] for each in values) for lanes, values in found.items()}
    for lanes, values in found.items():
        _, cpu, peak = (median(each) for each in zip(*values, strict=True))
        ratio = rates[lanes] / rates[LANES[0]]
        yield f"| {lanes} | {rates[lanes]:.2f} | {ratio:.2f} | {cpu * 1000:.1f} | {peak:.0f} |"


def measured(client):
    """MB a second, seconds of CPU for each MB, and MB of memory at most."""
    before, started = client.cpu, time.perf_counter()
    threads = [threading.Thread(target=client.download) for _ in range(DOWNLOADS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    seconds = time.perf_counter() - started
    assert client.done == DOWNLOADS
    return DOWNLOADS * SIZE / seconds, (client.cpu - before) / (DOWNLOADS * SIZE), client.peak


class Client(Used):
    """A process that keeps a port with so many lanes behind it."""

    def __init__(self, lanes, port, env):
        self.done = 0
        words = ["forward", "payments-api", f"0:{port}", "--lanes", str(lanes), "--events", "json"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ssmx", *words],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(lanes):
            event = json.loads(self.process.stdout.readline())
            assert event["event"] == "ready", event
        self.port = event["local_port"]

    def download(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as connection:
            left, buffer = SIZE * MB, bytearray(1 << 18)
            connection.sendall(b"D" + struct.pack(">Q", left))
            while left:
                count = connection.recv_into(buffer)
                assert count, "it ended early"
                left -= count
        self.done += 1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()
