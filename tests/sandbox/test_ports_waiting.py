"""Port sessions in which somebody does not listen, or goes and comes again."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from ssmx.channel.frame import MessageType
from ssmx.sandbox.control import Running
from tests.conftest import Levers

from .conftest import Client
from .portclient import (
    PSH,
    SYN,
    accept,
    data_of,
    port,
    read,
    say,
    smux,
    ssh,
    until_data,
)
from .rawclient import RawClient

Opened = Callable[..., tuple[RawClient, str]]
Placed = Callable[..., socket.socket]


# who does not read


@pytest.mark.parametrize("many", [True, False])
def test_a_far_side_that_does_not_read_is_waited_for(opened: Opened, placed: Placed, many: bool) -> None:
    listener = placed(4000)
    client, _ = opened(**(port(4000) if many else ssh(4000)))
    client.shake()
    pieces = [b"%07d\n" % number * 4096 for number in range(240 if many else 40)]
    say(client, smux(SYN, 3) if many else b"")
    with accept(listener) as connection:
        for piece in pieces:
            say(client, smux(PSH, 3, piece) if many else piece)
        client.quiet(0.5)
        taken = len(client.acknowledged)
        client.quiet(0.2)
        assert len(client.acknowledged) == taken
        assert 0 < taken < client.sequence
        say_again, message = next(iter(client.sent.items()))
        client.socket.send(message)
        client.quiet(0.1)
        assert say_again not in client.acknowledged
        whole = b"".join(pieces)
        assert read(connection, len(whole)) == whole
        client.until(lambda it: not it.sent)
        connection.setblocking(False)
        with pytest.raises(BlockingIOError):
            connection.recv(1)


def test_a_client_that_does_not_listen_stops_the_far_side(opened: Opened, placed: Placed) -> None:
    listener = placed(4000)
    client, _ = opened(**ssh(4000))
    client.shake()
    with accept(listener) as connection:
        client.silent = True
        connection.settimeout(0.3)
        sent = 0
        with suppress(TimeoutError):
            while sent < 1 << 25:
                sent += connection.send(b"x" * 65536)
        assert sent < 1 << 23
        client.silent = False
        connection.settimeout(5)
        connection.shutdown(socket.SHUT_WR)
        client.until_closed()
        assert len(client.output) == sent


# a connection that comes and goes


@pytest.mark.parametrize("how", ["cut", "bye"])
def test_a_lost_connection_loses_and_doubles_nothing(
    opened: Opened, running: Running, ssm: Client, levers: Levers, how: str
) -> None:
    client, session_id = opened(**port(7))
    client.shake()
    pieces = [b"%07d\n" % number * 120 for number in range(600)]
    say(client, smux(SYN, 3))
    for number, piece in enumerate(pieces):
        if number == 300:
            client.until(lambda it: len(data_of(it, 3)) > 50_000)
            levers("POST", f"session/{session_id}/{how}")
        with suppress(ConnectionClosed):
            say(client, smux(PSH, 3, piece))
    with suppress(ConnectionClosed):
        while True:
            client.take(client.socket.recv(1))
    assert client.sent
    assert len(data_of(client, 3)) < len(b"".join(pieces))
    resumed = ssm.resume_session(SessionId=session_id)
    again = RawClient(running, resumed, sequence=client.sequence, expected=client.expected)
    again.go_on_from(client)
    until_data(again, 3, b"".join(pieces))
    again.until(lambda it: not it.sent)
    again.close()


def test_what_the_far_side_says_meanwhile_waits_for_the_client(
    opened: Opened, running: Running, ssm: Client, levers: Levers, placed: Placed
) -> None:
    listener = placed(22)
    client, session_id = opened(**ssh(22))
    client.shake()
    with accept(listener) as connection:
        levers("POST", f"session/{session_id}/cut")
        connection.sendall(b"y" * 100_000)
    resumed = ssm.resume_session(SessionId=session_id)
    again = RawClient(running, resumed, sequence=client.sequence, expected=client.expected)
    assert again.until_closed() == ""
    assert again.output == b"y" * 100_000
    again.close()


def test_a_paused_agent_leaves_the_far_side_alone_until_it_is_started(
    opened: Opened, levers: Levers, placed: Placed
) -> None:
    listener = placed(4000)
    client, session_id = opened(**port(4000))
    client.shake()
    say(client, smux(SYN, 3))
    client.until(lambda it: it.sequence - 1 in it.acknowledged)
    with accept(listener) as connection:
        client.quiet(0.05)
        levers("POST", f"session/{session_id}/pause")
        client.until(lambda it: it.messages[-1].type == MessageType.PAUSE_PUBLICATION)
        connection.sendall(b"late")
        client.quiet(0.4)
        assert client.output == b""
        levers("POST", f"session/{session_id}/start")
        until_data(client, 3, b"late")


def test_input_ends_a_pause(opened: Opened, levers: Levers) -> None:
    client, session_id = opened(**port(7))
    client.shake()
    levers("POST", f"session/{session_id}/pause")
    say(client, smux(SYN, 3) + smux(PSH, 3, b"wake"))
    until_data(client, 3, b"wake")


@pytest.mark.parametrize("route", ["drop?in=2&out=3", "duplicate?on=1", "reorder?on=1"])
def test_faults_on_the_way_do_a_stream_no_harm(opened: Opened, levers: Levers, route: str) -> None:
    client, session_id = opened(**port(7))
    client.shake()
    levers("POST", f"session/{session_id}/{route}")
    pieces = [b"%03d\n" % number * 100 for number in range(20)]
    say(client, smux(SYN, 3))
    for piece in pieces:
        say(client, smux(PSH, 3, piece))
    client.quiet(0.2)
    for frame in list(client.sent.values()):
        client.socket.send(frame)
    until_data(client, 3, b"".join(pieces))
