"""AWS-StartNonInteractiveCommand over the native client, with pipes at every end."""

import signal
import subprocess
import time

import pytest

from ssmx.channel.payload import Action, PayloadType
from tests.bench.rig.control import ROOT, Rig
from tests.carried import NATIVE, NOWHERE, carried, environment, words
from tests.transport.native.test_garbage import request, said
from tests.transport.node import node


def command(rig, line, env=None):
    return carried(rig, "AWS-StartNonInteractiveCommand", env, command=line, separateOutputStream="true")


def test_output_errors_and_status_come_apart(rig):
    with command(rig, "echo out; echo err >&2; exit 5") as (process, _):
        assert process.stdout.read() == b"out\n"
        assert process.stderr.read() == b"err\n"
        assert process.wait(5) == 5


def test_much_output_is_whole(rig):
    with command(rig, "head -c 3000000 /dev/zero | tr '\\0' x; echo done >&2") as (process, _):
        assert process.stdout.read() == b"x" * 3_000_000
        assert process.stderr.read() == b"done\n"
        assert process.wait(5) == 0


def test_a_slow_reader_loses_nothing(rig):
    with command(rig, "head -c 3000000 /dev/zero | tr '\\0' x") as (process, _):
        time.sleep(1.5)
        assert len(process.stdout.read()) == 3_000_000
        assert process.wait(5) == 0


def test_a_command_survives_a_lost_connection(paced_rig):
    with command(paced_rig, "for i in 1 2 3 4 5 6; do echo $i; sleep 0.2; done; exit 3") as (process, session_id):
        assert process.stdout.readline() == b"1\n"
        paced_rig.order(session_id, "drop")
        assert process.stdout.read() == b"2\n3\n4\n5\n6\n"
        assert process.wait(5) == 3


def test_a_command_that_takes_too_long_is_interrupted_and_may_say_its_last(rig):
    line = "trap 'echo interrupted; exit 9' INT; echo ready; while :; do sleep 0.05; done"
    with command(rig, line, {"SSMX_TIMEOUT": "0.5"}) as (process, session_id):
        assert process.stdout.read() == b"ready\ninterrupted\n"
        assert b"ran for 0.5 seconds" in process.stderr.read()
        assert process.wait(5) == 75
        assert any(each["event"] == "signal" for each in rig.status(session_id)["events"])


def test_a_command_that_will_not_end_is_left_after_its_grace(rig):
    with command(rig, "trap '' INT; echo ready; sleep 30", {"SSMX_TIMEOUT": "0.3"}) as (process, _):
        began = time.monotonic()
        assert process.wait(10) == 75
        assert time.monotonic() - began < 8


def test_ctrl_c_interrupts_the_command(rig):
    with command(rig, "trap 'echo bye; exit 9' INT; echo ready; while :; do sleep 0.05; done") as (process, _):
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == b"bye\n"
        assert process.wait(5) == 130


def test_a_reader_that_has_enough_ends_it(rig):
    with command(rig, "yes") as (process, _):
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(10) == 141


@pytest.mark.parametrize("ends", [("Session idle timeout", 74), ("", 74)])
def test_an_end_without_a_status_is_no_success(rig, ends):
    reason, status = ends
    with command(rig, "echo begun; sleep 30") as (process, session_id):
        assert process.stdout.readline() == b"begun\n"
        rig.order(session_id, "close", output=reason)
        assert (reason or "status is not known").encode() in process.stderr.read()
        assert process.wait(5) == status


def test_an_agent_that_tells_no_status_is_refused_with_the_reason():
    with Rig("--agent-version", "3.0.1124.0") as rig, command(rig, "true") as (process, _):
        said = process.stderr.read().decode()
        assert process.wait(5) == 69
        assert "older ones do not tell how a command ended" in said


def test_a_status_that_was_told_counts_though_the_end_of_the_session_was_not():
    kind = Action("SessionType", {"SessionType": "NonInteractiveCommands", "Properties": None})

    def play(socket):
        socket.recv()
        socket.send(request(kind))
        socket.send(said(1, PayloadType.HANDSHAKE_COMPLETE, b"{}"))
        socket.send(said(2, PayloadType.OUTPUT, b"done\n"))
        socket.send(said(3, PayloadType.EXIT_CODE, b"EXIT_CODE: 4"))
        socket.recv(timeout=1)

    with node(play) as port:
        answer = {
            "SessionId": "ravi-1",
            "TokenValue": "t",
            "StreamUrl": f"ws://127.0.0.1:{port}/v1/data-channel/ravi-1",
        }
        asked = {
            "Target": "i-0123456789abcdef0",
            "DocumentName": "AWS-StartNonInteractiveCommand",
            "Parameters": {"command": ["true"]},
        }
        done = subprocess.run(
            [*NATIVE, *words(asked, NOWHERE)],
            cwd=ROOT,
            env={**environment(answer), "SSMX_RESUME_TIMEOUT": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    assert (done.returncode, done.stdout) == (4, b"done\n")


def test_a_reader_that_is_slow_does_not_stretch_the_time_a_command_is_given(rig):
    with command(rig, "yes", {"SSMX_TIMEOUT": "1"}) as (process, _):
        assert process.wait(10) == 75
