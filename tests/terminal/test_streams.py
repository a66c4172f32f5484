"""Readers that pause, terminals that vanish, jobs in the background: nothing lost, nothing left open."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pexpect
import pytest


@pytest.fixture(autouse=True)
def _nothing_left_open(live):
    pass


def test_what_was_printed_reaches_a_reader_that_is_slow_to_begin(user):
    user.ssmx("shell payments-api -- 'head -c 300000 /dev/zero' | (sleep 3; wc -c)")
    assert "300000" in user.back(timeout=30)[1]


def test_a_terminal_that_is_closed_ends_the_session(env, levers, live):
    child = pexpect.spawn(sys.executable, ["-m", "ssmx", "-v", "shell", "payments-api"], env=env, encoding="utf-8")
    child.expect(r"~\]\$ ")
    session = live()
    child.close(force=False)  # the kernel hangs up: SIGHUP, and EIO for whoever writes
    deadline = time.monotonic() + 10
    while levers.open_sessions() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [each["parameters"]["SessionId"] for each in levers.asked("TerminateSession")] == [session]


@pytest.mark.parametrize("numbers", [[signal.SIGHUP] * 3, [signal.SIGTERM, signal.SIGHUP], [signal.SIGTERM] * 2])
def test_several_signals_while_the_session_starts_start_and_end_one_session(user, levers, numbers):
    levers.fault("StartSession", "", delay=1.5)
    user.ssmx("shell payments-api")
    user.sees("in account")
    while not levers.asked("StartSession"):  # which is noted before it is delayed
        time.sleep(0.05)
    pid = user.ssmx_pid()
    for number in numbers:
        os.kill(pid, number)
        time.sleep(0.05)
    assert user.back()[0] in (129, 143)
    assert len(levers.asked("StartSession")) == len(levers.asked("TerminateSession")) == 1


def test_a_signal_while_the_session_is_ended_waits_for_that(user, levers):
    user.opens()
    levers.fault("TerminateSession", "", delay=1.5)
    user.types("exit")
    time.sleep(0.7)
    os.kill(user.ssmx_pid(), signal.SIGTERM)
    assert user.back()[0] == 143
    assert len(levers.asked("TerminateSession")) == 1


def test_ctrl_backslash_before_the_session_ends_what_was_started(user, levers):
    levers.fault("StartSession", "", delay=1.5)
    user.ssmx("shell payments-api")
    user.sees("in account")
    time.sleep(0.4)
    user.keys("\x1c")
    assert user.back()[0] == 130
    assert len(levers.asked("TerminateSession")) == 1


def test_start_session_is_repeated_where_it_was_throttled_and_only_there(user, levers):
    levers.fault("StartSession", "ThrottlingException", "Rate exceeded", times=2)
    user.opens()
    user.types("exit")
    assert user.back()[0] == 0
    assert len(levers.asked("StartSession")) == 3


def test_a_job_in_the_background_can_be_killed(user, levers, live):
    user.does("$PYTHON -m ssmx shell payments-api &")
    live()
    time.sleep(0.5)
    user.does("kill %1; wait")
    assert levers.open_sessions() == []


def test_after_a_stop_from_elsewhere_the_terminal_is_raw_again(user, live):
    user.opens()
    os.kill(user.ssmx_pid(), signal.SIGSTOP)
    user.sees("Stopped")
    user.sees("LOCAL> ")
    user.types("fg")
    user.sees("ssmx")
    time.sleep(0.3)
    user.runs("sleep 100")
    user.keys("\x03")
    user.sees(user.remote)  # the key went to the node
    user.types("exit")
    assert user.back()[0] == 0


def test_ctrl_c_ends_a_session_whose_node_says_nothing(user, levers):
    """Neither output nor an acknowledgement: a key would reach nobody."""
    levers.fault("OpenDataChannel", "", delay=0.0)
    user.ssmx("shell payments-api -- 'sleep 100'")
    user.sees("in account")
    time.sleep(0.5)
    (session,) = levers.open_sessions()
    levers("POST", f"session/{session['id']}/drop?in=9999&out=9999")
    user.sees("nothing from payments-api", timeout=10)
    time.sleep(0.5)
    user.keys("\x03")
    assert user.back()[0] == 130


def test_the_picker_takes_nothing_that_does_not_fit(user):
    user.ssmx("shell web")
    user.sees("Which one")
    time.sleep(0.5)
    user.keys("prod-db-9")
    time.sleep(0.3)
    user.keys("\r")
    time.sleep(0.5)
    user.keys("\x03")
    status, shown = user.back()
    assert status == 130
    assert "in account" not in shown


def test_ctrl_c_during_the_suggestion_is_not_swallowed(user, levers):
    levers.fault("DescribeTags", "", delay=5.0)
    user.ssmx("shell no-such-name")
    deadline = time.monotonic() + 10
    while not levers.asked("DescribeTags") and time.monotonic() < deadline:
        time.sleep(0.05)
    user.keys("\x03")
    started = time.monotonic()
    assert user.back()[0] == 130
    assert time.monotonic() - started < 3


def test_an_early_ctrl_c_shows_no_traceback(env):
    command = [sys.executable, "-m", "ssmx", "resolve", "web"]
    for pause in (0.02, 0.05, 0.08, 0.12):
        with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as child:
            time.sleep(pause)
            child.send_signal(signal.SIGINT)
            said = child.communicate(timeout=20)[1]
        assert b"ssmx/" not in said, said


def test_a_stray_sigcont_changes_nothing(user, live):
    user.opens()
    os.kill(user.ssmx_pid(), signal.SIGCONT)
    time.sleep(0.3)
    user.types("exit")
    assert user.back()[0] == 0  # and the fixture looks at the terminal


def test_a_stop_that_no_shell_notices_changes_nothing(user, tmp_path):
    script = tmp_path / "script.sh"
    script.write_text('#!/bin/sh\n"$PYTHON" -m ssmx shell payments-api\necho script-$?\n')
    user.types(f"sh {script}")
    user.sees(user.remote)
    (pid,) = [each for each in ssmx_processes() if str(user.child.pid) in ancestry(each)]
    os.kill(pid, signal.SIGSTOP)
    time.sleep(0.2)
    os.kill(pid, signal.SIGCONT)
    time.sleep(0.3)
    user.types("exit")
    user.sees("script-0")
    user.sees("LOCAL> ")


def ssmx_processes():
    """The pids of every `ssmx shell` on this machine."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has just ended
            if path.read_bytes().split(b"\0")[1:4] == [b"-m", b"ssmx", b"shell"]:
                found.append(int(path.parent.name))
    return found


def ancestry(pid):
    """The pids above a process, as text."""
    found = []
    with suppress(OSError):
        while str(pid) != "0":
            found.append(str(pid))
            pid = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[1]
    return found


def test_a_job_brought_to_the_foreground_can_be_typed_to(user, live):
    user.does("$PYTHON -m ssmx shell payments-api &")
    live()
    time.sleep(1.0)
    user.types("fg")
    time.sleep(1.2)
    user.types("echo $((6*7))")
    user.sees(r"\n42\r\n")
    user.types("exit")
    assert user.back()[0] == 0


def test_a_signal_while_the_rest_is_shown_has_its_status(env, levers):
    read, write = os.pipe()
    master, slave = os.openpty()
    words = ["shell", "payments-api", "--", "head -c 150000 /dev/zero"]
    with subprocess.Popen(
        [sys.executable, "-m", "ssmx", *words], env=env, stdin=slave, stdout=write, stderr=subprocess.DEVNULL
    ) as child:
        deadline = time.monotonic() + 15
        while not levers.sessions() or levers.sessions()[-1]["status"] != "Terminated":
            assert time.monotonic() < deadline
            time.sleep(0.1)
        time.sleep(1.5)
        child.send_signal(signal.SIGTERM)
        assert child.wait(10) == 143
    for descriptor in (read, write, master, slave):
        os.close(descriptor)


def test_ctrl_c_between_throttled_attempts_starts_nothing_more(user, levers):
    levers.fault("StartSession", "ThrottlingException", "Rate exceeded", times=30)
    user.ssmx("shell payments-api")
    deadline = time.monotonic() + 15
    while not levers.asked("StartSession"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    user.keys("\x03")
    assert user.back()[0] == 130
    assert len(levers.asked("StartSession")) <= 3
    assert levers.asked("TerminateSession") == []


def test_a_sigint_from_outside_ends_the_picker(user):
    user.ssmx("shell web")
    user.sees("Which one")
    time.sleep(0.5)
    os.kill(user.ssmx_pid(), signal.SIGINT)
    assert user.back()[0] == 130


@pytest.mark.long
def test_a_reader_that_pauses_for_minutes_loses_nothing(user):
    """Its terminal keeps us from hearing the websocket's pong, which is no reason to give the session up."""
    user.ssmx("shell payments-api -- 'head -c 3000000 /dev/zero' | (sleep 100; wc -c)")
    assert "3000000" in user.back(timeout=200)[1]
