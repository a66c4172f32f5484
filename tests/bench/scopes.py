"""Nodes of 20 regions, and of 20 regions of 10 profiles of which two do not answer.

Whole processes. AWS is `account.py`, 150 ms away. Endpoints that are dead take connections and never say a word.
"""

import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.bench.account import Account
from tests.bench.measure import RUNS, aws_command, interleaved, lines, whole
from tests.bench.names import PASS, PYTHON, ssmx
from tests.bench.rendered import REGIONS
from tests.conftest import ROOT

NODES = 20  # of each region
LATENCY = 0.15
LIMIT = 3  # seconds a call may take, where some never end
PROFILES = [f"team-{each}" for each in range(10)]
DEAD = PROFILES[3:5]
KEYS = "aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = example\nregion = eu-west-1\n"


def table():
    """The lines of the tables."""
    with tempfile.TemporaryDirectory() as home, Account(NODES, latency=LATENCY) as account:
        base = {"PATH": os.environ["PATH"], "HOME": home, "PYTHONPATH": str(ROOT), "TERM": "xterm"}
        base |= {"XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": f"{home}/cache"}
        yield from _regions(account.env(base), Path(home))
        yield ""
        with socket.create_server(("127.0.0.1", 0), backlog=1024) as dead:  # the kernel takes connections for it
            yield from _profiles(account, f"http://127.0.0.1:{dead.getsockname()[1]}", base, Path(home))


def _says(home, text):
    path = home / "ssmx" / "config.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


def _regions(env, home):
    _says(home, f"[scopes]\nregions = {[*REGIONS]}\n")
    rows = {
        PASS: whole(PYTHON, env),
        "ssmx ls, 1 region": whole(ssmx("ls"), env),
        "ssmx ls -A, 20 regions": whole(ssmx("ls", "-A"), env),
        "ssmx resolve -A NAME, 20 regions": whole(ssmx("resolve", "-A", "payments-api-0007", "--any"), env),
        "ssmx index refresh --all, 20 regions": whole(ssmx("index", "refresh", "--all"), env),
    }
    listed = subprocess.run(ssmx("ls", "-A", "-o", "tsv"), env=env, capture_output=True, text=True, check=True)
    assert len(listed.stdout.splitlines()) == NODES * len(REGIONS), "not every region was listed"
    times = interleaved(rows, RUNS)
    if aws := aws_command():
        words = [aws, "ec2", "describe-instances", "--output", "text", "--region"]
        start = time.monotonic()
        for region in REGIONS:
            subprocess.run([*words, region], env=env, capture_output=True, check=True)
        times["aws ec2 describe-instances, 20 regions one by one, once"] = [time.monotonic() - start]
    yield from lines(times, against="ssmx ls, 1 region")
    yield f"20 regions at 150 ms a call: {median(times['ssmx ls -A, 20 regions']):.2f} s of 0.8 s"


def _profiles(account, dead, base, home):
    config = home / "aws"
    config.write_text(
        "".join(
            f"[profile {each}]\nendpoint_url = {dead if each in DEAD else account.endpoint}\n{KEYS}"
            for each in PROFILES
        )
    )
    env = {**account.env(base), "AWS_CONFIG_FILE": str(config), "SSMX_SCOPE_TIMEOUT": str(LIMIT)}
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        del env[name]
    _says(home, f"[scopes]\nprofiles = {PROFILES}\nregions = {[*REGIONS]}\n")
    seconds, first, last = [], [], []
    for _ in range(max(3, RUNS // 4)):
        start = time.monotonic()
        with subprocess.Popen(ssmx("ls", "-A", "-o", "tsv"), env=env, stdout=-1, stderr=-1, text=True) as process:
            came = [time.monotonic() - start for _ in process.stdout]
            said = process.stderr.read().splitlines()
        seconds.append(time.monotonic() - start)
        first.append(came[0])
        last.append(came[-1])
        assert process.returncode == 1, said
        assert len(came) == NODES * len(REGIONS) * (len(PROFILES) - len(DEAD)), "not every living scope was shown"
        assert len([each for each in said if f"no answer in {LIMIT} s" in each]) == len(REGIONS) * len(DEAD), said
    found = {"the first row": first, "the last row of those that answer": last, "its end": seconds}
    yield f"ssmx ls -A, 20 regions of 10 profiles, two of them dead, of {LIMIT} s a call:"
    yield from lines(found, against="the first row")
    yield f"it ends {median(seconds) - LIMIT:.2f} s after the limit"
