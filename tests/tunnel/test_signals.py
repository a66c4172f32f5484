"""What comes at the worst moment, and who leaves then."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from itertools import count

import pytest

from ssmx.errors import Terminated
from ssmx.sandbox import far
from ssmx.signals import Signals
from ssmx.tunnel import client
from ssmx.tunnel.opening import Demand

from .conftest import connect, connect_early, echoed
from .test_supervision import end, no_session_is_open, until_asked


def no(_text):
    pass


def test_a_signal_that_comes_while_the_client_is_being_started_is_the_clients():
    def come():
        os.kill(os.getpid(), signal.SIGTERM)

    status = asyncio.run(client.run(["sleep", "30"], dict(os.environ), Signals(no), check=come))
    assert status == 128 + signal.SIGTERM


def test_a_signal_that_came_before_starts_no_client(tmp_path):
    def came():
        raise Terminated("terminated")

    with pytest.raises(Terminated):
        asyncio.run(client.run(["touch", str(tmp_path / "up")], dict(os.environ), Signals(no), check=came))
    assert not (tmp_path / "up").exists()


def test_a_pause_is_left_though_a_client_comes_in_the_same_moment():
    async def left():
        demand = Demand()
        resting = asyncio.create_task(demand.rest(30))
        await asyncio.sleep(0.05)
        demand.want()
        resting.cancel()
        with pytest.raises(asyncio.CancelledError):
            async with asyncio.timeout(5):
                await resting

    asyncio.run(left())


def test_a_second_ctrl_c_does_not_wait_for_a_session_that_is_being_started(tunnel, levers, ssmx):
    levers.fault("StartSession", "", delay=6.0)
    running = tunnel("forward", "payments-api", "0:7")
    deadline = time.monotonic() + 15
    until_asked(levers, "StartSession")
    running.process.send_signal(signal.SIGINT)
    while "Ctrl-C again leaves at once" not in running.said:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.4)  # nobody types it twice in the same moment
    started = time.monotonic()
    assert running.stop() == 130
    assert time.monotonic() - started < 4
    assert "may have been started" in running.said
    while not (late := levers.open_sessions()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    ssmx("sessions", "end", late[0]["id"])


@pytest.fixture
def far_port(folder, nodes):
    """A port of payments-api that is the test's own; gives its number and a listener."""
    port = 9000 + next(_numbers)
    path = far.place(folder, nodes["payments-api"], port)
    path.parent.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        listener.settimeout(2)
        yield port, listener
    path.unlink()


_numbers = count()


def test_who_has_left_while_there_was_no_link_is_not_served_later(tunnel, levers, far_port, free_port):
    """Its words were said again elsewhere: an order would be given twice."""
    port, listener = far_port
    levers.fault("StartSession", "", delay=2.5)
    running = tunnel("forward", "payments-api", f"{free_port}:{port}")
    with connect_early(free_port) as early:
        early.sendall(b"INSERT;")
    running.event("ready")
    with connect(free_port) as later:
        later.sendall(b"later")
        heard = []
        while b"later" not in heard:
            served, _ = listener.accept()
            with served:
                served.settimeout(2)
                heard.append(served.recv(16))
    assert b"INSERT;" not in heard
    assert running.stop() == 130


def test_the_ports_stay_when_nobody_reads_the_events_any_more(env, levers):
    words = [sys.executable, "-m", "ssmx", "forward", "payments-api", "0:7", "--events", "json"]
    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            ready = json.loads(process.stdout.readline())
            process.stdout.close()
            with connect(ready["local_port"]) as connection:
                assert echoed(connection)
                end(levers, ready)
                with pytest.raises(ConnectionResetError):
                    connection.recv(1)
            with connect(ready["local_port"]) as connection:
                assert echoed(connection)
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 130
        finally:
            process.kill()
        said = process.stderr.read()
    assert "nobody reads the events any more" in said
    assert no_session_is_open(levers), said
