"""ssmx logs: what a background tunnel has said, now, before, and from now on."""

import os
import re
import signal
import subprocess
import sys

import pytest

from tests.cli.running import folder, kept
from tests.waiting import until

BEGUN = r"\d{4}-\d\d-\d\dT[0-9:.]+\+00:00 goes on in the background"


@pytest.fixture
def following(env):
    """Start `ssmx logs … -f`; it is killed where the test has not ended it."""
    started = []

    def start(*words):
        child = subprocess.Popen(
            [sys.executable, "-m", "ssmx", "logs", *words, "-f"],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.kill()
        child.wait()
        child.stdout.close()
        child.stderr.close()


def test_the_log_of_a_tunnel_is_printed_while_it_runs_and_afterwards(ssmx, background):
    background("payments-api", "0:7", "--name", "echo")
    assert re.fullmatch(f"{BEGUN}\n", ssmx("logs", "echo").out)
    ssmx("stop", "echo")
    result = ssmx("logs", "echo")
    assert result.status == 0
    assert re.fullmatch(f"{BEGUN}\n.* ended with status 143\n", result.out)
    background("payments-api", "0:7", "--name", "echo")
    assert re.fullmatch(f"{BEGUN}\n", ssmx("logs", "echo").out), "only the last run is printed"


def test_json_gives_an_object_for_each_line(ssmx, background):
    background("payments-api", "0:7", "--name", "echo")
    line = ssmx("logs", "echo", "-o", "json").json
    assert set(line) == {"at", "text"}
    assert line["text"] == "goes on in the background"


def test_a_name_without_tunnel_and_log_is_an_error_with_an_offer(ssmx, background):
    background("payments-api", "0:7", "--name", "echo")
    ssmx("stop", "echo")
    result = ssmx("logs", "eccho")
    assert result.status == 68
    assert result.err.startswith("ssmx: no tunnel called eccho runs or has left a log: did you mean echo?\n")


def test_a_tunnel_in_the_foreground_says_where_its_log_is(ssmx, env, scratch):
    with kept(env, scratch / "s", {"name": "echo", "state": "ready"}) as child:
        result = ssmx("logs", "echo")
    assert (result.status, result.out) == (0, "")
    assert result.err == f"ssmx: echo has no log: what it says is on its terminal (pid {child.pid})\n"


def test_following_ends_when_the_tunnel_has_ended(ssmx, background, following):
    background("payments-api", "0:7", "--name", "echo")
    child = following("echo")
    assert re.match(BEGUN, child.stdout.readline())
    ssmx("stop", "echo")
    assert child.wait(10) == 0
    assert child.stdout.read().endswith("ended with status 143\n")


def test_following_ends_with_ctrl_c(background, following):
    background("payments-api", "0:7", "--name", "echo")
    child = following("echo", "-o", "json")
    assert '"at"' in child.stdout.readline()
    child.send_signal(signal.SIGINT)
    assert child.wait(10) == 130


def test_following_goes_on_where_the_log_is_put_away_and_begun_anew(env, scratch, following):
    folder(env).mkdir(parents=True)
    log = folder(env) / "orders.log"
    at = "2026-11-28T00:00:00.000+00:00"
    log.write_text(f"{at} first\n")
    with kept(env, scratch / "s", {"name": "orders", "state": "ready"}, log=str(log)) as keeper:
        child = following("orders")
        assert child.stdout.readline() == f"{at} first\n"
        with log.open("a") as file:
            file.write(f"{at} half")
            file.flush()
            file.write(" a line\n")
        log.rename(log.with_suffix(".log.1"))
        log.write_text(f"{at} anew\n")
        assert child.stdout.readline() == f"{at} half a line\n"
        assert child.stdout.readline() == f"{at} anew\n"
        os.truncate(log, 0)
        until(lambda: log.stat().st_size == 0, seconds=20)
        keeper.kill()
        keeper.wait()
        assert child.wait(10) == 0


def test_of_a_teams_log_the_lines_of_the_other_tunnels_are_left_out(ssmx, env, scratch):
    folder(env).mkdir(parents=True)
    log = folder(env) / "team.log"
    at = "2026-11-28T00:00:00.000+00:00"
    lines = [
        f"{at} reads /team/ssmx.toml",
        f"{at} orders: localhost:15432 leads to orders",
        f"{at} sessions: localhost:16379 leads to sessions",
        "a line that goes on what is said of sessions",
        f"{at} orders-2: another",
        "  goes on",
    ]
    log.write_text("".join(f"{line}\n" for line in lines))
    tunnels = [{"name": name, "state": "ready"} for name in ("orders", "sessions")]
    with kept(env, scratch / "s", *tunnels, log=str(log), file="/team/ssmx.toml"):
        assert ssmx("logs", "orders").out.splitlines() == [*lines[:2], *lines[4:]]
        assert ssmx("logs", "sessions").out.splitlines() == [lines[0], *lines[2:]]


def test_what_a_log_holds_does_not_steer_the_terminal(ssmx, env, scratch):
    folder(env).mkdir(parents=True)
    log = folder(env) / "orders.log"
    log.write_bytes(b"\x1b[2Jhello \xff\n")
    with kept(env, scratch / "s", {"name": "orders", "state": "ready"}, log=str(log)):
        assert ssmx("logs", "orders").out == "\\x1b[2Jhello \N{REPLACEMENT CHARACTER}\n"
