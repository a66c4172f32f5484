"""Whatever ends a session, it is ended on the service too, and the terminal is what it was (the fixture looks)."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.terminal.conftest import two_lines


def terminated(levers):
    return [each["parameters"]["SessionId"] for each in levers.asked("TerminateSession")]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_signal_ends_the_session(user, levers, live, number, status):
    user.opens()
    session = live()
    os.kill(user.ssmx_pid(), number)
    assert user.back()[0] == status
    assert terminated(levers) == [session]


def test_a_plain_exit_ends_it_too(user, levers, live):
    user.opens()
    session = live()
    user.types("exit")
    assert user.back()[0] == 0
    assert terminated(levers) == [session]


def test_garbage_from_the_websocket_is_said(user, levers, live):
    user.opens()
    levers("POST", f"session/{live()}/garbage")
    status, shown = user.back()
    assert status == 76
    assert "data-channel message" in shown
    assert two_lines(shown)


def test_an_end_by_somebody_else_says_why(user, levers, live):
    user.opens()
    levers("POST", f"session/{live()}/close?output=Session+ended+by+an+administrator")
    status, shown = user.back()
    assert status == 74
    assert "Session ended by an administrator" in shown
    assert two_lines(shown)


def test_ctrl_c_while_looking_ends_at_once(user, levers):
    levers.fault("DescribeInstances", "", delay=6.0)
    user.ssmx("shell payments-api")
    user.sees("looking for payments-api")  # the spinner, after a second
    started = time.monotonic()
    user.keys("\x03")
    assert user.back()[0] == 130
    assert time.monotonic() - started < 3.0


def test_ctrl_c_while_the_session_starts_ends_what_was_started(user, levers, live):
    levers.fault("StartSession", "", delay=1.5)
    user.ssmx("shell payments-api")
    user.sees("in account")
    time.sleep(0.5)
    user.keys("\x03")
    status, shown = user.back()
    assert status == 130
    assert "Ctrl-C again" in shown
    assert len(terminated(levers)) == 1


def test_ctrl_c_while_the_node_is_silent_ends_the_session(user, levers, live):
    user.ssmx("shell payments-api -- sleep 100")
    user.sees("in account")
    live()
    time.sleep(0.3)
    user.keys("\x03")
    assert user.back()[0] == 130


def test_a_suspended_ssmx_gives_the_terminal_back_and_takes_it_again(user, live):
    user.opens()
    os.kill(user.ssmx_pid(), signal.SIGTSTP)
    user.sees("Stopped")
    user.sees("LOCAL> ")
    assert user.stty() == user.settings
    user.types("fg")
    user.sees("ssmx")
    user.types("echo $((6*7))")
    user.sees(r"\n42\r\n")
    user.types("exit")
    assert user.back()[0] == 0


def test_a_killed_ssmx_leaves_a_session_that_the_next_one_finds_and_ends(user, levers, live, ssmx):
    user.opens()
    session = live()
    os.kill(user.ssmx_pid(), signal.SIGKILL)
    user.sees("Killed")
    user.sees("LOCAL> ")
    user.does(f"stty {user.settings}")  # nobody was left to do it
    listed = ssmx("sessions", "ls", "-o", "json").json
    assert [(each["session"], each["status"]) for each in listed] == [(session, "left over")]
    assert ssmx("sessions", "end", "--left-over").status == 0
    assert terminated(levers) == [session]
    assert ssmx("sessions", "ls", "-o", "json").json == []


def test_a_live_session_is_listed_with_its_pid_and_ended_by_its_id(user, levers, live, ssmx):
    user.opens("shell payments-api --reason 'ticket 7'")
    session = live()
    (listed,) = ssmx("sessions", "ls", "-o", "json").json
    assert listed["session"] == session
    assert listed["pid"] == user.ssmx_pid()
    assert listed["reason"] == "ticket 7"
    assert ssmx("sessions", "ls", "-o", "name").out == f"{session}\n"
    assert ssmx("sessions", "end", session).status == 0
    user.back()


def test_a_session_of_nobody_cannot_be_ended(ssmx):
    result = ssmx("sessions", "end", "ravi-000")
    assert result.status == 68
    assert ssmx("sessions", "end").status == 2


def test_the_token_is_nowhere_to_be_seen(user, levers, live, home):
    user.opens()
    process = Path("/proc") / str(user.ssmx_pid())
    session = live()
    (token,) = [each["token"] for each in levers.sessions() if each["id"] == session]
    assert len(token) > 20
    files = [process / "cmdline", process / "environ", *(path for path in home.rglob("*") if path.is_file())]
    assert len(files) > 2
    for file in files:
        assert token.encode() not in file.read_bytes(), file
    user.types("exit")
    user.back()
