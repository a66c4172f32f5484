"""ssmx stop: it returns when the tunnels are gone, and never signals another process than theirs."""

import json
import socket
import subprocess
import sys

import pytest

from ssmx.process import birth
from tests.cli.running import answering, process, write


def test_a_tunnel_that_is_stopped_is_gone_with_its_session(ssmx, background, levers, none_open, free_port):
    told = background("payments-api", f"{free_port}:7", "--name", "echo")
    assert len(levers.open_sessions()) == 1
    result = ssmx("stop", "echo")
    assert (result.status, result.out, result.err) == (0, "", "ssmx: echo has ended\n")
    assert not birth(told["pid"])
    assert levers.open_sessions() == []
    with socket.create_server(("127.0.0.1", free_port)):
        pass


def test_all_are_stopped_and_it_is_no_error_where_there_is_none(ssmx, background):
    background("payments-api", "0:7", "--name", "one")
    background("payments-api", "0:80", "--name", "two")
    assert ssmx("stop", "--all", "-o", "name").out == "one\ntwo\n"
    result = ssmx("stop", "--all")
    assert (result.status, result.err) == (0, "ssmx: no tunnel runs\n")


def test_a_name_that_does_not_run_ends_nothing(ssmx, background):
    background("payments-api", "0:7", "--name", "orders")
    result = ssmx("stop", "orders", "ordres")
    assert result.status == 68
    assert result.err.splitlines() == [
        "ssmx: no tunnel called ordres runs: did you mean orders?",
        "  try: `ssmx ps` lists those that run",
    ]
    assert ssmx("stop", "nothing", "-o", "json").status == 68
    assert json.loads(ssmx("stop", "nothing", "-o", "json").err)["error"] == "no-such-tunnel"
    assert ssmx("ps", "-o", "name").out == "orders\n"


@pytest.mark.parametrize("words", [[], ["echo", "--all"]])
def test_it_takes_names_or_all(ssmx, words):
    assert ssmx("stop", *words).status == 2


def test_the_ports_of_one_command_end_together_and_that_is_said(ssmx, background):
    pid = background("payments-api", "0:7", "0:80", "--name", "both")["pid"]
    result = ssmx("stop", "both:7", "-o", "json")
    assert result.json == [{"name": "both:7", "pid": pid}, {"name": "both:80", "pid": pid}]
    assert result.err.splitlines()[0] == f"ssmx: both:80 ends too: it is one process with both:7 (pid {pid})"
    assert ssmx("ps", "-o", "json").json == []


def test_a_process_that_has_the_pid_of_a_dead_one_is_not_touched(ssmx, env):
    with process("") as child:
        born = birth(child.pid)
        path = write(env, "orders", child.pid, birth=f"{born}0")
        assert ssmx("stop", "orders").status == 68
        assert not path.exists()
        write(env, "orders", child.pid, birth=f"{born}0")
        assert ssmx("stop", "--all").status == 0
        assert birth(child.pid) == born
        assert child.poll() is None


def test_a_process_that_was_stopped_with_ctrl_z_ends_as_well(ssmx, env):
    with process("import signal, os; signal.signal(signal.SIGTERM, lambda *_: os._exit(3))") as child:
        write(env, "orders", child.pid)
        child.send_signal(19)  # SIGSTOP
        assert ssmx("stop", "orders").status == 0
        assert child.wait(10) == 3


@pytest.mark.waits
def test_one_that_does_not_end_is_told_with_its_pid(ssmx, env):
    with process("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)") as child:
        path = write(env, "orders", child.pid)
        result = ssmx("stop", "orders")
        path.unlink()
        assert result.status == 75
        assert f"ssmx: orders (pid {child.pid}) has not ended in 15 seconds" in result.err
        assert child.poll() is None


def test_a_tunnel_of_a_teams_file_is_taken_down_and_the_others_stay(ssmx, env, scratch):
    kept = [{"name": name, "declared": {}} for name in ("orders", "sessions", "search")]
    heard, at = [], scratch / "s"

    def answer(request):
        heard.append(request)
        return {"tunnels": [{"name": "sessions", "state": "ready"}]}

    with process("") as child, answering(at, answer):
        path = write(env, "", child.pid, tunnels=kept, socket=str(at), file="/team/ssmx.toml")
        result = ssmx("stop", "orders", "search")
        assert result.status == 0, result.err
        assert heard == [{"do": "down", "names": ["orders", "search"]}]
        assert result.err.splitlines() == ["ssmx: orders has ended", "ssmx: search has ended"]
        assert child.poll() is None
        path.unlink()


def test_the_process_of_a_teams_file_that_does_not_answer_is_ended_where_all_of_it_is_to_end(ssmx, env, scratch):
    with process("") as child:
        write(env, "orders", child.pid, socket=str(scratch / "s"), file="/team/ssmx.toml")
        assert ssmx("stop", "--all").status == 0
        assert child.wait(10) == -15


TEAM = """
[tunnels.echo]
kind = "forward"
target = "payments-api"
remote = 7

[tunnels.page]
kind = "forward"
target = "payments-api"
remote = 80
"""


def test_tunnels_of_a_teams_file_are_looked_after_by_name_as_all_others(ssmx, team):
    assert team.says(TEAM).up().status == 0
    assert ssmx("wait", "echo", "page").err.startswith("ssmx: echo is idle: localhost:")
    rows = [line.split() for line in ssmx("ps").out.splitlines()[1:]]
    assert [row[0] for row in rows] == ["echo", "page"]
    assert {row[-1] for row in rows} == {str(team.file)}
    assert ssmx("status", "echo").status == 0
    said = ssmx("logs", "page").out
    assert " page: localhost:" in said
    assert " echo: " not in said
    result = ssmx("stop", "page")
    assert (result.status, result.err) == (0, "ssmx: page has ended\n")
    assert ssmx("ps", "-o", "name").out == "echo\n"
    assert ssmx("stop", "--all", "-o", "name").out == "echo\n"
    assert ssmx("ps", "-o", "json").json == []
    assert " page: down\n" in ssmx("logs", "page").out, "its log stays"


def test_a_tunnel_on_a_terminal_is_stopped_as_well(ssmx, env, none_open):
    child = subprocess.Popen(
        [sys.executable, "-m", "ssmx", "forward", "payments-api", "0:7", "--name", "front"],
        env=env,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert ssmx("wait", "front", "--timeout", "20").status == 0
        assert ssmx("logs", "front").err.endswith(f"is on its terminal (pid {child.pid})\n")
        assert ssmx("stop", "front").status == 0
        assert child.wait(5) == 143
    finally:
        child.kill()
        child.wait()
