"""Every kind of session, as callers of the plugin see it: what is printed, what goes through, how it ends."""

import signal
import socket
import stat
import subprocess
import time

import pytest

from tests.bench.rig.control import Rig
from tests.carried import DROPIN, environment, words
from tests.dropin.conftest import (
    COMMAND,
    FORWARD,
    STREAM,
    connect,
    dropin,
    events,
    is_over,
    received,
    terminal,
    tunnel,
    until,
)
from tests.pty import ended

PROMPT = r"fake\$ "


def test_a_shell_on_a_terminal(rig):
    with terminal(rig) as (child, session_id):
        child.expect_exact(f"\r\nStarting session with SessionId: {session_id}\r\n")
        child.expect(PROMPT)
        child.send("stty size\r")
        child.expect_exact("30 100")
        child.setwinsize(40, 120)
        child.send("sleep 0.2; stty size\r")
        child.expect_exact("40 120")
        child.send("sleep 100\r")
        child.expect_exact("sleep 100\r\n")
        time.sleep(0.3)  # until it runs
        child.send("\x03")
        child.expect(PROMPT)
        child.send("exit\r")
        child.expect_exact(f"Exiting session with sessionId: {session_id}.")
        assert ended(child) == 0
    assert "terminate_session" not in events(rig, session_id)  # it had ended


def test_tilde_dot_ends_a_shell_and_the_session(rig):
    with terminal(rig) as (child, session_id):
        child.expect(PROMPT)
        child.send("\r~.")
        child.expect_exact(f"Exiting session with sessionId: {session_id}.")
        assert ended(child) == 0
    assert is_over(rig, session_id)


def test_one_interactive_command(rig):
    with terminal(rig, "AWS-StartInteractiveCommand", command="stty size; echo done") as (child, session_id):
        child.expect_exact("done")
        child.expect_exact(f"Exiting session with sessionId: {session_id}.")
        assert ended(child) == 0


def test_a_shell_in_a_pipe_is_typed_to_from_there(rig):
    with dropin(rig) as (process, session_id):
        out, err = process.communicate(b"echo $((6*7)); stty size\ncat\nlast words", timeout=30)
        assert b"42\r\n" in out
        assert b"100 300\r\n" in out  # what the plugin tells where it has no terminal
        assert b"last words" in out
        assert f"Exiting session with sessionId: {session_id}.".encode() in out
        assert (process.returncode, err) == (0, b"")


def test_a_command_says_everything_on_standard_output(rig):
    with dropin(rig, COMMAND, command="echo out; echo err >&2; exit 5") as (process, session_id):
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, b"")
    head, _, tail = out.decode().partition("\nStarting session with SessionId: ")
    assert head == ""
    assert sorted(tail.splitlines()[1:3]) == ["err", "out"]
    assert "EXIT_CODE: 5" in tail
    assert tail.endswith(f"\n\nExiting session with sessionId: {session_id}.\n\n")


def test_a_command_is_interrupted_by_ctrl_c(rig):
    line = "trap 'echo interrupted; exit 9' INT; echo ready; while :; do sleep 0.05; done"
    with dropin(rig, COMMAND, command=line) as (process, session_id):
        until(process, b"ready\n")
        process.send_signal(signal.SIGINT)
        out = process.stdout.read()
        assert b"interrupted\n" in out
        assert process.wait(10) == 0
    assert is_over(rig, session_id)


@pytest.mark.parametrize("kind", ["mux", "basic"])
def test_a_port(rig, old_rig, far, kind):
    at = rig if kind == "mux" else old_rig
    with tunnel(at, far.port) as (process, port, session_id, said):
        assert said.startswith(f"\nStarting session with SessionId: {session_id}\n".encode())
        for _ in range(2):
            with connect(port) as connection:
                connection.sendall(b"Ehello")
                assert received(connection, 5) == b"hello"
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read().decode()
        assert process.wait(10) == 0
        assert process.stderr.read() == b""
    shown = said.decode() + rest
    if kind == "mux":
        assert shown.count("Waiting for connections...") == 1
        assert shown.count(f"Connection accepted for session [{session_id}]") == 1
    else:
        assert shown.count(f"Connection accepted for session {session_id}.") == 2
    assert "Terminate signal received, exiting.\n" in rest
    assert rest.endswith(f"\n\nExiting session with sessionId: {session_id}.\n\n")
    assert is_over(at, session_id)


def test_a_port_that_we_choose_is_told(rig, far):
    with dropin(rig, FORWARD, portNumber=far.port, localPortNumber=0) as (process, _):
        said = until(process, b"opened for sessionId").decode()
        port = int(said.partition("Port ")[2].split()[0])
        with connect(port) as connection:
            connection.sendall(b"E!")
            assert connection.recv(1) == b"!"
        process.terminate()
        assert process.wait(10) == 1


def test_a_remote_host(rig, far):
    parameters = {"host": "127.0.0.1", "portNumber": far.port, "localPortNumber": 0}
    with dropin(rig, f"{FORWARD}ToRemoteHost", **parameters) as (process, _):
        port = int(until(process, b"opened for").decode().partition("Port ")[2].split()[0])
        with connect(port) as connection:
            connection.sendall(b"E!")
            assert connection.recv(1) == b"!"


def test_a_unix_socket_is_the_users_own_and_gone_at_the_end(rig, far, tmp_path):
    path = tmp_path / "socket"
    unix = {"localConnectionType": "unix", "localUnixSocket": path}
    for _ in range(2):
        with dropin(rig, FORWARD, portNumber=far.port, **unix) as (process, session_id):
            until(process, f"Unix socket {path} opened for sessionId {session_id}.\n".encode())
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(str(path))
                connection.sendall(b"E!")
                assert connection.recv(1) == b"!"
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0
        assert not path.exists()
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(path))  # what kill -9 leaves: the second round replaces it


@pytest.mark.parametrize("living", ["a file", "a listener"])
def test_a_socket_that_is_somebody_elses_is_left_alone(rig, far, tmp_path, living):
    path = tmp_path / "socket"
    listener = socket.socket(socket.AF_UNIX)
    if living == "a file":
        path.write_text("mine")
    else:
        listener.bind(str(path))
        listener.listen()
    unix = {"localConnectionType": "unix", "localUnixSocket": path}
    with dropin(rig, FORWARD, portNumber=far.port, **unix) as (process, session_id):
        _, err = process.communicate(timeout=20)
        assert process.returncode == 1
        assert b"is there already" in err
    listener.close()
    assert path.exists()
    assert is_over(rig, session_id)


def answered(port):
    with connect(port) as connection:
        connection.sendall(b"x")
        return connection.recv(1)


def test_a_refused_port_is_told_and_the_session_lives(rig, far):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = closed.getsockname()[1]
    with tunnel(rig, nobody) as (process, port, _, _):
        with pytest.raises(ConnectionResetError):
            answered(port)
        until(process, b"Connection to destination port failed, check SSM Agent logs.\n")
        assert process.poll() is None


def test_an_ssh_stream_is_nothing_but_the_stream(rig, far):
    with dropin(rig, STREAM, portNumber=far.port) as (process, session_id):
        process.stdin.write(b"E" + bytes(range(256)))
        process.stdin.flush()
        assert process.stdout.read(256) == bytes(range(256))
        rig.order(session_id, "close")
        assert process.stdout.read() == b""
        assert process.stderr.read() == b""
        assert process.wait(10) == 0


def test_a_session_that_is_ended_for_a_reason_is_a_failure_with_the_reason(rig):
    with terminal(rig) as (child, session_id):
        child.expect(PROMPT)
        rig.order(session_id, "close", output="Session idle timeout\x1b[31m")
        child.expect(f"SessionId: {session_id} : Session idle timeout[^\x1b]*\r\n")
        child.expect_exact("was ended: Session idle timeout")
        assert ended(child) == 1
    assert "terminate_session" not in events(rig, session_id)


def test_a_document_that_the_caller_does_not_name_is_what_the_node_says(rig, far):
    """A team's own document: the request tells its name, and the handshake what it is."""
    request, answer = rig.start(FORWARD, portNumber=far.port, localPortNumber=0)
    request = {"Target": request["Target"], "DocumentName": "Team-Database"}
    with subprocess.Popen(
        [*DROPIN, *words(request, rig.endpoint)], env=environment(answer), stdout=subprocess.PIPE
    ) as process:
        until(process, b"Waiting for connections...")
        process.terminate()


def test_an_encrypted_shell_and_command(far):
    with Rig("--kms-key", "arn:aws:kms:us-east-1:123456789012:key/k") as rig:
        env = {"AWS_ENDPOINT_URL_KMS": rig.endpoint}
        with terminal(rig, env=env) as (child, session_id):
            child.expect_exact("This session is encrypted using AWS KMS.")
            child.expect(PROMPT)
            child.send("echo $((6*7))\r")
            child.expect_exact("42")
            child.send("exit\r")
            assert ended(child) == 0
        told = rig.status(session_id)["events"]
        assert {"event": "enc_challenge", "ok": True}.items() <= next(
            each for each in told if each["event"] == "enc_challenge"
        ).items()
        (asked,) = [each["req"] for each in told if each["event"] == "kms_generate_data_key"]
        assert set(asked["EncryptionContext"]) == {
            "aws:ssm:SessionId",
            "aws:ssm:TargetId",
            "aws:ssm:RandomChallenge",
        }
        with dropin(rig, COMMAND, env, command="echo out; exit 5") as (process, _):
            out, err = process.communicate(timeout=30)
            assert (process.returncode, err) == (0, b"")
            assert b"This session is encrypted using AWS KMS.\n" in out
            assert b"out\n" in out
            assert b"EXIT_CODE: 5" in out
