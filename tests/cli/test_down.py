"""ssmx down: what the file declares goes down, whatever has become of the file."""

import json
import os
import signal
import socket
import urllib.request
from pathlib import Path

from ssmx.tunnel.asking import reachable

PAGE = "[tunnels.page]\nkind = 'forward'\ntarget = 'payments-api'\nremote = 80\n"


def test_a_file_that_is_broken_by_now_goes_down(team):
    team.says(PAGE).up()
    team.says("[tunnels.page\n")
    assert team.down().err == "ssmx: down: page\n"
    assert team.written == []


def test_programs_are_told_what_went_down(team):
    team.says(PAGE).up()
    [keeper] = team.written
    words = ("down", "-f", str(team.file), "-o")
    assert team.ssmx(*words, "json").json == [{"name": "page", "pid": keeper["pid"]}]
    assert team.ssmx(*words, "json").json == []
    team.up()
    assert team.ssmx(*words, "name").out == "page\n"


def test_a_name_that_is_not_up_is_an_error(team):
    team.says(PAGE).up()
    result = team.down("pag")
    assert result.status == 68
    assert "no tunnel 'pag' is up from" in result.err
    assert "did you mean 'page'?" in result.err
    assert team.written[0]["tunnels"]


def test_without_a_file_here_or_above_it_says_so(team, ssmx):
    result = ssmx("down", "-f", str(team.file))
    assert result.status == 0
    assert result.err == f"ssmx: nothing of {team.file} is up\n"


def test_orders_that_come_while_it_is_ended_keep_no_session_open(team, home, levers):
    team.says(PAGE).up()
    with urllib.request.urlopen(f"http://127.0.0.1:{team.port('page')}/", timeout=20) as answer:
        assert answer.status == 200
    assert len(levers.open_sessions()) == 1
    [keeper] = team.written
    os.kill(keeper["pid"], signal.SIGSTOP)  # so that all of it comes at once
    orders = [socket.socket(socket.AF_UNIX) for _ in range(2)]
    for each, do in zip(orders, ("down", "up"), strict=True):
        with reachable(Path(keeper["socket"])) as short:
            each.connect(short)
        each.sendall(json.dumps({"do": do}).encode() + b"\n")
    os.kill(keeper["pid"], signal.SIGTERM)
    os.kill(keeper["pid"], signal.SIGCONT)
    team.ends(keeper)
    for each in orders:
        each.close()
    assert levers.open_sessions() == []
    assert not (home / ".local/state/ssmx/reports").exists()
