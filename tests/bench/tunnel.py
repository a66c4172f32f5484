"""`ssmx forward` and `ssmx tunnel rds` beside `aws ssm start-session` and its plugin; AWS is the sandbox."""

import hashlib
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

from ssmx.sandbox import control, far
from tests.bench.far import Far
from tests.bench.measure import aws_command
from tests.conftest import ROOT

RUNS = int(os.environ.get("RUNS", "5"))
MB = 1_000_000
PORT = 7000
PATIENCE = 120
CONNECTIONS = 500
OURS, THEIRS = "ssmx", "aws"
SSMX = [sys.executable, "-m", "ssmx"]
IDENTIFIER = "payments-prod"


def table():
    """The lines of the table: medians of one run, and how many times those of aws and its plugin they are."""
    with tempfile.TemporaryDirectory(prefix="b-", dir="/tmp") as home:
        folder = Path(home) / "sandbox"
        running = control.up(folder, idle_minutes=30)
        try:
            yield from _table(Path(home), running)
        finally:
            control.down(folder)


def _table(home, running):
    aws = {name: value for name, value in control.environment(running).items() if value is not None}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SSMX_"))}
    env = {**kept, **aws, "HOME": str(home), "PYTHONPATH": str(ROOT)}
    node = json.loads(_answer([*SSMX, "resolve", "payments-api", "-o", "json"], env))["id"]
    path = far.place(home / "sandbox", node, PORT)
    path.parent.mkdir(parents=True, exist_ok=True)
    clients = {OURS: [*SSMX, "forward", "payments-api", f"0:{PORT}", "--events", "json"]}
    command = aws_command()
    if command and shutil.which("session-manager-plugin"):
        parameters = json.dumps({"portNumber": [str(PORT)]})
        document = ["--document-name", "AWS-StartPortForwardingSession"]
        clients[THEIRS] = [command, "ssm", "start-session", "--target", node, *document, "--parameters", parameters]
    yield f"| what | {' | '.join(clients)} | ssmx / aws |"
    yield f"|---|{'---:|' * len(clients)}---:|"
    with Far(path):
        rows = {
            "exec to ready, ms": lambda client: client.ready * 1000,
            "upload, MB/s": lambda client: upload(client, 100 if client.name == OURS else 4),
            "download, MB/s": lambda client: download(client, 100),
            f"{CONNECTIONS} connections echoed, s": connections,
            "memory after that, MB": lambda client: client.memory,
        }
        found = {row: {name: [] for name in clients} for row in rows}
        for _ in range(RUNS):
            for name, words in clients.items():
                with Client(name, words, env) as client:
                    for row, measure in rows.items():
                        found[row][name].append(measure(client))
        for row, values in found.items():
            yield _line(row, {name: median(each) for name, each in values.items()})
    yield from _first_row(env, command, THEIRS in clients)


def _first_row(env, command, beside):
    """From exec to the end of a client that has read one row, signed in by a token of IAM."""
    client = [sys.executable, "-c", _QUERY]
    ours = [*SSMX, "-q", "tunnel", "rds", IDENTIFIER, "--iam-user", "ravi", "--", *client]
    found = {OURS: []} | ({THEIRS: []} if beside else {})
    for turn in range(RUNS + 1):
        for name in found:
            started = time.perf_counter()
            if name == OURS:
                assert _answer(ours, env) == "1\n"
            else:
                _recipe(command, client, env)
            if turn:  # the first starts the database
                found[name].append((time.perf_counter() - started) * 1000)
    yield _line(
        "tunnel rds, exec to the end of a client that read a row, ms", {n: median(v) for n, v in found.items()}
    )


_QUERY = "import psycopg; print(*psycopg.connect(connect_timeout=30).execute('select 1').fetchone())"


def _recipe(command, client, env):
    """What people have in their scripts: three calls, a token, and a tunnel."""
    endpoint = json.loads(
        _answer([command, "rds", "describe-db-instances", "--db-instance-identifier", IDENTIFIER], env)
    )["DBInstances"][0]["Endpoint"]
    named = ["--filters", "Name=tag:Name,Values=bastion-prod", "Name=instance-state-name,Values=running"]
    answer = json.loads(_answer([command, "ec2", "describe-instances", *named], env))
    node = answer["Reservations"][0]["Instances"][0]["InstanceId"]
    host, port = endpoint["Address"], str(endpoint["Port"])
    wanted = ["--hostname", host, "--port", port, "--username", "ravi"]
    token = _answer([command, "rds", "generate-db-auth-token", *wanted], env).strip()
    document = ["--document-name", "AWS-StartPortForwardingSessionToRemoteHost"]
    parameters = json.dumps({"portNumber": [port], "host": [host]})
    words = [command, "ssm", "start-session", "--target", node, *document, "--parameters", parameters]
    with Client(THEIRS, words, env) as tunnel:
        settled()
        variables = {
            "PGHOST": host,
            "PGHOSTADDR": "127.0.0.1",
            "PGPORT": str(tunnel.port),
            "PGUSER": "ravi",
            "PGPASSWORD": token,
            "PGDATABASE": "payments",
            "PGSSLMODE": "verify-full",
            "PGSSLROOTCERT": env["SSMX_CA_BUNDLE"],
        }
        assert _answer(client, {**env, **variables}) == "1\n"


class Client:
    """A process that carries a port."""

    def __init__(self, name, words, env):
        self.name = name
        started = time.perf_counter()
        self.process = subprocess.Popen(
            words,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for line in self.process.stdout:
            if name == OURS and b'"ready"' in line:
                self.port = json.loads(line)["local_port"]
                break
            if b" opened for sessionId" in line:
                self.port = int(line.split()[1])
                break
        self.ready = time.perf_counter() - started
        if name == THEIRS:
            settled()

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    @property
    def memory(self):
        """MB of the whole process group."""
        group = os.getpgid(self.process.pid)
        kib = 0
        for each in Path("/proc").iterdir():
            if each.name.isdecimal():
                try:
                    if os.getpgid(int(each.name)) == group:
                        status = (each / "status").read_text()
                        kib += int(status.partition("VmRSS:")[2].split()[0])
                except (OSError, IndexError, ValueError):
                    continue
        return kib / 1024

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for number in (2, 15, 9):
            try:
                os.killpg(self.process.pid, number)
                self.process.wait(5)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
            break
        self.process.wait()
        self.process.stdout.close()


def settled():
    """The plugin drops what comes while it sets up its mux, and hangs then."""
    time.sleep(0.3)


def upload(client, size):
    block, digest = os.urandom(MB), hashlib.sha256()
    for _ in range(size):
        digest.update(block)
    with client.connect() as connection:
        started = time.perf_counter()
        connection.sendall(b"U" + struct.pack(">Q", size * MB))
        for _ in range(size):
            connection.sendall(block)
        assert connection.recv(32, socket.MSG_WAITALL) == digest.digest()
        return size / (time.perf_counter() - started)


def download(client, size):
    with client.connect() as connection:
        started, left = time.perf_counter(), size * MB
        connection.sendall(b"D" + struct.pack(">Q", left))
        while left:
            data = connection.recv(min(left, 1 << 18))
            assert data
            left -= len(data)
        return size / (time.perf_counter() - started)


def connections(client):
    """So many at once, each of which has to get back what it says."""

    def one():
        with client.connect() as connection:
            connection.sendall(b"Ehello")
            assert connection.recv(5, socket.MSG_WAITALL) == b"hello"
            done.append(1)

    done = []
    started = time.perf_counter()
    threads = [threading.Thread(target=one) for _ in range(CONNECTIONS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(done) == CONNECTIONS
    return time.perf_counter() - started


def _answer(words, env):
    done = subprocess.run(words, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{words}: {done.stderr}")
    return done.stdout


def _line(row, values):
    ours, theirs = values[OURS], values.get(THEIRS)
    shown = " | ".join(f"{value:.3g}" for value in values.values())
    return f"| {row} | {shown} | {f'{ours / theirs:.2f}' if theirs else ''} |"
