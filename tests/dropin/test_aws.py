"""The real `aws` on the drop-in, as `ssmx plugin shim` puts it on PATH, in every kind of session."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pexpect
import pytest

from ssmx.sandbox import far
from tests.conftest import ROOT
from tests.dropin.conftest import connect, received, until
from tests.pty import ended
from tests.terminal.conftest import REMOTE

AWS = Path(os.environ.get("SSMX_TEST_AWS") or ROOT / ".venv-aws" / "bin" / "aws")

pytestmark = [
    pytest.mark.skipif(
        not os.access(AWS, os.X_OK), reason=f"no AWS CLI: set SSMX_TEST_AWS, or install awscli in {AWS.parents[1]}"
    ),
    pytest.mark.usefixtures("none_open"),
]


@pytest.fixture(scope="module")
def shims(tmp_path_factory):
    """The folder into which somebody has put ssmx in the plugin's place."""
    folder = tmp_path_factory.mktemp("shim") / "bin"
    words = [sys.executable, "-m", "ssmx", "plugin", "shim", "--dir", str(folder)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == f"{folder}/session-manager-plugin\n"
    return folder


@pytest.fixture
def shimmed(shims, env):
    """The environment of that somebody."""
    return {**env, "PATH": f"{shims}:{env['PATH']}"}


def start_session(node, document="", **parameters):
    words = [str(AWS), "ssm", "start-session", "--target", node]
    if document:
        words += ["--document-name", document]
    if parameters:
        words += ["--parameters", json.dumps({key: [str(value)] for key, value in parameters.items()})]
    return words


def terminal(words, env):
    child = pexpect.spawn(
        words[0], words[1:], env=env, encoding="utf-8", timeout=20, dimensions=(30, 100), echo=False
    )
    child.delaybeforesend = None
    return child


@contextmanager
def piped(words, env):
    with subprocess.Popen(
        words, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def far_port(folder, node, number, host=""):
    """Something that echoes where a far port of the sandbox leads to."""

    path = far.place(folder, node, number, host)
    path.parent.mkdir(parents=True, exist_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=echo, args=(connection,), daemon=True).start()

    def echo(connection):
        with connection:
            while data := connection.recv(65536):
                connection.sendall(data)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        path.unlink()


def test_a_shell(shimmed, nodes, levers):
    child = terminal(start_session(nodes["payments-api"]), shimmed)
    child.expect("Starting session with SessionId: ")
    child.expect(REMOTE)
    child.send("stty size\r")
    child.expect_exact("30 100")
    child.expect(REMOTE)
    child.send("sleep 100; echo never\r")
    child.expect_exact("never\r\n")
    time.sleep(0.3)
    child.send("\x03")
    child.expect(REMOTE)
    (session,) = levers.open_sessions()
    levers("POST", f"session/{session['id']}/bye")  # the hour is over
    child.send("echo $((6*7))\r")
    child.expect_exact("42")
    child.send("exit\r")
    child.expect("Exiting session with sessionId: ")
    assert ended(child) == 0


def test_an_encrypted_shell(shimmed, nodes, encryption):
    child = terminal(start_session(nodes["payments-api"]), shimmed)
    child.expect_exact("This session is encrypted using AWS KMS.")
    child.expect(REMOTE)
    child.send("exit\r")
    assert ended(child) == 0


def test_an_interactive_command(shimmed, nodes):
    words = start_session(nodes["payments-api"], "AWS-StartInteractiveCommand", command="tty -s && echo terminal")
    child = terminal(words, shimmed)
    child.expect_exact("terminal")
    assert ended(child) == 0


def test_a_command(shimmed, nodes):
    words = start_session(
        nodes["payments-api"],
        "AWS-StartNonInteractiveCommand",
        command="sh -c 'echo out; exit 3'",
        separateOutputStream="true",
    )
    with piped(words, shimmed) as process:
        out, _ = process.communicate(timeout=30)
        assert process.returncode == 0
        assert b"out\n" in out
        assert b"EXIT_CODE: 3" in out


@pytest.mark.parametrize("agent", ["3.3.987.0", "2.3.1644.0"])
def test_a_port(shimmed, nodes, levers, folder, agent):
    node = nodes["payments-api"]
    levers("POST", f"node/{node}", {"agent_version": agent})
    words = start_session(node, "AWS-StartPortForwardingSession", portNumber=5432, localPortNumber=0)
    with far_port(folder, node, 5432), piped(words, shimmed) as process:
        port = int(until(process, b"opened for sessionId").decode().partition("Port ")[2].split()[0])
        with connect(port) as connection:
            connection.sendall(b"hello")
            assert received(connection, 5) == b"hello"
        pid = int(subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, check=True).stdout)
        os.kill(pid, signal.SIGINT)  # of the terminal's; `aws` ignores its own
        assert process.wait(20) == 0
        assert b"Exiting session with sessionId" in process.stdout.read()


def test_a_remote_host(shimmed, nodes, folder):
    node, host = nodes["payments-api"], "db.internal.example"
    words = start_session(
        node, "AWS-StartPortForwardingSessionToRemoteHost", host=host, portNumber=5432, localPortNumber=0
    )
    with far_port(folder, node, 5432, host), piped(words, shimmed) as process:
        port = int(until(process, b"opened for sessionId").decode().partition("Port ")[2].split()[0])
        with connect(port) as connection:
            connection.sendall(b"hello")
            assert received(connection, 5) == b"hello"
        pid = int(subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, check=True).stdout)
        os.kill(pid, signal.SIGTERM)
        process.wait(20)


def test_an_ssh_stream(shimmed, nodes, folder):
    node = nodes["payments-api"]
    with (
        far_port(folder, node, 22),
        piped(start_session(node, "AWS-StartSSHSession", portNumber=22), shimmed) as ssh,
    ):
        ssh.stdin.write(b"SSH-2.0-client\r\n")
        ssh.stdin.flush()
        assert ssh.stdout.read(16) == b"SSH-2.0-client\r\n"  # the echo, and nothing before it
        pid = int(subprocess.run(["pgrep", "-P", str(ssh.pid)], capture_output=True, check=True).stdout)
        os.kill(pid, signal.SIGTERM)
        assert ssh.stdout.read() == b""


class Ecs(BaseHTTPRequestHandler):
    """ECS as `aws ecs execute-command` needs it; the session is the rig's."""

    session = None

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        arn = "arn:aws:ecs:eu-west-1:123456789012"
        task = {"clusterArn": f"{arn}:cluster/prod", "taskArn": f"{arn}:task/prod/0123456789abcdef"}
        match self.headers["X-Amz-Target"].rpartition(".")[2]:
            case "ExecuteCommand":
                names = {"SessionId": "sessionId", "StreamUrl": "streamUrl", "TokenValue": "tokenValue"}
                session = {names[key]: value for key, value in self.session.items()}
                body = {**task, "containerName": "web", "interactive": True, "session": session}
            case "DescribeTasks":
                containers = [{"name": "web", "runtimeId": "0123456789abcdef-42"}]
                body = {"tasks": [{**task, "containers": containers}], "failures": []}
            case _:
                body = {}
        said = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_):
        pass


def test_a_container(shimmed, rig):
    _, session = rig.start("AWS-StartInteractiveCommand", command="echo in a container; cat")
    handler = type("Handler", (Ecs,), {"session": session})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        words = [str(AWS), "ecs", "execute-command", "--cluster", "prod", "--task", "0123456789abcdef"]
        words += ["--container", "web", "--interactive", "--command", "sh"]
        words += ["--endpoint-url", f"http://127.0.0.1:{server.server_port}"]
        child = terminal(words, shimmed)
        child.expect_exact("The Session Manager plugin was installed successfully.")
        child.expect_exact("in a container")
        child.send("hello\r")
        child.expect_exact("hello\r\nhello\r\n")
        child.send("\x04")
        assert ended(child) == 0
        server.shutdown()


def test_a_session_that_is_refused_is_a_failure_of_aws_too(shimmed, nodes, levers):
    levers.fault("OpenDataChannel", "AccessDenied", "no", status=403)
    with piped(start_session(nodes["payments-api"]), shimmed) as process:
        _, err = process.communicate(timeout=30)
        assert process.returncode != 0
        assert b"ssmx: " in err
        assert b"ssmmessages:OpenDataChannel" in err


def test_aws_does_not_warn_of_our_version(shimmed, nodes):
    words = start_session(nodes["payments-api"], "AWS-StartNonInteractiveCommand", command="true")
    with piped(words, shimmed) as process:
        _, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (0, b"")
