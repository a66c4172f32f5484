"""The fifteen defects of the official plugin 1.2.677.0, each by its number, and what we do instead.

With SSMX_TEST_PLUGIN=/path/to/session-manager-plugin the same tests run on that one, and show that they can fail.
"""

import hashlib
import os
import pty
import re
import signal
import socket
import struct
import subprocess
import termios
import time
from contextlib import closing
from pathlib import Path

import pytest

from ssmx.model.plan import version
from ssmx.model.plugin import LAST_WITHOUT_VARIABLE
from tests.bench.rig.control import Rig
from tests.carried import DROPIN, carried, environment, words
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
from tests.transport.native.test_garbage import BEGIN, data
from tests.transport.node import node

MB = 1_000_000


def sent_whole(connection, payload):
    """Upload it; whether the far side got just that."""
    connection.sendall(b"U" + struct.pack(">Q", len(payload)) + payload)
    return received(connection, 32) == hashlib.sha256(payload).digest()


@pytest.mark.parametrize("kind", ["mux", "basic", "stream"])
def test_defect_01_a_line_feed_that_comes_alone_stays_one(rig, old_rig, far, kind):
    """It became CR where a read returned just that byte; in a mux, where a message ended with it."""
    if kind == "stream":
        with dropin(rig, STREAM, portNumber=far.port) as (process, _):
            process.stdin.write(b"Ebegin")
            process.stdin.flush()
            until(process, b"begin")
            process.stdin.write(b"\n")
            process.stdin.flush()
            assert process.stdout.read(1) == b"\n"
        return
    with tunnel(rig if kind == "mux" else old_rig, far.port) as (_, port, _, _), connect(port) as connection:
        connection.sendall(b"E")
        time.sleep(0.2)
        payload = b"x" * 1016 + b"\n" if kind == "mux" else b"\n"
        connection.sendall(payload)
        assert received(connection, len(payload)) == payload


@pytest.mark.parametrize("kind", ["mux", "basic"])
def test_defect_02_an_upload_does_not_sleep_after_each_message(rig, old_rig, far, kind):
    """A sleep of 1 ms each makes 24 seconds and more of 24 MB; without them it is one or two."""
    with tunnel(rig if kind == "mux" else old_rig, far.port) as (_, port, _, _), connect(port) as connection:
        connection.settimeout(20)
        assert sent_whole(connection, os.urandom(24 * MB))


def test_defect_03_a_commands_status_is_told_where_callers_do_not_live_by_the_chatter(rig):
    """In the drop-in they do: all on standard output, the status as text, and 0. `ssmx run` tells apart."""
    line = "echo out; echo err >&2; exit 5"
    with dropin(rig, COMMAND, command=line, separateOutputStream="true") as (process, _):
        out, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (0, b"")
        assert all(each in out for each in (b"out\n", b"err\n", b"EXIT_CODE: 5"))
    with carried(rig, COMMAND, command=line, separateOutputStream="true") as (process, _):
        assert process.communicate(timeout=30) == (b"out\n", b"err\n")
        assert process.returncode == 5


@pytest.mark.parametrize("source", ["a pipe", "nothing"])
def test_defect_04_the_end_of_input_does_not_cut_off_the_output(rig, source):
    if source == "a pipe":
        with dropin(rig) as (process, session_id):
            out, _ = process.communicate(b"sleep 0.5; echo $((6*7))\n", timeout=30)
    else:
        with dropin(rig, COMMAND, stdin=subprocess.DEVNULL, command="sleep 0.5; echo 42") as (process, session_id):
            out, _ = process.communicate(timeout=30)
    assert b"42" in out
    assert b"Exiting session with sessionId" in out
    assert is_over(rig, session_id)


@pytest.mark.parametrize("how", ["exit", "SIGTERM", "SIGHUP", "cut"])
def test_defect_05_the_terminal_is_afterwards_what_it_was(rig, how):
    request, answer = rig.start()
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    env = {**environment(answer), "SSMX_RESUME_TIMEOUT": "0"}
    with subprocess.Popen(
        [*DROPIN, *words(request, rig.endpoint)], env=env, stdin=slave, stdout=slave, stderr=slave
    ) as process:
        shown = b""
        while b"fake$ " not in shown:
            shown += os.read(master, 4096)
        assert termios.tcgetattr(slave) != before
        match how:
            case "exit":
                os.write(master, b"exit\r")
            case "cut":
                rig.order(answer["SessionId"], "fault", resume_error=1000)
                rig.order(answer["SessionId"], "drop")
            case name:
                process.send_signal(getattr(signal, name))
        process.wait(20)
    assert termios.tcgetattr(slave) == before
    os.close(master)
    os.close(slave)


@pytest.mark.parametrize("when", ["at first", "later"])
def test_defect_06_what_cannot_be_opened_or_resumed_ends_with_the_reason(rig, far, when):
    if when == "at first":
        request, answer = rig.start(FORWARD, portNumber=far.port, localPortNumber=0)
        answer["StreamUrl"] = f"ws://127.0.0.1:9/{answer['SessionId']}"
        done = subprocess.run(
            [*DROPIN, *words(request, rig.endpoint)],
            env=environment(answer),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 1
        assert b"cannot open the data channel" in done.stderr
        return
    with tunnel(rig, far.port, {"SSMX_RESUME_TIMEOUT": "1"}) as (process, _, session_id, _):
        rig.order(session_id, "fault", refuse_upgrade=1000)
        rig.order(session_id, "drop")
        assert b"could not be resumed in 1 second" in process.stderr.read()
        assert process.wait(20) == 1


def test_defect_07_a_tunnel_survives_a_cut_in_the_middle_of_an_upload(rig, far):
    payload = os.urandom(6 * MB)
    with tunnel(rig, far.port) as (_, port, session_id, _):
        with connect(port) as connection:
            connection.sendall(b"U" + struct.pack(">Q", len(payload)))
            for start in range(0, len(payload), MB):
                connection.sendall(payload[start : start + MB])
                if start == 2 * MB:
                    rig.order(session_id, "drop")
            assert received(connection, 32) == hashlib.sha256(payload).digest()
        with connect(port) as connection:
            assert sent_whole(connection, payload[:1000])
    assert "resume_session" in events(rig, session_id)


def test_defect_08_a_half_close_keeps_its_answer(rig, far):
    """smux 1 has no half-close and the agent makes it a whole one, so we keep it until the answer is over."""
    with tunnel(rig, far.port) as (_, port, _, _), connect(port) as connection:
        connection.sendall(b"E" + b"x" * 100_000)
        connection.shutdown(socket.SHUT_WR)
        assert received(connection, 100_000) == b"x" * 100_000


def test_defect_08_slow_readers_do_not_stop_the_others(rig, far):
    """smux 1 cannot stop one stream alone: 4 MiB are kept for each, where the plugin keeps 4 for all together."""
    with tunnel(rig, far.port) as (_, port, _, _):
        slow = [socket.socket() for _ in range(6)]
        for each in slow:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            each.connect(("127.0.0.1", port))
            each.sendall(b"D" + struct.pack(">Q", 6 * MB))  # the system takes the half of it for each
        time.sleep(2)
        with connect(port) as quick:
            quick.sendall(b"E!")
            assert quick.recv(1) == b"!"
        for each in slow:
            each.close()


def test_defect_09_no_two_messages_have_the_same_number(rig):
    """Keys, signals and sizes came from three goroutines without a lock."""
    with terminal(rig) as (child, session_id):
        child.expect(r"fake\$ ")
        child.send("stty -echo; echo re''ady; cat > /dev/null\r")
        child.expect_exact("ready\r\n")
        for number in range(300):
            child.send("x" * 20 + "\r")
            child.setwinsize(30 + number % 10, 100)
            if number % 3 == 0:
                os.kill(child.pid, signal.SIGWINCH)
        child.send("\x03")
        child.expect(r"fake\$ ")
        child.send("stty size\r")
        child.expect_exact("39 100")
    status = rig.status(session_id)
    assert status["counters"].get("dup_in", 0) == 0
    assert status["in_seq"] == status["counters"]["in_msgs"]


def test_defect_09_what_comes_right_behind_the_handshake_is_no_harm():
    """A message before the mux was set up met a nil pointer, and the tunnel hung."""

    def play(socket):
        socket.recv()
        for frame in [*BEGIN, data(2, b"\x01\x03\x00\x00\x00\x00\x00\x00")]:  # smux: NOP
            socket.send(frame)
        for frame in socket:
            if isinstance(frame, bytes) and b"ping" in frame:
                socket.send(data(3, b"\x01\x02\x04\x00\x03\x00\x00\x00pong"))

    with node(play) as at:
        answer = {"SessionId": "s-1", "TokenValue": "t", "StreamUrl": f"ws://127.0.0.1:{at}/v1/data-channel/s-1"}
        line = [*DROPIN, *words({"Target": "i-1"}, "http://127.0.0.1:9")]
        with subprocess.Popen(line, env=environment(answer), stdout=subprocess.PIPE) as process:
            port = int(until(process, b"opened for").decode().partition("Port ")[2].split()[0])
            with connect(port) as connection:
                connection.sendall(b"ping")
                assert connection.recv(4) == b"pong"
            process.kill()


def test_defect_10_sigterm_ends_the_session_and_leaves_nothing_behind(rig, far, scratch):
    with (
        tunnel(rig, far.port, {"TMPDIR": str(scratch)}) as (process, port, session_id, _),
        connect(port) as connection,
    ):
        connection.sendall(b"E!")
        assert connection.recv(1) == b"!"
        process.terminate()
        assert process.wait(10) == 1
    assert is_over(rig, session_id)
    assert list(scratch.iterdir()) == []


def test_defect_11_a_lost_acknowledgement_is_given_again(rig, far):
    with tunnel(rig, far.port) as (_, port, session_id, _), connect(port) as connection:
        connection.sendall(b"E!")
        assert connection.recv(1) == b"!"
        rig.order(session_id, "fault", dup_out=1)
        before = rig.status(session_id)["counters"]
        for _ in range(50):
            connection.sendall(b"!")
            assert connection.recv(1) == b"!"
        time.sleep(0.3)
        after = rig.status(session_id)["counters"]
        said = after["out_msgs"] - before["out_msgs"]
        assert said >= 50
        assert after["acks_in"] - before["acks_in"] >= 2 * said  # more where a slow machine makes the agent repeat


def test_defect_11_nothing_is_sent_twice_on_a_good_network(rig, far):
    """It sent first and noted afterwards, so that an acknowledgement could come too early.

    A machine that stands still for longer than the timer makes every client repeat, so one good run of three does.
    """
    twice = []
    while 0 not in twice:
        assert len(twice) < 3, twice
        with tunnel(rig, far.port) as (_, port, session_id, _), connect(port) as connection:
            assert sent_whole(connection, os.urandom(3 * MB))
        counters = rig.status(session_id)["counters"]
        assert counters["in_msgs"] > 2900
        twice.append(counters.get("dup_in", 0))


def test_defect_12_callers_are_told_a_version_that_keeps_the_token_off_the_command_line(rig, far):
    """Where it is, is the caller's matter. It cannot leave /proc/PID/environ, but no child of ours inherits it."""
    said = subprocess.run([*DROPIN, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    assert version(said) > version(LAST_WITHOUT_VARIABLE)
    with tunnel(rig, far.port) as (process, _, _, _):
        line = Path(f"/proc/{process.pid}/cmdline").read_text()
        assert "AWS_SSM_START_SESSION_RESPONSE" in line
        assert "TokenValue" not in line


def test_defect_13_chatter_is_where_callers_read_it_and_never_in_a_stream(rig, far):
    with dropin(rig, STREAM, portNumber=far.port) as (process, session_id):
        process.stdin.write(b"Ehello")
        process.stdin.flush()
        assert process.stdout.read(5) == b"hello"
        rig.order(session_id, "close")
        assert process.stdout.read() == b""
    with tunnel(rig, far.port) as (_, _, session_id, said):
        assert re.fullmatch(
            rf"\nStarting session with SessionId: {session_id}\nPort \d+ opened for sessionId {session_id}\.\n"
            r"(\nWaiting for connections\.\.\.\n)?",
            said.decode(),
        )


def test_defect_14_localhost_is_served_on_both_addresses(rig, far):
    with tunnel(rig, far.port) as (_, port, _, _):
        for host in ("127.0.0.1", "::1"):
            with connect(port, host) as connection:
                connection.sendall(b"E!")
                assert connection.recv(1) == b"!"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_defect_14_a_local_port_that_is_taken_is_a_failure_and_leaves_no_session(rig, far, host):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.create_server((host, 0), family=family)) as taken:
        port = taken.getsockname()[1]
        with dropin(rig, FORWARD, portNumber=far.port, localPortNumber=port) as (process, session_id):
            _, err = process.communicate(timeout=30)
            assert process.returncode == 1
            assert f"port {port} of {host} is taken" in err.decode()
    assert is_over(rig, session_id)


def test_defect_15_a_kms_that_cannot_be_reached_is_told_at_once_and_is_a_failure():
    with Rig("--kms-key", "arn:key") as rig, dropin(rig, COMMAND, command="true") as (process, session_id):
        _, err = process.communicate(timeout=30)
        assert process.returncode == 1
        first, second = err.decode().splitlines()
        assert first.startswith("ssmx: cannot reach AWS for kms:GenerateDataKey")
        assert second.startswith("  try: check the network")
        assert is_over(rig, session_id)
