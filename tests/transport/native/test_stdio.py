"""AWS-StartSSHSession: standard input and output are the far port's bytes, and nothing else."""

import os
import signal
import socket
import struct
import threading
import time
from contextlib import contextmanager

import pytest

from tests.bench.rig.control import Rig
from tests.carried import carried


@contextmanager
def typed(process, data):
    """Write data while it is read elsewhere: the pipes hold little of it."""

    def write():
        process.stdin.write(data)
        process.stdin.flush()

    writer = threading.Thread(target=write)
    writer.start()
    yield
    writer.join()


def ssh(rig, port):
    return carried(rig, "AWS-StartSSHSession", portNumber=port)


def test_every_byte_arrives_both_ways_and_nothing_else_is_written(rig, far):
    data = bytes(range(256)) * 4000 + b"\n"
    with ssh(rig, far.port) as (process, session_id):
        process.stdin.write(b"E\n")
        process.stdin.flush()
        assert process.stdout.read(1) == b"\n"  # the plugin makes a CR of a lone LF
        with typed(process, data):
            assert process.stdout.read(len(data)) == data
        rig.order(session_id, "close")
        assert process.stdout.read() == b""
        assert process.stderr.read() == b""
        assert process.wait(5) == 0


def test_a_connection_that_is_lost_is_resumed_in_silence(paced_rig, far):
    data = os.urandom(300_000)
    with ssh(paced_rig, far.port) as (process, session_id):
        process.stdin.write(b"E" + data[:1000])
        process.stdin.flush()
        assert process.stdout.read(1000) == data[:1000]
        lost = time.monotonic()
        paced_rig.order(session_id, "drop")
        with typed(process, data[1000:]):
            assert process.stdout.read(len(data) - 1000) == data[1000:]
        taken = time.monotonic() - lost
        paced_rig.order(session_id, "close")
        assert process.stderr.read() == b"" or taken > 1  # on a machine that stood still
        assert process.wait(5) == 0


def test_the_far_sides_end_is_ours(rig):
    with socket.create_server(("127.0.0.1", 0)) as server, ssh(rig, server.getsockname()[1]) as (process, _):
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"SSH-2.0-far\r\n")
        assert process.stdout.read() == b"SSH-2.0-far\r\n"
        assert process.wait(5) == 0


def test_the_end_of_input_waits_for_the_answer(rig):
    """The plugin ends at once, and the answer is lost."""
    with socket.create_server(("127.0.0.1", 0)) as server, ssh(rig, server.getsockname()[1]) as (process, _):
        process.stdin.write(b"the request")
        process.stdin.close()
        connection, _ = server.accept()
        with connection:
            assert connection.recv(11, socket.MSG_WAITALL) == b"the request"
            time.sleep(0.5)
            connection.sendall(b"the answer")
        assert process.stdout.read() == b"the answer"
        assert process.wait(5) == 0


def test_the_end_of_input_ends_a_session_whose_reader_is_gone(rig, far):
    with ssh(rig, far.port) as (process, session_id):
        process.stdin.write(b"E.")
        process.stdin.flush()
        assert process.stdout.read(1) == b"."
        process.stdout.close()
        process.stdin.close()
        assert process.wait(5) == 0
        assert not rig.status(session_id)["connected"]


def test_a_reader_that_is_gone_ends_it(rig, far):
    with ssh(rig, far.port) as (process, _):
        process.stdin.write(b"D" + struct.pack(">Q", 5_000_000))
        process.stdin.flush()
        process.stdout.read(10)
        process.stdout.close()
        assert process.wait(10) == 141


def test_a_signal_ends_it(rig, far):
    with ssh(rig, far.port) as (process, _):
        process.stdin.write(b"E.")
        process.stdin.flush()
        assert process.stdout.read(1) == b"."
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 143


def test_a_file_is_sent_whole(rig, far, tmp_path):
    (tmp_path / "file").write_bytes(b"E" + b"from a file " * 10_000)
    with (
        (tmp_path / "file").open("rb") as source,
        carried(rig, "AWS-StartSSHSession", stdin=source, portNumber=far.port) as (process, session_id),
    ):
        assert process.stdout.read(120_000) == b"from a file " * 10_000
        rig.order(session_id, "close")
        assert process.wait(5) == 0


@pytest.mark.parametrize("reason", ["Session idle timeout", "Terminated by admin"])
def test_an_end_with_a_reason_is_74_with_that_reason(rig, far, reason):
    with ssh(rig, far.port) as (process, session_id):
        process.stdin.write(b"E.")
        process.stdin.flush()
        assert process.stdout.read(1) == b"."
        rig.order(session_id, "close", output=reason)
        assert reason.encode() in process.stderr.read()
        assert process.wait(5) == 74


@pytest.mark.waits
def test_a_port_that_does_not_connect_is_told_within_ten_seconds(far):
    """No agent takes anything before the far port is connected, and about one that refuses it says nothing."""
    with Rig() as rig, ssh(rig, far.port) as (process, session_id):
        rig.order(session_id, "fault", no_ack=1)
        began = time.monotonic()
        said = process.stderr.read().decode()
        assert process.wait(1) == 69
        assert time.monotonic() - began < 15
        assert f"port {far.port} of i-0123456789abcdef0 refuses, or does not answer" in said


@pytest.mark.waits
def test_a_port_that_is_silent_is_told_within_ten_seconds_and_goes_on(rig):
    with socket.create_server(("127.0.0.1", 0)) as server, ssh(rig, server.getsockname()[1]) as (process, _):
        connection, _ = server.accept()
        with connection:
            assert b"is connected and has said nothing yet" in process.stderr.readline()
            connection.sendall(b"at last")
            assert process.stdout.read(7) == b"at last"
        assert process.wait(5) == 0
