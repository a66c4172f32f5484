"""What a user waits for before anything happens. Whole processes; AWS is `account.py` on loopback.

"To StartSession" is from exec to the moment at which it is answered, by http and by https. A client "that must look
the name up" asks DescribeInstances and then starts: what any client needs that keeps nothing, here by a script of
the standard library alone that signs nothing, so that no real one is faster.
"""

import json
import os
import pty
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from ssmx.sandbox.servers.authority import Authority
from tests.bench.account import Account
from tests.bench.measure import RUNS, aws_command, interleaved, lines, whole
from tests.bench.rendered import DATABASE, NAME, node_id
from tests.bench.rig.control import Rig
from tests.conftest import ROOT

FEW, MANY = 200, 10_000
LATENCY = 0.06
PYTHON, SSMX = [sys.executable], [sys.executable, "-m", "ssmx"]
CLICK = "python -c 'import click'"
AWS, RECIPE = "aws ssm start-session by id", "three calls of aws for a database"
LOOKING_UP = """
import http.client, json, os, ssl, sys
from urllib.parse import urlsplit
where = urlsplit(os.environ["AWS_ENDPOINT_URL"])
def connect():
    if where.scheme == "https":
        trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trusting.load_verify_locations(os.environ["AWS_CA_BUNDLE"])
        return http.client.HTTPSConnection(where.hostname, where.port, context=trusting)
    return http.client.HTTPConnection(where.hostname, where.port)
def ask(body, headers):
    connection = connect()  # of another service, at another host
    connection.request("POST", "/", body, headers)
    return connection.getresponse().read()
named = f"Action=DescribeInstances&Filter.1.Name=tag:Name&Filter.1.Value.1={sys.argv[1]}"
found = ask(named, {"Content-Type": "application/x-www-form-urlencoded"})
node = found.partition(b"<instanceId>")[2].partition(b"<")[0].decode()
ask(json.dumps({"Target": node}), {"X-Amz-Target": "AmazonSSM.StartSession"})
"""


def table():
    """The lines of the tables."""
    with tempfile.TemporaryDirectory() as home, ExitStack() as stack:
        bench = Bench(Path(home), stack)
        yield from _whole(bench)
        for scheme in ("http", "https"):
            yield ""
            yield from _started(bench, scheme)
        yield ""
        yield from _far(bench)
        yield ""
        yield from _sizes(bench)


class Bench:
    """The accounts, and what runs on them."""

    def __init__(self, home, stack):
        self.home, self.stack = home, stack
        self.rig = stack.enter_context(Rig())
        authority = Authority()
        self.pem = home / "server.pem"
        self.pem.write_text(_server(authority, home))
        self.ca = home / "ca.pem"
        # As many certificates as a real bundle has: to parse them is part of what TLS costs.
        self.ca.write_text(Path(_botocores_bundle()).read_text() + authority.pem)
        self.base = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TERM": "xterm"}

    def account(self, size, scheme="http", latency=0.0):
        """One more, and the environment of who uses it, who has a home, a cache and an index of his own."""
        pem = str(self.pem) if scheme == "https" else ""
        account = self.stack.enter_context(Account(size, pem=pem, latency=latency, rig=self.rig.endpoint))
        home = Path(tempfile.mkdtemp(dir=self.home))
        env = {**account.env(self.base), "HOME": str(home), "SSMX_INDEX_FRESH": "86400", "SSMX_INDEX_REFRESH": "0"}
        if pem:
            env["AWS_CA_BUNDLE"] = str(self.ca)
        for words in (["resolve", NAME], ["resolve", NAME], ["resolve", "payments-api-0001"]):
            subprocess.run([*SSMX, *words], env=env, capture_output=True, check=True)  # the index, and the models
        return account, env


def _server(authority, home):
    """A key and its certificate, in one PEM."""
    caught = []
    keep = sys.modules["ssmx.sandbox.servers.authority"]
    original = keep._load
    keep._load = lambda _context, pem, _folder: caught.append(pem)
    try:
        authority.server(["127.0.0.1"], folder=home)
    finally:
        keep._load = original
    return caught[0].decode() + authority.pem


def _botocores_bundle():
    import botocore.httpsession

    return botocore.httpsession.where()


def _whole(bench):
    env = {**bench.base, "HOME": str(bench.home)}
    rows = {
        "python -c pass": whole([*PYTHON, "-c", "pass"], env),
        CLICK: whole([*PYTHON, "-c", "import click"], env),
        "ssmx --version": whole([*SSMX, "--version"], env),
        "ssmx --help": whole([*SSMX, "--help"], env),
        "ssmx shell --help": whole([*SSMX, "shell", "--help"], env),
    }
    yield from lines(interleaved(rows, RUNS), against=CLICK)


def _started(bench, scheme):
    account, env = bench.account(FEW, scheme)
    live = {**env, "SSMX_INDEX_FRESH": "0"}
    rows = {
        f"{scheme}: shell NAME, from the index": to_start([*SSMX, "shell", NAME], env, account),
        f"{scheme}: shell NAME, looked up": to_start([*SSMX, "shell", NAME], live, account),
        f"{scheme}: run NAME, from the index": to_start([*SSMX, "run", NAME, "--", "true"], env, account),
    }
    against = f"{scheme}: shell NAME, from the index"
    if command := aws_command():
        against = f"{scheme}: {AWS}"
        rows[against] = to_start([command, "ssm", "start-session", "--target", node_id(NAME)], env, account)
    yield from lines(interleaved(rows, RUNS), against=against)
    yield ""
    rows = {f"{scheme}: tunnel rds NAME, to ready": to_ready(env, account)}
    against = f"{scheme}: tunnel rds NAME, to ready"
    if command:
        against = f"{scheme}: {RECIPE}"
        rows[against] = _recipe(command, env, account)
    yield from lines(interleaved(rows, max(3, RUNS // 2)), against=against)


def _far(bench):
    account, env = bench.account(FEW, latency=LATENCY)
    against = f"+{LATENCY * 1000:.0f} ms: whoever looks the name up"
    rows = {
        against: to_start([*PYTHON, "-c", LOOKING_UP, NAME], env, account),
        f"+{LATENCY * 1000:.0f} ms: shell NAME, from the index": to_start([*SSMX, "shell", NAME], env, account),
        f"+{LATENCY * 1000:.0f} ms: shell NAME, looked up": to_start(
            [*SSMX, "shell", NAME], {**env, "SSMX_INDEX_FRESH": "0"}, account
        ),
    }
    yield from lines(interleaved(rows, RUNS), against=against)


def _sizes(bench):
    rows = {}
    for size in (FEW, MANY):
        account, env = bench.account(size)
        subprocess.run([*SSMX, "index", "refresh"], env=env, capture_output=True, check=True)
        live = {**env, "SSMX_INDEX_FRESH": "0"}
        rows[f"{size} nodes: shell NAME, from the index"] = to_start([*SSMX, "shell", NAME], env, account)
        rows[f"{size} nodes: shell NAME, looked up"] = to_start([*SSMX, "shell", NAME], live, account)
    times = interleaved(rows, RUNS)
    yield from lines(times, against=next(iter(rows)))
    for what in ("from the index", "looked up"):
        few, many = (median(times[f"{size} nodes: shell NAME, {what}"]) for size in (FEW, MANY))
        yield f"{what}: {MANY} nodes take {many / few:.2f} of what {FEW} take"


def to_start(command, env, account):
    """From exec to the answer of StartSession; on a terminal of its own, and ended then."""

    def measure():
        _forget_pace(env)
        master, slave = pty.openpty()
        start = time.monotonic()
        process = subprocess.Popen(
            command, env=env, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
        )
        try:
            at = account.answered()
        finally:
            _end(process)
            os.close(master)
            os.close(slave)
        return at - start

    return measure


def to_ready(env, account):
    """From exec to the event that says that the port is ready."""

    def measure():
        _forget_pace(env)
        start = time.monotonic()
        process = subprocess.Popen(
            [*SSMX, "tunnel", "rds", DATABASE, "--events", "json"],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            ready = next((time.monotonic() for line in process.stdout if b'"ready"' in line), None)
            assert ready is not None, process.stderr.read().decode()
            account.answered()
        finally:
            _end(process)
        return ready - start

    return measure


def _recipe(command, env, account):
    """The calls of a script, to the answer of the last; what the plugin then needs is not counted."""

    def measure():
        start = time.monotonic()
        for words in (
            ["rds", "describe-db-instances", "--db-instance-identifier", DATABASE],
            ["ec2", "describe-instances", "--filters", f"Name=tag:Name,Values={NAME}"],
        ):
            subprocess.run([command, *words], env=env, stdin=subprocess.DEVNULL, capture_output=True, check=True)
        parameters = json.dumps({"portNumber": ["5432"], "host": ["db.example.com"]})
        document = ["--document-name", "AWS-StartPortForwardingSessionToRemoteHost", "--parameters", parameters]
        words = [command, "ssm", "start-session", "--target", node_id(NAME), *document]
        subprocess.run(words, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        return account.answered() - start

    return measure


def _end(process):
    process.terminate()
    try:
        process.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def _forget_pace(env):
    """An ssmx that has just started three sessions waits for its turn."""
    shutil.rmtree(Path(env["HOME"], ".local/state/ssmx/pace"), ignore_errors=True)
