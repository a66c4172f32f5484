"""Names at once: one name looked up and all of them listed, and completed in a shell, at 200 and at 10 000 nodes.

Whole processes, but for what the shells do, which each measures itself. AWS is `account.py`.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from tests.bench import completing
from tests.bench.account import Account
from tests.bench.measure import RUNS, interleaved, lines, whole
from tests.bench.rendered import NAME
from tests.conftest import ROOT

FEW, MANY = 200, 10_000
TURNS = 20  # of what takes no longer than a start of Python
PYTHON = [sys.executable, "-c", "pass"]
PASS = "python -c pass"


def ssmx(*words):
    """The command as it is installed beside this Python; `-m` costs some milliseconds more."""
    script = Path(sys.executable).with_name("ssmx")
    return [str(script), *words] if script.exists() else [sys.executable, "-m", "ssmx", *words]


def table():
    """The lines of the tables."""
    with tempfile.TemporaryDirectory() as home, Account(FEW) as few, Account(MANY) as many:
        base = {"PATH": os.environ["PATH"], "HOME": home, "PYTHONPATH": str(ROOT), "TERM": "xterm"}
        yield from _look_up(few.env(base), many.env(base), {FEW: few, MANY: many})
        yield ""
        yield from _listing(many.env(base), many)
    yield ""
    yield from completing.table(TURNS)
    yield ""
    yield from _python()


def _look_up(few, many, accounts):
    """One name, of a small account and of a large one."""
    size = {FEW: few, MANY: many}
    called = {}
    for number, account in accounts.items():
        subprocess.run(ssmx("resolve", NAME), env=size[number], capture_output=True, check=True)
        called[number] = ", ".join(f"{times} {operation}" for operation, times in sorted(account.calls().items()))
    rows = {PASS: whole(PYTHON, few)}
    rows |= {f"ssmx resolve NAME of {number}": whole(ssmx("resolve", NAME), size[number]) for number in size}
    times = interleaved(rows, max(RUNS, 10))
    yield from lines(times, against=f"ssmx resolve NAME of {FEW}")
    yield from (f"of {number}: {calls}" for number, calls in called.items())


def _listing(env, account):
    """All names, from AWS and from the index."""
    rows = {PASS: whole(PYTHON, env)}
    live = f"ssmx ls of {MANY}, from AWS, once"
    times = {live: [whole(ssmx("ls"), env)()]}
    account.calls()
    refreshed = subprocess.run(ssmx("index", "refresh"), env=env, capture_output=True, text=True)
    asked = account.calls()
    if not refreshed.returncode:
        listed = subprocess.run(ssmx("ls", "--cached", "-o", "name"), env=env, capture_output=True, check=True)
        assert listed.stdout.count(b"\n") == MANY, "the index holds something else"
        for form in ("table", "name", "tsv", "csv", "json"):
            rows[f"ssmx ls --cached -o {form}"] = whole(ssmx("ls", "--cached", "-o", form), env)
        rows["ssmx ls --cached payments-api-004"] = whole(ssmx("ls", "--cached", "payments-api-004"), env)
    rows["ssmx ls --help"] = whole(ssmx("ls", "--help"), env)
    found = interleaved(rows, max(RUNS, 10))
    assert not account.calls(), "AWS was asked for what the index holds"
    yield from lines(found | times, against=PASS)
    if refreshed.returncode:
        yield f"there is no index: {refreshed.stderr.strip()}"
        return
    yield f"the refresh: {', '.join(f'{times} {operation}' for operation, times in sorted(asked.items()))}"
    slowest = median(found["ssmx ls --cached -o table"])
    yield f"ssmx ls --cached of {MANY}: {slowest:.2f} s of 0.3 s; of what AWS takes {slowest / times[live][0]:.3f}"


def _python():
    """What completion that needs ssmx costs: a start of Python and not much."""
    with tempfile.TemporaryDirectory() as home:
        config = Path(home, ".aws", "config")
        config.parent.mkdir()
        config.write_text("".join(f"[profile team-{each}]\nregion = eu-west-1\n" for each in range(50)))
        env = {"PATH": os.environ["PATH"], "HOME": home, "PYTHONPATH": str(ROOT)}
        command = ssmx("__complete", "profile")
        tried = subprocess.run(command, env=env, capture_output=True, text=True)
        if tried.returncode or "team-7" not in tried.stdout:
            yield f"ssmx __complete profile: {tried.stderr.strip() or 'does not list the profiles'}"
            return
        # As the scripts ask: pip's own script of a command begins with `import re`.
        entry = [sys.executable, "-P", "-c", "from ssmx.completing import run; run()", *command[-2:]]
        rows = {
            PASS: whole(PYTHON, env),
            "completion of a profile, as the shells ask for it": whole(entry, env),
            "ssmx __complete profile, typed": whole(command, env),
        }
        yield from lines(interleaved(rows, TURNS), against=PASS)
