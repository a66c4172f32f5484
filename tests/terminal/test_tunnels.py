"""Forwards and tunnels at a terminal: whose the keys are, and in what state the terminal is left."""

import re
from contextlib import suppress
from pathlib import Path

import pytest

from tests.waiting import until

from .conftest import PROMPT


@pytest.fixture(autouse=True)
def _nothing_left_open(live):
    pass


@pytest.fixture
def client(tmp_path):
    """A program that counts Ctrl-C, and ends with that number when it reads a line."""
    path = tmp_path / "client.py"
    path.write_text(
        "import signal, sys, time\n"
        "count = 0\n"
        "def more(*_):\n    global count\n    count += 1\n    print(f'INT {count}', flush=True)\n"
        "signal.signal(signal.SIGINT, more)\n"
        "print('client is up', flush=True)\n"
        "sys.stdin.readline()\n"
        "sys.exit(40 + count)\n"
    )
    return path


def test_ctrl_c_ends_a_forward_and_the_terminal_is_as_before(user):
    user.ssmx("forward payments-api 0:7")
    user.sees("leads to port 7 of payments-api")
    user.keys("\x03")
    status, shown = user.back()
    assert status == 130
    assert "Traceback" not in shown


def test_ctrl_c_is_the_clients_and_comes_once(user, client):
    user.ssmx(f"forward payments-api 0:7 -- $PYTHON {client}")
    user.sees("client is up")
    user.keys("\x03")
    user.sees("INT 1")
    user.keys("\x03")
    user.sees("INT 2")
    user.types("")
    assert user.back()[0] == 42


def states(group):
    """The states of the processes of a group, as proc(5) has them."""
    found = set()
    for each in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, member = each.read_text().rpartition(")")[2].split()[:3]
            if int(member) == group:
                found.add(state)
    return found


def test_ctrl_z_stops_both_and_fg_goes_on(user, client):
    user.ssmx(f"forward payments-api 0:7 -- $PYTHON {client}")
    user.sees("client is up")
    group = user.ssmx_pid()
    user.keys("\x1a")
    user.sees("Stopped")
    user.sees(re.escape(PROMPT))
    until(lambda: states(group) == {"T"})  # a client that does not stand still yet would take the next line
    user.types("fg")
    user.sees("client.py")
    user.types("")
    assert user.back()[0] == 40


def test_a_client_that_is_killed_leaves_no_raw_terminal(user):
    code = "import os, tty; tty.setraw(0); os.kill(os.getpid(), 9)"
    user.ssmx(f"forward payments-api 0:7 -- $PYTHON -c '{code}'")
    assert user.back()[0] == 137


def test_of_several_nodes_one_is_chosen_and_kept(user):
    user.ssmx("forward web 0:7")
    user.sees("6 nodes are named 'web'. Which one")
    user.keys("\x1b[B\r")
    user.sees("leads to port 7 of web")
    user.keys("\x03")
    assert user.back()[0] == 130


def test_a_tunnel_without_a_name_asks_which(user):
    user.ssmx("tunnel rds")
    user.sees("rds endpoints?. Which one")
    user.keys("\x03")
    status, shown = user.back()
    assert status == 130
    assert "nothing was chosen" in shown


def test_ctrl_c_while_it_begins_leaves_nothing(user, levers):
    levers.fault("StartSession", "", delay=2.0)
    user.ssmx("forward payments-api 0:7 -v")
    user.sees("DescribeInstances answered")
    user.keys("\x03")
    status, shown = user.back()
    assert status == 130, shown
