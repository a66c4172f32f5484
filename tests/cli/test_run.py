"""ssmx run, against the sandbox: a command's output, errors and status, in scripts and pipes."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.usefixtures("none_open")


def test_output_errors_and_status_are_the_commands(ssmx):
    result = ssmx("run", "payments-api", "--", "echo out; echo err >&2; exit 5")
    assert (result.status, result.out, result.err) == (5, "out\n", "err\n")


def test_several_words_are_an_argv_and_no_shell_sees_them(ssmx):
    words = ["printf", "%s|", "$HOME", "a b", "*", "it's", '"', "", ";"]
    result = ssmx("run", "payments-api", "--", *words)
    assert (result.status, result.out) == (0, "|".join([*words[2:], ""]))


def test_a_command_that_is_not_there_has_the_shells_status_or_the_agents(ssmx):
    assert ssmx("run", "payments-api", "--", "no-such-program").status == 127
    result = ssmx("run", "payments-api", "--", "no-such-program", "x")
    assert result.status == 1
    assert "no-such-program" in result.err


def test_a_command_that_takes_too_long_is_75(ssmx, levers):
    began = time.monotonic()
    result = ssmx("run", "payments-api", "--timeout", "0.5", "--", "echo begun; sleep 30")
    assert (result.status, result.out) == (75, "begun\n")
    assert "ran for 0.5 seconds" in result.err
    assert time.monotonic() - began < 10
    assert len(levers.asked("TerminateSession")) == 1


def test_what_is_on_standard_input_is_said_not_to_be_sent(env):
    command = [sys.executable, "-m", "ssmx", "run", "payments-api", "--", "cat"]
    piped = subprocess.run(command, input="hello", env=env, capture_output=True, text=True, timeout=60, check=False)
    assert (piped.returncode, piped.stdout) == (0, "")
    assert piped.stderr.count("standard input is not sent") == 1
    nothing = subprocess.run(
        command, stdin=subprocess.DEVNULL, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert (nothing.returncode, nothing.stderr) == (0, "")


def test_binary_output_is_not_changed(env):
    command = [
        sys.executable,
        "-m",
        "ssmx",
        "run",
        "payments-api",
        "--",
        "head -c 200000 /dev/urandom | tee x; cksum x >&2",
    ]
    result = subprocess.run(
        command, stdin=subprocess.DEVNULL, env=env, capture_output=True, timeout=60, check=False
    )
    checked = subprocess.run(["cksum"], input=result.stdout, capture_output=True, check=True)
    assert checked.stdout.split()[:2] == result.stderr.split()[:2]
    assert len(result.stdout) == 200_000


def test_an_old_agent_is_refused_before_anything_is_started(ssmx, levers):
    result = ssmx("run", "legacy-batch", "-o", "json", "--", "true")
    assert result.status == 69
    error = json.loads(result.err)
    assert "older ones do not tell how a command ended" in error["message"]
    assert levers.asked("StartSession") == []


def test_an_agent_whose_version_turns_out_to_be_old_is_refused_then(ssmx, levers, nodes):
    levers("POST", f"node/{nodes['payments-api']}", {"agent_version": "3.0.1200.0"})
    result = ssmx("run", "payments-api", "--", "true")
    assert result.status == 69


@pytest.mark.parametrize("words", [[], ["--"], ["--", ""]])
def test_no_command_is_a_wrong_command_line(ssmx, words):
    result = ssmx("run", "payments-api", *words)
    assert result.status == 2
    assert "no command" in result.err


def test_ctrl_c_interrupts_the_command_and_ends_the_session(env, levers):
    line = "trap 'echo bye; exit 9' INT; echo ready; while :; do sleep 0.05; done"
    with subprocess.Popen(
        [sys.executable, "-m", "ssmx", "run", "payments-api", "--", line],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=env,
    ) as process:
        assert process.stdout.readline() == b"ready\n"
        os.kill(process.pid, signal.SIGINT)
        assert process.stdout.read() == b"bye\n"
        assert process.wait(10) == 130
    assert len(levers.asked("TerminateSession")) == 1


def test_a_lost_connection_is_resumed_and_the_status_kept(env, levers):
    with subprocess.Popen(
        [
            sys.executable,
            "-m",
            "ssmx",
            "run",
            "payments-api",
            "--",
            "for i in 1 2 3 4; do echo $i; sleep 0.3; done; exit 7",
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=env,
    ) as process:
        assert process.stdout.readline() == b"1\n"
        (session,) = levers.open_sessions()
        levers("POST", f"session/{session['id']}/cut")
        assert process.stdout.read() == b"2\n3\n4\n"
        assert process.wait(10) == 7
        assert process.stderr.read() == b""


def test_the_plan_is_shown_and_nothing_started(ssmx, levers):
    result = ssmx("run", "payments-api", "--dry-run", "-o", "json", "--", "df -h")
    plan = result.json
    assert plan["document"] == "AWS-StartNonInteractiveCommand"
    assert plan["parameters"] == {"command": ["sh -c 'df -h'"], "separateOutputStream": ["true"]}
    assert plan["transport"] == "native"
    assert levers.asked("StartSession") == []


def test_a_refusal_is_two_lines_and_its_status(ssmx, levers):
    levers.fault("StartSession", "AccessDeniedException", "User is not authorized to perform: ssm:StartSession")
    result = ssmx("run", "payments-api", "--", "true")
    assert result.status == 77
    assert len(result.err.splitlines()) == 2


def test_errors_that_nobody_reads_end_it_as_output_does(env):
    with subprocess.Popen(
        [sys.executable, "-m", "ssmx", "run", "payments-api", "--", "yes >&2"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=env,
    ) as process:
        process.stderr.readline()
        process.stderr.close()
        assert process.wait(10) == 141


def test_a_slow_reader_does_not_stretch_the_time_a_command_is_given(env):
    with subprocess.Popen(
        [sys.executable, "-m", "ssmx", "run", "payments-api", "--timeout", "1", "--", "yes"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=env,
    ) as process:
        assert process.wait(12) == 75


@pytest.mark.parametrize("timeout", ["nan", "inf", "-1", "soon"])
def test_a_time_that_is_none_is_a_wrong_command_line(ssmx, timeout):
    assert ssmx("run", "payments-api", "--timeout", timeout, "--", "true").status == 2


@pytest.mark.long
def test_without_a_network_it_ends_in_seconds_all_the_same(env, running):
    """The sandbox stands still: nobody answers, nobody refuses."""
    with subprocess.Popen(
        [sys.executable, "-m", "ssmx", "run", "payments-api", "--", "echo begun; sleep 100"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=env,
    ) as process:
        assert process.stdout.readline() == b"begun\n"
        os.kill(running.pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 143
            assert time.monotonic() - began < 20
            assert b"could not end session" in process.stderr.read()
        finally:
            os.kill(running.pid, signal.SIGCONT)
    subprocess.run([sys.executable, "-m", "ssmx", "sessions", "end", "--left-over"], env=env, check=True)
