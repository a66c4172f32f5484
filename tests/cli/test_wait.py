"""ssmx wait: it returns when tunnels are ready, whether they run already, come later, or never."""

import subprocess
import sys

from tests.cli.running import kept


def test_it_returns_where_all_are_ready(ssmx, background):
    told = background("payments-api", "0:7", "--name", "one")
    background("payments-api", "0:80", "--name", "two")
    result = ssmx("wait", "one", "two")
    assert (result.status, result.out) == (0, "")
    assert result.err.splitlines()[0] == f"ssmx: one is ready: localhost:{told['port']}"
    assert [each["name"] for each in ssmx("wait", "two", "one", "-o", "json").json] == ["two", "one"]


def test_a_tunnel_that_is_not_there_yet_is_waited_for_and_that_is_said_once(ssmx, background, env):
    waiting = subprocess.Popen(
        [sys.executable, "-m", "ssmx", "wait", "echo"], env=env, stderr=subprocess.PIPE, text=True
    )
    with waiting.stderr:
        assert waiting.stderr.readline() == "ssmx: echo: no tunnel of this name runs yet; waiting\n"
        background("payments-api", "0:7", "--name", "echo")
        assert waiting.wait(20) == 0
        assert waiting.stderr.read().startswith("ssmx: echo is ready: localhost:")


def test_one_that_does_not_come_is_try_later(ssmx):
    result = ssmx("wait", "echo", "--timeout", "0.5")
    assert result.status == 75
    assert "ssmx: echo is not ready after 0.5 s: no tunnel of this name runs\n" in result.err
    assert ssmx("wait", "echo", SSMX_WAIT_TIMEOUT="0").status == 75


def test_one_that_waits_for_a_sign_in_is_told_with_its_problem(ssmx, env, scratch):
    orders = {"name": "orders", "state": "paused", "problem": "the sign-in has expired"}
    with kept(env, scratch / "s", orders):
        result = ssmx("wait", "orders", "--timeout", "0.9")
        assert result.status == 75
        first, second, _ = result.err.splitlines()
        assert first == "ssmx: orders: paused: the sign-in has expired; waiting"
        assert second == "ssmx: orders is not ready after 0.9 s: it is paused: the sign-in has expired"


def test_one_that_opens_its_session_on_demand_is_ready_when_it_listens(ssmx, env, scratch):
    orders = {"name": "orders", "state": "idle"}
    with kept(env, scratch / "s", orders):
        assert ssmx("wait", "orders", "--timeout", "0").status == 75
    with kept(env, scratch / "s", {**orders, "host": "127.0.0.1", "port": 15432}):
        result = ssmx("wait", "orders", "--timeout", "0")
        assert (result.status, result.err) == (0, "ssmx: orders is idle: localhost:15432\n")
