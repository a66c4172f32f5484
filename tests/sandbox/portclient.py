"""What a raw client says in a port session: smux by hand, and how such sessions are asked for."""

from __future__ import annotations

import socket
from typing import Any

from ssmx.channel.payload import Flag, PayloadType, flag

from .rawclient import RawClient

SYN, FIN, PSH, NOP = range(4)
HOST = "ledger.cluster-c0ffee.eu-west-1.rds.amazonaws.com"


def smux(command: int, stream: int, data: bytes = b"") -> bytes:
    return b"\x01" + bytes([command]) + len(data).to_bytes(2, "little") + stream.to_bytes(4, "little") + data


def frames(data: bytes) -> list[tuple[int, int, bytes]]:
    """Command, stream and data of each whole frame."""
    found = []
    while len(data) >= 8 and len(data) >= (end := 8 + int.from_bytes(data[2:4], "little")):
        assert data[0] == 1
        found.append((data[1], int.from_bytes(data[4:8], "little"), data[8:end]))
        data = data[end:]
    return found


def data_of(client: RawClient, stream: int) -> bytes:
    return b"".join(data for command, number, data in frames(client.output) if (command, number) == (PSH, stream))


def has_ended(client: RawClient, stream: int) -> bool:
    return (FIN, stream, b"") in frames(client.output)


def say(client: RawClient, data: bytes) -> int:
    return client.send(PayloadType.OUTPUT, data)


def wave(client: RawClient, value: Flag) -> int:
    return client.send(PayloadType.FLAG, flag(value))


def until_data(client: RawClient, stream: int, expected: bytes) -> None:
    client.until(lambda it: len(data_of(it, stream)) >= len(expected))
    assert data_of(client, stream) == expected


def port(number: int, **more: Any) -> dict[str, Any]:
    parameters = {"portNumber": [str(number)], "localPortNumber": ["0"]}
    return {"DocumentName": "AWS-StartPortForwardingSession", "Parameters": parameters, **more}


def remote(host: str, number: int) -> dict[str, Any]:
    parameters = {"portNumber": [str(number)], "localPortNumber": ["0"], "host": [host]}
    return {"DocumentName": "AWS-StartPortForwardingSessionToRemoteHost", "Parameters": parameters}


def ssh(number: int) -> dict[str, Any]:
    return {"DocumentName": "AWS-StartSSHSession", "Parameters": {"portNumber": [str(number)]}}


def read(connection: socket.socket, size: int) -> bytes:
    """So many bytes, or what there is before the end."""
    data = bytearray()
    while len(data) < size and (more := connection.recv(size - len(data))):
        data += more
    return bytes(data)


def accept(listener: socket.socket) -> socket.socket:
    connection, _ = listener.accept()
    connection.settimeout(5)
    return connection
