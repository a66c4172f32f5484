"""Port sessions of one connection: those of old agents, one after the other, and that of ssh."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Callable

import pytest

from ssmx.channel.payload import Flag

from .portclient import (
    accept,
    port,
    read,
    say,
    ssh,
    wave,
)
from .rawclient import RawClient

Opened = Callable[..., tuple[RawClient, str]]
Placed = Callable[..., socket.socket]


# one connection after the other


@pytest.mark.usefixtures("old")
def test_with_an_old_agent_bytes_go_as_they_are(opened: Opened) -> None:
    client, _ = opened(**port(7))
    assert b'"AgentVersion":"2.3.1644.0"' in client.shake().payload
    client.type("ping 0")
    client.until_output("ping 0")
    wave(client, Flag.TERMINATE_SESSION)
    assert client.until_closed() == ""


def test_with_an_old_client_bytes_go_as_they_are(opened: Opened) -> None:
    client, _ = opened(**port(7))
    client.shake(version="1.1.69.0")
    client.type("ping 0")
    client.until_output("ping 0")


@pytest.mark.usefixtures("old")
def test_an_old_agent_disconnects_when_told_and_connects_again_for_data(opened: Opened, placed: Placed) -> None:
    listener = placed(4000)
    client, _ = opened(**port(4000))
    client.shake()
    for text in (b"first", b"second"):
        say(client, text)
        with accept(listener) as connection:
            assert read(connection, len(text)) == text
            wave(client, Flag.DISCONNECT_TO_PORT)
            assert connection.recv(1) == b""
    listener.settimeout(0.1)
    with pytest.raises(TimeoutError):
        listener.accept()


@pytest.mark.usefixtures("old")
def test_an_old_agent_does_not_tell_that_the_server_has_closed(opened: Opened, placed: Placed) -> None:
    listener = placed(4000)
    client, _ = opened(**port(4000))
    client.shake()
    with accept(listener) as connection:
        connection.sendall(b"bye")
    client.until_output("bye")
    before = len(client.messages)
    client.quiet(0.3)
    assert len(client.messages) == before
    client.type("again")
    with accept(listener) as connection:
        assert read(connection, 5) == b"again"


# ssh


def test_the_ssh_document_is_one_stream_in_which_the_server_speaks_first(opened: Opened, placed: Placed) -> None:
    listener = placed(22)
    client, _ = opened(**ssh(22))
    properties = json.loads(client.shake().payload)["RequestedClientActions"][0]["ActionParameters"]["Properties"]
    assert properties == {"portNumber": "22"}
    with accept(listener) as connection:
        connection.sendall(b"SSH-2.0-far\r\n")
        client.until_output("SSH-2.0-far\r\n")
        client.type("SSH-2.0-near\r\n")
        assert read(connection, 14) == b"SSH-2.0-near\r\n"
        connection.sendall(b"last words")
    assert client.until_closed() == ""
    assert client.output == b"SSH-2.0-far\r\nlast words"


def test_where_ssh_is_refused_the_agent_says_nothing_at_all(opened: Opened) -> None:
    client, _ = opened(**ssh(22))
    client.shake()
    before, acknowledged = len(client.received), list(client.acknowledged)
    client.type("SSH-2.0-near\r\n")
    client.quiet(1.5)
    assert (len(client.received), client.acknowledged, client.closed) == (before, acknowledged, None)


@pytest.mark.long
def test_where_ssh_is_refused_the_session_ends_after_a_minute(opened: Opened) -> None:
    client, _ = opened(**ssh(22))
    client.shake()
    assert "document process failed unexpectedly" in client.until_closed(seconds=70)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a listener without room refuses")
def test_nothing_is_acknowledged_before_the_far_side_is_connected(opened: Opened, placed: Placed) -> None:
    listener = placed(22, backlog=0)
    with socket.socket(socket.AF_UNIX) as first:
        first.connect(listener.getsockname())
        client, _ = opened(**ssh(22))
        client.shake()
        number = client.type("early")
        client.quiet(0.3)
        assert number not in client.acknowledged
        accept(listener).close()
        client.until(lambda it: number in it.acknowledged)
        with accept(listener) as connection:
            assert read(connection, 5) == b"early"
