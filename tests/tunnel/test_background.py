"""--background: it returns when the tunnel is ready, or fails with the reason; then the terminal is not needed."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from ssmx.process import birth
from tests.tunnel.conftest import connect, echoed


@pytest.fixture
def written(home):
    """What the processes that keep tunnels have written down; they are ended afterwards."""

    def read():
        return [json.loads(each.read_text()) for each in (home / ".local/state/ssmx/tunnels").glob("*.json")]

    yield read
    for each in read():
        ended(each)


def ended(keeper, number=signal.SIGTERM):
    with suppress(ProcessLookupError):
        if birth(keeper["pid"]) == keeper["birth"]:
            os.kill(keeper["pid"], number)
    deadline = time.monotonic() + 15
    while birth(keeper["pid"]) == keeper["birth"]:
        assert time.monotonic() < deadline, "it does not end"
        time.sleep(0.02)


def test_it_is_ready_when_the_command_returns_and_stays(ssmx, written, levers, none_open):
    result = ssmx("forward", "payments-api", "0:7", "--background", "-o", "json")
    assert result.status == 0, result.err
    body = result.json
    assert body["name"] == "payments-api"
    with connect(body["places"][0]["port"]) as connection:
        assert echoed(connection)
    [keeper] = written()
    assert (keeper["pid"], keeper["tunnels"][0]["name"]) == (body["pid"], "payments-api")
    assert f"payments-api goes on in the background (pid {body['pid']}): `ssmx stop payments-api`" in result.err
    assert os.getsid(body["pid"]) == body["pid"]
    assert len(levers.open_sessions()) == 1
    ended(keeper)
    assert levers.open_sessions() == []
    assert written() == []
    with pytest.raises(ConnectionRefusedError):
        connect(body["places"][0]["port"])


def test_it_keeps_nothing_open_of_who_started_it(env, written, tmp_path):
    """Whoever reads a pipe to its end, or waits for a lock, does not wait for the tunnel."""
    reads, writes = os.pipe()
    words = [sys.executable, "-m", "ssmx", "forward", "payments-api", "0:7", "--background"]
    subprocess.run(words, env=env, pass_fds=[writes], check=True, stdin=subprocess.DEVNULL)
    os.close(writes)
    os.set_blocking(reads, False)
    assert os.read(reads, 1) == b""  # BlockingIOError where somebody could still write
    os.close(reads)
    assert len(written()) == 1


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["tunnel", "rds", "orders", "--reader"], "orders-reader"),
        (["tunnel", "rds/orders", "--endpoint", "analytics"], "orders-analytics"),
        (["db", "rds/payments-prod"], "payments-prod"),
    ],
)
def test_its_name_is_the_one_that_is_told(ssmx, written, words, name):
    result = ssmx(*words, "--via", "bastion-prod", "--background", "-o", "json")
    assert result.status == 0, result.err
    assert result.json["name"] == name
    assert [each["tunnels"][0]["name"] for each in written()] == [name]
    assert written()[0]["log"].endswith(f"/{name}.log")
    assert ssmx("stop", name).status == 0


def test_a_reason_against_it_is_the_commands_own_error(ssmx, written, levers, none_open):
    levers.fault("StartSession", "AccessDeniedException", "not you")
    result = ssmx("tunnel", "rds", "payments-prod", "--via", "bastion-prod", "--background")
    assert result.status == 77
    assert result.err.splitlines()[-2].startswith("ssmx: ")
    assert ssmx("forward", "nobody-has-this-name", "0:7", "--background").status == 68
    assert written() == []


def test_a_name_is_given_once(ssmx, written):
    assert ssmx("forward", "payments-api", "0:7", "--background", "--name", "echo").status == 0
    result = ssmx("forward", "payments-api", "0:9", "--background", "--name", "echo")
    assert result.status == 73
    assert "a tunnel called echo is up already (pid" in result.err
    assert ssmx("forward", "payments-api", "0:9", "--background").status == 0
    assert sorted(each["tunnels"][0]["name"] for each in written()) == ["echo", "payments-api"]


@pytest.mark.parametrize("more", [["--events", "json"], ["--", "true"]])
def test_what_needs_the_foreground_is_a_usage_error(ssmx, more):
    result = ssmx("forward", "payments-api", "0:7", "--background", *more)
    assert result.status == 2
    assert "and --background at once" in result.err


def test_its_pipes_are_let_go(env, written):
    """A script that reads its output to the end does not wait for the tunnel's."""
    words = [sys.executable, "-m", "ssmx", "forward", "payments-api", "0:7", "--background"]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == ""
    assert len(written()) == 1


def test_ctrl_c_before_it_is_ready_ends_it(env, levers, written, none_open):
    before = len(levers.sessions())
    levers.fault("StartSession", "", delay=3.0)
    words = [sys.executable, "-m", "ssmx", "forward", "payments-api", "0:7", "--background"]
    with subprocess.Popen(words, env=env, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        while not levers.asked("StartSession"):
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=20)[1]
    assert process.returncode == 130, said
    assert "may have been started" not in said  # one Ctrl-C is one, though the whole group has it
    assert len(levers.sessions()) == before + 1
    assert levers.open_sessions() == []
    assert written() == []


def test_a_state_that_cannot_be_written_is_the_error(ssmx, home, none_open):
    state = home / ".local/state/ssmx"
    state.mkdir(parents=True)
    (state / "tunnels").write_text("a file")
    result = ssmx("forward", "payments-api", "0:7", "--background")
    assert result.status == 73
    assert "cannot make" in result.err
    # Who only wants a port for now has it.
    assert ssmx("forward", "payments-api", "0:7", "--", "true").status == 0


def test_a_foreground_tunnel_is_known_as_well(tunnel, written):
    running = tunnel("forward", "payments-api", "0:7")
    running.ready()
    [keeper] = written()
    assert keeper["tunnels"][0]["declared"]["target"] == "payments-api"
    assert keeper["log"] == ""
    assert running.stop() == 130
    assert written() == []


def test_what_happens_to_it_is_in_its_log(ssmx, written, home, levers):
    body = ssmx("forward", "payments-api", "0:7", "--background", "-o", "json").json
    with connect(body["places"][0]["port"]) as connection:
        assert echoed(connection)
        [session] = [each["id"] for each in levers.open_sessions()]
        levers("POST", f"session/{session}/close?output=Session+ended+by+an+administrator")
        with suppress(ConnectionError, socket.timeout):
            connection.recv(1)
    log = home / ".local/state/ssmx/tunnels/logs/payments-api.log"
    deadline = time.monotonic() + 15
    while "connected again" not in log.read_text():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
    ended(written()[0])
    lines = log.read_text().splitlines()
    assert "goes on in the background" in lines[0]
    assert "Session ended by an administrator" in log.read_text()
    assert lines[-1].endswith("ended with status 143")
    assert all(each[:4].isdecimal() and each[10] == "T" for each in lines)


NO_SOCKETS = """
import asyncio, errno

async def refuse(*_, **__):
    raise OSError(errno.EOPNOTSUPP, "Operation not supported")

asyncio.start_unix_server = refuse
"""


def test_where_the_home_holds_no_sockets_it_is_a_tunnel_all_the_same(env, tmp_path):
    """As a home on some network file systems: nobody can ask it, and that is all."""
    (tmp_path / "sitecustomize.py").write_text(NO_SOCKETS)
    words = [sys.executable, "-m", "ssmx", "forward", "payments-api", "0:7", "--", "echo", "{port}"]
    env = {**env, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout)
    assert "cannot listen on /" in done.stderr
