"""ssmx status without a terminal: once, for people and programs; its exit status answers for names."""

import socket

import pytest

from tests.cli.running import kept, process, write

ORDERS = {
    "name": "orders",
    "state": "ready",
    "host": "127.0.0.1",
    "port": 15432,
    "endpoint": "orders.cluster:5432",
    "target": "i-0123456789abcdef0",
    "target_name": "bastion",
    "lanes": [{"state": "ready"}, {"state": "reconnecting"}],
    "connections": 3,
    "sent": 1500,
    "received": 2500000,
    "reconnects": 4,
    "signed_in_until": "2999-01-01T00:00:00+00:00",
}


def test_a_tunnel_is_a_line(ssmx, env, scratch):
    with kept(env, scratch / "s", ORDERS):
        headings, row = ssmx("status").out.splitlines()
        assert headings.startswith("NAME    STATE  LANES  CONNECTIONS  SENT    RECEIVED  RECONNECTS  CREDENTIALS")
        assert row.startswith("orders  ready  1/2    3            1.5 kB  2.5 MB    4           in 35")
        assert row.endswith("bastion  orders.cluster:5432")
        assert ssmx("status", "-o", "tsv").out.split("\t")[4:6] == ["1500", "2500000"]
        (told,) = ssmx("status", "-o", "json").json
        assert (told["name"], told["connections"], len(told["lanes"])) == ("orders", 3, 2)
        assert ssmx("status", "-o", "name").out == "orders\n"


@pytest.mark.parametrize(
    ("state", "status"),
    [("ready", 0), ("idle", 0), ("connecting", 0), ("reconnecting", 0), ("paused", 1), ("failed", 1)],
)
def test_the_exit_status_answers_for_the_names_that_are_given(ssmx, env, scratch, state, status):
    with kept(env, scratch / "s", {**ORDERS, "state": state, "problem": "no way"}):
        assert ssmx("status", "orders").status == status
        assert ssmx("status").status == 0


def test_a_name_that_does_not_run_is_down(ssmx, env):
    result = ssmx("status", "orders")
    assert result.status == 1
    assert result.out.splitlines()[1].split()[:2] == ["orders", "down"]
    assert ssmx("status").err == "ssmx: no tunnel runs\n"
    with process("") as child:
        path = write(env, "orders", child.pid)
        result = ssmx("status", "orders")
        assert (result.status, result.out.splitlines()[1].split()[1]) == (1, "silent")
        path.unlink()


def test_prometheus_is_told_of_every_tunnel(ssmx, background, env):
    told = background("payments-api", "0:7", "--name", "echo")
    with socket.create_connection(("127.0.0.1", told["port"])) as connection:
        connection.sendall(b"hello")
        connection.recv(5)
        lines = ssmx("status", "--prometheus").out.splitlines()
    labels = 'tunnel="echo"'
    assert f"ssmx_tunnel_up{{{labels}}} 1" in lines
    assert f'ssmx_tunnel_state{{{labels},state="ready"}} 1' in lines
    assert f"ssmx_tunnel_received_bytes_total{{{labels}}} 5" in lines
    assert ssmx("status", "--prometheus", "-o", "json").status == 2


def test_what_the_teams_file_declares_and_nobody_keeps_is_down(team):
    team.says(
        "[tunnels.page]\nkind = 'forward'\ntarget = 'payments-api'\nremote = 80\n"
        "[tunnels.payments]\nkind = 'rds'\nendpoint = 'payments-prod'\n"
    )
    assert team.up("page").status == 0
    result = team.ssmx("status", "-f", str(team.file), "-o", "tsv")
    assert [line.split("\t")[:2] for line in result.out.splitlines()] == [["page", "idle"], ["payments", "down"]]
    assert "rds/payments-prod" in result.out
    assert result.status == 1
    assert team.ssmx("status", "page", "-f", str(team.file)).status == 0
    assert team.ssmx("status", "-f", "/nowhere/ssmx.toml").status == 78
