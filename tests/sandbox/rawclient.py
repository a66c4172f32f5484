"""A client of the data channel made of a websocket and the frame codec alone, so that a test sees every message."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from ssmx.channel import payload
from ssmx.channel.frame import Message, MessageType, decode, encode
from ssmx.channel.payload import PayloadType
from ssmx.sandbox.control import Running


def signed(url: str, running: Running, *, secret: str = "", service: str = "ssmmessages") -> dict[str, str]:
    """The headers of a signed upgrade, over the decoded query as the Go SDK does it."""
    parts = urlsplit(url)
    request = AWSRequest(
        "GET",
        f"http://{parts.netloc}{parts.path}",
        params=dict(parse_qsl(parts.query, keep_blank_values=True)),
        headers={"Host": parts.netloc},
    )
    SigV4Auth(Credentials(running.access_key, secret or running.secret_key), service, running.region).add_auth(
        request
    )
    return {name: value for name, value in request.headers.items() if name != "Host"}


def dial(
    url: str, headers: Mapping[str, str], *, user_agent: str | None = "raw"
) -> AbstractContextManager[ClientConnection]:
    return connect(
        url,
        additional_headers=headers,
        user_agent_header=user_agent,
        compression=None,
        proxy=None,
        max_size=None,
        close_timeout=1,
    )


class RawClient:
    """One connection. It acknowledges whatever is numbered, and notes everything."""

    def __init__(
        self, running: Running, started: Mapping[str, Any], *, sequence: int = 0, expected: int = 0
    ) -> None:
        url = started["StreamUrl"]
        self._stack = ExitStack()
        self.socket = self._stack.enter_context(dial(url, signed(url, running)))
        opening = payload.open_data_channel(
            token=started["TokenValue"], request_id=os.urandom(16), client_id=os.urandom(16)
        )
        self.socket.send(opening)
        self.sequence = sequence
        self.expected = expected
        self.early: dict[int, Message] = {}
        self.output = b""
        self.errors = b""
        self.received: list[Message] = []  # the stream in its order, each message once
        self.sent: dict[int, bytes] = {}  # not yet acknowledged
        self.messages: list[Message] = []
        self.acknowledged: list[int] = []
        self.closed: str | None = None
        self.silent = False  # acknowledge nothing

    def send(self, kind: PayloadType, content: bytes, *, sequence: int | None = None) -> int:
        number = self.sequence if sequence is None else sequence
        if sequence is None:
            self.sequence += 1
        frame = encode(
            Message(MessageType.INPUT, number, 0, kind, content, os.urandom(16), int(time.time() * 1000))
        )
        self.sent[number] = frame
        self.socket.send(frame)
        return number

    def go_on_from(self, before: RawClient) -> None:
        """Send what the connection before has sent in vain, and keep what it has received."""
        self.output, self.errors, self.received = before.output, before.errors, before.received
        self.early, self.sent = before.early, before.sent
        for frame in self.sent.values():
            self.socket.send(frame)

    def shake(self, *, version: str = "1.2.835.0") -> Message:
        """Answer the handshake; gives the request."""
        self.until(lambda client: bool(client.received))
        action = {"ActionType": "SessionType", "ActionStatus": 1, "ActionResult": None, "Error": ""}
        body = {"ClientVersion": version, "ProcessedClientActions": [action], "Errors": None}
        self.send(PayloadType.HANDSHAKE_RESPONSE, json.dumps(body).encode())
        self.until(lambda client: PayloadType.HANDSHAKE_COMPLETE in client.kinds())
        return self.received[0]

    def kinds(self) -> list[int]:
        """The payload types of what was received."""
        return [message.payload_type for message in self.received]

    def quiet(self, seconds: float) -> None:
        """Take messages for so long; what is to be seen is that something does not come."""
        end = time.monotonic() + seconds
        with suppress(TimeoutError, ConnectionClosed):
            while (left := end - time.monotonic()) > 0:
                self.take(self.socket.recv(left))

    def type(self, text: str) -> int:
        return self.send(PayloadType.OUTPUT, text.encode())

    def until(self, done: Callable[[RawClient], bool], *, seconds: float = 10.0) -> RawClient:
        """Take messages until `done`; the end of the connection counts as the end."""
        end = time.monotonic() + seconds
        while not done(self):
            left = end - time.monotonic()
            assert left > 0, f"not in time; so far {self.output[-300:]!r}"
            try:
                self.take(self.socket.recv(left))
            except TimeoutError:
                continue
            except ConnectionClosed:
                assert done(self), f"closed too early; so far {self.output[-300:]!r}"
        return self

    def until_output(self, text: str, *, seconds: float = 10.0) -> RawClient:
        return self.until(lambda client: text.encode() in client.output, seconds=seconds)

    def until_closed(self, *, seconds: float = 10.0) -> str:
        self.until(lambda client: client.closed is not None, seconds=seconds)
        assert self.closed is not None
        return self.closed

    def run(self, line: str, expect: str) -> None:
        """Type a line, and wait for what it prints; the echo of the line does not count."""
        self.output = b""
        self.type(line + "\n")
        self.until_output(expect)

    def take(self, frame: str | bytes) -> None:
        assert isinstance(frame, bytes)
        message = decode(frame)
        self.messages.append(message)
        if message.type == MessageType.ACKNOWLEDGE:
            self.acknowledged.append(payload.parse_acknowledge(message.payload))
            self.sent.pop(self.acknowledged[-1], None)
        elif message.type == MessageType.CHANNEL_CLOSED:
            self.closed = str(json.loads(message.payload)["Output"])
        elif message.type == MessageType.OUTPUT and not self.silent:
            text = payload.acknowledge(message.type, message.id, message.sequence)
            with suppress(ConnectionClosed):  # what came before the end is still to be read
                self.socket.send(encode(Message(MessageType.ACKNOWLEDGE, 0, 3, 0, text, os.urandom(16), 1)))
            if message.sequence >= self.expected:
                self.early[message.sequence] = message
            while self.expected in self.early:
                ready = self.early.pop(self.expected)
                self.expected += 1
                self.received.append(ready)
                if ready.payload_type == PayloadType.OUTPUT:
                    self.output += ready.payload
                elif ready.payload_type == PayloadType.STDERR:
                    self.errors += ready.payload

    def close(self) -> None:
        self._stack.close()
