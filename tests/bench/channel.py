"""Our own client of the data channel beside the official plugin, both behind its command line, against one rig."""

import asyncio
import hashlib
import os
import select
import socket
import struct
import subprocess
import time
from statistics import median

from tests.bench.beside import OURS, clients, heading, line, measured
from tests.bench.far import Far
from tests.bench.measure import Used
from tests.bench.rig.control import ROOT, Rig
from tests.carried import environment, words

MB = 1_000_000
OLD_AGENT = "2.3.1644.0"
FORWARD, STREAM = "AWS-StartPortForwardingSession", "AWS-StartSSHSession"
PATIENCE = 120
PINGS = 200
CONNECTIONS = 5000
AT_ONCE = 256
RESTS = 10  # seconds


def table():
    """The lines of the table: medians of one run, and how many times the plugin's they are."""
    commands = clients()
    yield from heading(commands)
    with Rig() as rig, Rig("--agent-version", OLD_AGENT) as old, Far() as far:
        rows = {
            "exec to ready, ms": lambda command, _: ready(command, rig, far),
            "upload mux, MB/s": lambda command, quick: upload(command, rig, far, 100 if quick else 4),
            "upload basic, MB/s": lambda command, quick: upload(command, old, far, 100 if quick else 4),
            "upload ssh stream, MB/s": lambda command, quick: stream_up(command, rig, far, 100 if quick else 4),
            "download mux, MB/s": lambda command, _: download(command, rig, far, 200),
            "download basic, MB/s": lambda command, _: download(command, old, far, 200),
            "download ssh stream, MB/s": lambda command, _: stream_down(command, rig, far, 200),
            "CPU of a download, s/MB": lambda command, _: cpu_of_download(command, rig, far, 200),
            "ping every 10 ms, ms": lambda command, _: ping(command, rig, far, 0.01),
            "ping back to back, ms": lambda command, _: ping(command, rig, far, 0.0),
            "resume to working echo, ms": lambda command, _: resume(command, rig, far),
            f"{CONNECTIONS} connections echoed twice, s": lambda command, _: connections(command, rig, far),
        }
        yield from measured(rows, commands)
        size = 200
        peak = {
            client: memory(command, rig, far, size if client == OURS else 8) for client, command in commands.items()
        }
        yield line(f"peak memory, {size} MB up (plugin: 8), a reader that rests {RESTS} s, MB", peak)


class Client(Used):
    """A process of a client that carries a session of this document."""

    def __init__(self, command, rig, document, port):
        self.rig = rig
        local = free_port()
        parameters = {"portNumber": port}
        if document == FORWARD:
            parameters["localPortNumber"] = local
        request, answer = rig.start(document, **parameters)
        self.session = answer["SessionId"]
        started = time.perf_counter()
        self.process = subprocess.Popen(
            [*command, *words(request, rig.endpoint)],
            cwd=ROOT,
            env=environment(answer),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        if document == FORWARD:
            self.until(b"opened for sessionId")
            self.port = local
        self.ready = time.perf_counter() - started

    def until(self, needle):
        """Read its output until this is in it."""
        said = b""
        while needle not in said:
            readable, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
            data = os.read(self.process.stdout.fileno(), 1 << 16) if readable else b""
            if not data:
                raise RuntimeError(f"{needle!r} is not in {said!r}")
            said += data
        return said.partition(needle)[2]

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def ready(command, rig, far):
    with Client(command, rig, FORWARD, far.port) as client:
        return client.ready * 1000


def settled():
    """The plugin drops what comes while it sets up its mux, and hangs then."""
    time.sleep(0.3)


def upload(command, rig, far, size):
    with Client(command, rig, FORWARD, far.port) as client:
        settled()
        with client.connect() as connection:
            block, digest = os.urandom(MB), hashlib.sha256()
            for _ in range(size):
                digest.update(block)
            started = time.perf_counter()
            connection.sendall(b"U" + struct.pack(">Q", size * MB))
            for _ in range(size):
                connection.sendall(block)
            assert connection.recv(32, socket.MSG_WAITALL) == digest.digest()
            return size / (time.perf_counter() - started)


def download(command, rig, far, size):
    with Client(command, rig, FORWARD, far.port) as client:
        settled()
        with client.connect() as connection:
            return size / received(connection, size)


def received(connection, size):
    """Seconds until so many MB have come."""
    started = time.perf_counter()
    connection.sendall(b"D" + struct.pack(">Q", size * MB))
    left, buffer = size * MB, bytearray(MB)
    while left:
        count = connection.recv_into(buffer)
        assert count, "it ended early"
        left -= count
    return time.perf_counter() - started


def cpu_of_download(command, rig, far, size):
    with Client(command, rig, FORWARD, far.port) as client:
        settled()
        with client.connect() as connection:
            before = client.cpu
            received(connection, size)
            return (client.cpu - before) / size


def stream_up(command, rig, far, size):
    with Client(command, rig, STREAM, far.port) as client:
        time.sleep(1)
        block, digest = os.urandom(MB), hashlib.sha256()
        for _ in range(size):
            digest.update(block)
        started = time.perf_counter()
        write(client, b"U" + struct.pack(">Q", size * MB))
        for _ in range(size):
            write(client, block)
        client.until(digest.digest())
        return size / (time.perf_counter() - started)


def write(client, data):
    """The whole of it: a pipe takes what it can."""
    left = memoryview(data)
    while left:
        left = left[client.process.stdin.write(left) :]


def stream_down(command, rig, far, size):
    with Client(command, rig, STREAM, far.port) as client:
        time.sleep(1)
        started = time.perf_counter()
        write(client, b"D" + struct.pack(">Q", size * MB))
        left = size * MB
        while left > 0:  # the plugin's own words are a few bytes more
            left -= len(os.read(client.process.stdout.fileno(), 1 << 18))
        return size / (time.perf_counter() - started)


def ping(command, rig, far, pause):
    with Client(command, rig, FORWARD, far.port) as client:
        settled()
        with client.connect() as connection:
            connection.sendall(b"E")
            times = []
            for number in range(PINGS):
                started = time.perf_counter()
                connection.sendall(b"ping%04d" % number)
                assert len(connection.recv(8, socket.MSG_WAITALL)) == 8
                times.append(time.perf_counter() - started)
                time.sleep(pause)
            return median(times) * 1000


def resume(command, rig, far):
    with Client(command, rig, FORWARD, far.port) as client:
        settled()
        with client.connect() as connection:
            connection.sendall(b"E.")
            assert connection.recv(1) == b"."
            time.sleep(0.5)
            started = time.perf_counter()
            rig.order(client.session, "drop")
            connection.sendall(b"!")
            assert connection.recv(1) == b"!"
            return (time.perf_counter() - started) * 1000


def connections(command, rig, far):
    with Client(command, rig, FORWARD, far.port) as client:
        settled()
        return asyncio.run(_connections(client.port))


async def _connections(port):
    gate, started, open_ones = asyncio.Semaphore(AT_ONCE), time.perf_counter(), []

    async def echoed(reader, writer, said):
        writer.write(said)
        assert await asyncio.wait_for(reader.readexactly(len(said)), PATIENCE) == said

    async def one(number):
        async with gate:
            reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), PATIENCE)
            writer.write(b"E")
            await echoed(reader, writer, b"connection %053d" % number)
        open_ones.append((reader, writer, number))

    await asyncio.gather(*(one(number) for number in range(CONNECTIONS)))
    await asyncio.gather(*(echoed(reader, writer, b"again %d" % number) for reader, writer, number in open_ones))
    seconds = time.perf_counter() - started
    for _, writer, _ in open_ones:
        writer.close()
    return seconds


def memory(command, rig, far, size):
    with Client(command, rig, FORWARD, far.port) as client:
        settled()
        with client.connect() as connection:
            block, digest = os.urandom(MB), hashlib.sha256()
            connection.sendall(b"P" + struct.pack(">QB", size * MB, RESTS))
            for _ in range(size):
                digest.update(block)
                connection.sendall(block)
            assert connection.recv(32, socket.MSG_WAITALL) == digest.digest()
            return client.peak
