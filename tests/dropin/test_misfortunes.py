"""Callers, nodes and machines that behave badly, and what becomes of the session then."""

import fcntl
import json
import signal
import socket
import subprocess
from contextlib import suppress

import pytest

from tests.bench.rig.control import Rig
from tests.carried import DROPIN, carried, environment, words
from tests.dropin.conftest import (
    COMMAND,
    FORWARD,
    STREAM,
    connect,
    dropin,
    is_over,
    tunnel,
    until,
)


def test_signals_that_the_caller_ignores_are_looked_after(rig, far):
    """`aws` ignores SIGINT and SIGQUIT while the plugin runs, and what is ignored is inherited."""
    request, answer = rig.start(FORWARD, portNumber=far.port, localPortNumber=0)
    with subprocess.Popen(
        ["sh", "-c", "trap '' INT QUIT TSTP; exec \"$@\"", "sh", *DROPIN, *words(request, rig.endpoint)],
        env=environment(answer),
        stdout=subprocess.PIPE,
    ) as process:
        until(process, b"Waiting for connections...")
        process.send_signal(signal.SIGTSTP)  # stopped, it would block the terminal of a caller who is not
        process.send_signal(signal.SIGINT)
        assert b"Exiting session" in process.stdout.read()
        assert process.wait(10) == 0


def test_a_caller_who_reads_no_further_keeps_its_tunnel(rig, far):
    with tunnel(rig, far.port) as (process, port, _, _):
        process.stdout.close()
        with connect(port) as connection:
            connection.sendall(b"E!")
            assert connection.recv(1) == b"!"
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


def test_settings_of_ssmx_that_are_about_other_things_change_nothing(rig):
    env = {"SSMX_PROFILE": "nobody", "SSMX_REGION": "mars-1", "SSMX_SANDBOX": "1", "SSMX_TRANSPORT": "plugin"}
    with dropin(rig, COMMAND, env, command="echo out") as (process, _):
        out, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (0, b"")
        assert b"out\n" in out


def test_standard_streams_that_are_closed_are_no_harm(rig):
    request, answer = rig.start(COMMAND, command="true")
    line = [*DROPIN, *words(request, rig.endpoint)]
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *line], env=environment(answer), timeout=30, check=False
    )
    assert done.returncode == 0


def test_a_reader_that_is_gone_ends_a_command(rig):
    with carried(rig, COMMAND, client=DROPIN, command="yes") as (process, session_id):
        until(process, b"y\n")
        process.stdout.close()
        assert process.wait(10) == 1
    assert is_over(rig, session_id)


def test_the_response_may_stand_on_the_command_line(rig):
    """As `aws ecs execute-command` hands it over."""
    request, answer = rig.start(COMMAND, command="echo out")
    env = environment(answer)
    del env["AWS_SSM_START_SESSION_RESPONSE"]
    target = {"Target": "ecs:cluster_0123456789abcdef_0123456789abcdef-1"}
    line = [json.dumps(answer), "us-east-1", "StartSession", "", json.dumps(target), rig.endpoint]
    done = subprocess.run([*DROPIN, *line], env=env, capture_output=True, timeout=30, check=False)
    assert done.returncode == 0
    assert b"out\n" in done.stdout
    assert request


def test_nothing_is_left_in_the_temporary_folder(rig, far, scratch):
    with tunnel(rig, far.port, {"TMPDIR": str(scratch)}) as (process, port, _, _):
        with connect(port) as connection:
            connection.sendall(b"E!")
            assert connection.recv(1) == b"!"
        assert list(scratch.iterdir()) == []
        process.kill()


@pytest.mark.parametrize("document", [FORWARD, STREAM, COMMAND])
def test_a_node_that_takes_its_time_is_waited_for(far, document):
    """A shell would begin after three silent seconds; these kinds of session shake hands first."""
    with (
        Rig("--start-delay", "3.5") as slow,
        dropin(slow, document, portNumber=far.port, command="echo E!") as (process, _),
    ):
        if document == FORWARD:
            port = int(until(process, b"opened for").decode().partition("Port ")[2].split()[0])
            with connect(port) as connection:
                connection.sendall(b"E!")
                assert connection.recv(1) == b"!"
        elif document == STREAM:
            process.stdin.write(b"E!")
            process.stdin.flush()
            assert process.stdout.read(1) == b"!"
        else:
            assert b"E!" in process.stdout.read()


def test_a_config_file_that_cannot_be_read_leaves_no_session_open(rig, tmp_path):
    (tmp_path / "ssmx").mkdir()
    (tmp_path / "ssmx" / "config.toml").write_text("= broken")
    with dropin(rig, COMMAND, {"XDG_CONFIG_HOME": str(tmp_path)}, command="true") as (process, session_id):
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out) == (1, b"")
        assert b"config.toml:1" in err
    assert is_over(rig, session_id)


def test_a_stream_that_is_ended_for_a_reason_has_it_on_standard_error(rig, far):
    with dropin(rig, STREAM, portNumber=far.port) as (process, session_id):
        process.stdin.write(b"E!")
        process.stdin.flush()
        assert process.stdout.read(1) == b"!"
        rig.order(session_id, "close", output="Session timed out")
        assert process.stdout.read() == b""
        assert b"Session timed out" in process.stderr.read()
        assert process.wait(10) == 1


def test_a_caller_who_reads_as_far_as_the_port_does_not_stop_it(rig):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = closed.getsockname()[1]
    with tunnel(rig, nobody) as (process, port, _, _):
        size = fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)
        for _ in range(size // 40):  # each is told of in 61 bytes
            with suppress(ConnectionResetError), connect(port) as connection:
                connection.sendall(b"x")
                connection.recv(1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 1


def test_words_of_the_agent_steer_no_terminal():
    with Rig("--customer-message", "\x1b]0;owned\x07 \udcff hello") as rig:
        with dropin(rig, COMMAND, command="true") as (process, _):
            out, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (0, b"")
        assert b"hello\n" in out
        assert b"\x1b" not in out


def test_a_url_of_kms_that_is_none_is_told_at_once():
    with Rig("--kms-key", "arn:key") as rig:
        env = {"AWS_ENDPOINT_URL_KMS": "kms.example"}
        with dropin(rig, COMMAND, env, command="true") as (process, session_id):
            _, err = process.communicate(timeout=10)
            assert process.returncode == 1
        assert b"ssmx: kms: Invalid endpoint: kms.example" in err
        assert is_over(rig, session_id)


def test_a_caller_of_long_ago_gets_no_encrypted_session():
    with Rig("--kms-key", "arn:key") as rig:
        _, answer = rig.start(COMMAND, command="true")
        line = [json.dumps(answer), "us-east-1", "StartSession"]
        env = {**environment(answer), "AWS_ENDPOINT_URL_SSM": rig.endpoint}
        done = subprocess.run([*DROPIN, *line], env=env, capture_output=True, timeout=30, check=False)
        assert done.returncode == 1
        assert b"does not tell which node this is" in done.stderr
