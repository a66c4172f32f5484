"""Port sessions that carry many connections, over smux."""

from __future__ import annotations

import json
import socket
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from ssmx.channel.frame import SYN as FIRST
from ssmx.channel.payload import Flag, PayloadType
from tests.conftest import Levers

from .conftest import Client, node_named
from .portclient import (
    FIN,
    HOST,
    NOP,
    PSH,
    SYN,
    accept,
    data_of,
    frames,
    has_ended,
    port,
    read,
    remote,
    say,
    smux,
    until_data,
    wave,
)
from .rawclient import RawClient

Opened = Callable[..., tuple[RawClient, str]]
Placed = Callable[..., socket.socket]


# the handshake


def test_a_port_session_begins_with_a_handshake_that_names_the_port(opened: Opened) -> None:
    request = port(5432)
    request["Parameters"]["localPortNumber"] = ["15432"]
    client, _ = opened(**request)
    first = client.shake()
    assert (first.payload_type, first.sequence, first.flags) == (PayloadType.HANDSHAKE_REQUEST, 0, FIRST)
    properties = {"portNumber": "5432", "type": "LocalPortForwarding", "localPortNumber": "15432"}
    body = json.loads(first.payload)
    assert body["RequestedClientActions"] == [
        {"ActionType": "SessionType", "ActionParameters": {"SessionType": "Port", "Properties": properties}}
    ]
    assert body["AgentVersion"].startswith("3.")


def test_what_comes_before_the_handshake_is_acknowledged_and_thrown_away(opened: Opened) -> None:
    client, _ = opened(**port(7))
    say(client, b"this is no smux at all")
    client.until(lambda it: 0 in it.acknowledged)
    client.shake()
    say(client, smux(SYN, 3) + smux(PSH, 3, b"hello"))
    until_data(client, 3, b"hello")


@pytest.mark.parametrize("host", ["169.254.169.254", "fd00:ec2::254", "::ffff:169.254.169.254"])
def test_a_denied_host_ends_the_session_after_the_handshake(opened: Opened, host: str) -> None:
    client, _ = opened(**remote(host, 80))
    client.shake()
    assert client.until_closed() == f"Forwarding to IP address {host} is forbidden."


# many connections


def test_port_7_echoes_a_stream(opened: Opened) -> None:
    client, _ = opened(**port(7))
    client.shake()
    say(client, smux(SYN, 3))
    say(client, smux(PSH, 3, b"ping 0"))
    until_data(client, 3, b"ping 0")
    say(client, smux(FIN, 3))
    client.until(lambda it: has_ended(it, 3))
    assert frames(client.output) == [(PSH, 3, b"ping 0"), (FIN, 3, b"")]
    say(client, smux(SYN, 5) + smux(PSH, 5, b"ping 1"))
    until_data(client, 5, b"ping 1")
    assert client.acknowledged == list(range(client.sequence))


def test_frames_are_found_wherever_messages_are_cut(opened: Opened) -> None:
    client, _ = opened(**port(7))
    client.shake()
    for byte in smux(SYN, 3) + smux(PSH, 3, b"in pieces") + smux(NOP, 0) + smux(PSH, 3, b"!"):
        say(client, bytes([byte]))
    until_data(client, 3, b"in pieces!")


def test_streams_do_not_mix(opened: Opened) -> None:
    client, _ = opened(**port(7))
    client.shake()
    streams = {number: b"%d;" % number * 5000 for number in range(3, 15, 2)}
    say(client, b"".join(smux(SYN, number) for number in streams))
    for start in range(0, 15000, 700):
        for number, data in streams.items():
            if piece := data[start : start + 700]:
                say(client, smux(PSH, number, piece))
    for number, data in streams.items():
        until_data(client, number, data)
    assert all(len(message.payload) <= 1024 for message in client.received)


def test_port_80_is_a_page_of_the_node(opened: Opened) -> None:
    client, _ = opened(**port(80))
    client.shake()
    say(client, smux(SYN, 3) + smux(PSH, 3, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
    client.until(lambda it: has_ended(it, 3))
    page = data_of(client, 3)
    assert page.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"<h1>ip-10-0-12-87" in page


@pytest.mark.parametrize("host", ["", HOST, "localhost"])
def test_a_socket_in_its_place_is_the_far_port(opened: Opened, placed: Placed, host: str) -> None:
    listener = placed(5432, host)
    client, _ = opened(**(remote(host.upper(), 5432) if host else port(5432)))
    client.shake()
    say(client, smux(SYN, 3) + smux(PSH, 3, b"question"))
    with accept(listener) as connection:
        assert read(connection, 8) == b"question"
        connection.sendall(b"answer" * 1000)
    client.until(lambda it: has_ended(it, 3))
    assert data_of(client, 3) == b"answer" * 1000


def test_a_host_is_not_the_node_and_the_builtin_ports_are_the_nodes(opened: Opened, placed: Placed) -> None:
    placed(5432)
    for number in (5432, 7):
        client, _ = opened(**remote(HOST, number))
        client.shake()
        say(client, smux(SYN, 3))
        client.until(lambda it: has_ended(it, 3))
        assert PayloadType.FLAG in client.kinds()


def test_a_refused_port_is_told_before_the_stream_is_closed_and_the_session_lives(
    opened: Opened, placed: Placed
) -> None:
    client, _ = opened(**port(9099))
    client.shake()
    say(client, smux(SYN, 3) + smux(PSH, 3, b"ping"))
    client.until(lambda it: has_ended(it, 3))
    told, closed = client.received[2:]
    assert (told.payload_type, told.payload) == (PayloadType.FLAG, b"\0\0\0\3")
    assert closed.payload == smux(FIN, 3)
    listener = placed(9099)
    say(client, smux(SYN, 5) + smux(PSH, 5, b"ping"))
    with accept(listener) as connection:
        assert read(connection, 4) == b"ping"


def test_the_clients_end_of_a_stream_closes_the_far_side(opened: Opened, placed: Placed) -> None:
    listener = placed(4000)
    client, _ = opened(**port(4000))
    client.shake()
    say(client, smux(SYN, 3))
    with accept(listener) as connection:
        say(client, smux(FIN, 3))
        assert connection.recv(1) == b""
    client.until(lambda it: has_ended(it, 3))


def test_a_stream_that_is_over_before_it_is_connected_loses_nothing(opened: Opened, placed: Placed) -> None:
    listener = placed(4000)
    client, _ = opened(**port(4000))
    client.shake()
    say(client, smux(SYN, 3) + smux(PSH, 3, b"all at once") + smux(FIN, 3))
    with accept(listener) as connection:
        assert read(connection, 100) == b"all at once"
    client.until(lambda it: has_ended(it, 3))


def test_more_streams_than_a_listener_has_room_for_wait_for_it(opened: Opened, placed: Placed) -> None:
    listener = placed(4000, backlog=1)
    client, _ = opened(**port(4000))
    client.shake()
    numbers = range(3, 43, 2)
    for number in numbers:
        say(client, smux(SYN, number) + smux(PSH, number, b"%2d" % number))
    heard = set()
    for _ in numbers:
        with accept(listener) as connection:
            heard.add(int(read(connection, 2)))
    assert heard == set(numbers)
    client.until(lambda it: all(has_ended(it, number) for number in numbers))
    assert PayloadType.FLAG not in client.kinds()


def test_the_terminate_flag_ends_the_session_even_in_a_download(opened: Opened, placed: Placed) -> None:
    listener = placed(4000)
    client, _ = opened(**port(4000))
    client.shake()
    say(client, smux(SYN, 3))
    with accept(listener) as connection:
        connection.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                connection.send(b"x" * 65536)
        number = wave(client, Flag.TERMINATE_SESSION)
        assert client.until_closed() == ""
        assert number in client.acknowledged


def test_bytes_that_are_no_smux_end_the_session(opened: Opened) -> None:
    client, _ = opened(**port(7))
    client.shake()
    say(client, b"GET / HTTP/1.1\r\n")
    assert client.until_closed() == ""


@pytest.mark.parametrize(("agent", "client_version"), [("3.1.1511.0", "1.2.835.0"), ("3.3.0.0", "1.2.331.0")])
def test_an_old_end_makes_the_agent_say_that_it_is_there(
    opened: Opened, levers: Levers, node: str, agent: str, client_version: str
) -> None:
    levers("POST", f"node/{node}", {"agent_version": agent})
    client, _ = opened(**port(7))
    client.shake(version=client_version)
    client.until(lambda it: frames(it.output) == [(NOP, 0, b"")])
    say(client, smux(NOP, 0) + smux(SYN, 3) + smux(PSH, 3, b"on"))
    until_data(client, 3, b"on")


def test_new_ends_say_nothing_unasked(opened: Opened, levers: Levers, node: str) -> None:
    levers("POST", f"node/{node}", {"agent_version": "3.1.1512.0"})
    client, _ = opened(**port(7))
    client.shake(version="1.2.331.1")
    client.quiet(0.2)
    assert client.output == b""


@pytest.mark.long
def test_an_old_agent_ends_where_it_hears_nothing(opened: Opened, levers: Levers, node: str) -> None:
    levers("POST", f"node/{node}", {"agent_version": "3.1.1511.0"})
    client, _ = opened(**port(7))
    client.shake()
    begun = time.monotonic()
    assert client.until_closed(seconds=60) == ""
    assert 29 < time.monotonic() - begun < 45


# who may


def test_nobody_else_can_enter_the_far_ports(folder: Path, placed: Placed) -> None:
    path = Path(placed(4000).getsockname())
    assert folder in path.parents
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_far_port_of_one_node_is_not_anothers(opened: Opened, ec2: Client, placed: Placed) -> None:
    placed(4000)
    client, _ = opened(**port(4000, Target=node_named(ec2, "bastion-prod")))
    client.shake()
    say(client, smux(SYN, 3))
    client.until(lambda it: has_ended(it, 3))
    assert PayloadType.FLAG in client.kinds()
