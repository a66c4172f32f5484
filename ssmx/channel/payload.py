"""What the payloads of the data channel say: their types, and the JSON inside them.

Field names and their order are those of session-manager-plugin 1.2.677.0, so that what we write compares
equal, byte for byte, with what it writes.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import field
from enum import IntEnum
from typing import Any

from ssmx.channel.frame import uuid_text
from ssmx.errors import ProtocolError
from ssmx.light import dataclass

# What we report as our version. It is functional: the agent picks smux, keep-alive and error texts by it.
CLIENT_VERSION = "1.2.835.0"


class PayloadType(IntEnum):
    """What a stream message carries."""

    OUTPUT = 1  # both ways: what is typed, and what the shell prints
    ERROR = 2
    SIZE = 3
    PARAMETER = 4
    HANDSHAKE_REQUEST = 5
    HANDSHAKE_RESPONSE = 6
    HANDSHAKE_COMPLETE = 7
    CHALLENGE_REQUEST = 8
    CHALLENGE_RESPONSE = 9
    FLAG = 10
    STDERR = 11
    EXIT_CODE = 12


class Flag(IntEnum):
    """The content of a FLAG payload, four bytes big-endian."""

    DISCONNECT_TO_PORT = 1
    TERMINATE_SESSION = 2
    CONNECT_TO_PORT_ERROR = 3


class ActionStatus(IntEnum):
    """How the client fared with an action of the handshake; the agent takes nothing but SUCCESS."""

    SUCCESS = 1
    FAILED = 2
    UNSUPPORTED = 3


@dataclass(frozen=True, slots=True)
class Action:
    """Something the agent asks of the client during the handshake."""

    type: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HandshakeRequest:
    """The agent's first message in sessions that shake hands."""

    agent_version: str
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class ActionResult:
    """The client's answer to one action."""

    type: str
    status: ActionStatus
    result: Mapping[str, Any] | None = field(default=None, repr=False)  # holds a wrapped data key
    error: str = ""


def open_data_channel(*, token: str, request_id: bytes, client_id: bytes) -> str:
    """The text frame that opens the channel after every (re)connection. Holds the token: never log it."""
    return _dump(
        {
            "MessageSchemaVersion": "1.0",
            "RequestId": uuid_text(request_id),
            "TokenValue": token,
            "ClientId": uuid_text(client_id),
            "ClientVersion": CLIENT_VERSION,
        }
    )


def acknowledge(kind: str, message_id: bytes, sequence: int) -> bytes:
    """The payload that acknowledges one stream message."""
    # Written by hand because it is sent once for every message received; every value is plain ASCII.
    return (
        f'{{"AcknowledgedMessageType":"{kind}","AcknowledgedMessageId":"{uuid_text(message_id)}",'
        f'"AcknowledgedMessageSequenceNumber":{sequence},"IsSequentialMessage":true}}'
    ).encode()


# One comes for every message sent, and only its number is matched (the official client does the same).
_ACKNOWLEDGED = re.compile(rb'"AcknowledgedMessageSequenceNumber"\s*:\s*([0-9]{1,18})\s*[,}]')


def parse_acknowledge(payload: bytes) -> int:
    """The number of the message that the other side has; raises ProtocolError."""
    found = _ACKNOWLEDGED.search(payload)
    if found is None:
        raise ProtocolError("an acknowledgement names no sequence number")
    return int(found[1])


def size(columns: int, rows: int) -> bytes:
    """The payload that tells the far terminal its size, in characters."""
    return _dump({"cols": columns, "rows": rows}).encode()


def parse_size(payload: bytes) -> tuple[int, int]:
    """Columns and rows; raises ProtocolError."""
    body = _load(payload, "size")
    columns, rows = body.get("cols"), body.get("rows")
    if not (isinstance(columns, int) and isinstance(rows, int) and 0 <= columns < 65536 and 0 <= rows < 65536):
        raise ProtocolError("a size message has no columns and rows")
    return columns, rows


def flag(value: Flag) -> bytes:
    """The payload of a FLAG message."""
    return int(value).to_bytes(4, "big")


def parse_flag(payload: bytes) -> int:
    """The number in a FLAG payload (maybe one we do not know); raises ProtocolError."""
    if len(payload) != 4:
        raise ProtocolError(f"a flag of {len(payload)} bytes; it has 4")
    return int.from_bytes(payload, "big")


_EXIT_CODE = re.compile(rb"\s*EXIT_CODE:\s*(-?[0-9]{1,10})\s*")


def parse_exit_code(payload: bytes) -> int:
    """The status in `EXIT_CODE: n` as the node gives it, on Windows a signed 32-bit one; raises ProtocolError."""
    found = _EXIT_CODE.fullmatch(payload)
    if found is None:
        raise ProtocolError(f"an exit code that is none: {payload[:40]!r}")
    return int(found[1])


def handshake_request(request: HandshakeRequest) -> bytes:
    """What an agent sends first; here for the sandbox's agent."""
    return _dump(
        {
            "AgentVersion": request.agent_version,
            "RequestedClientActions": [
                {"ActionType": action.type, "ActionParameters": action.parameters} for action in request.actions
            ],
        }
    ).encode()


def parse_handshake_request(payload: bytes) -> HandshakeRequest:
    """The agent's handshake; raises ProtocolError."""
    body = _load(payload, "handshake request")
    actions = body.get("RequestedClientActions")
    if not isinstance(actions, list) or not all(isinstance(action, dict) for action in actions):
        raise ProtocolError("a handshake request without a list of actions")
    return HandshakeRequest(
        str(body.get("AgentVersion", "")),
        tuple(
            Action(str(action.get("ActionType", "")), _mapping(action.get("ActionParameters") or {}))
            for action in actions
        ),
    )


def handshake_response(results: tuple[ActionResult, ...]) -> bytes:
    """The client's answer to a handshake request, one result for each action, in the order asked."""
    return _dump(
        {
            "ClientVersion": CLIENT_VERSION,
            "ProcessedClientActions": [
                {
                    "ActionType": result.type,
                    "ActionStatus": int(result.status),
                    "ActionResult": result.result,
                    "Error": result.error,
                }
                for result in results
            ],
            "Errors": [result.error for result in results if result.error] or None,
        }
    ).encode()


def challenge(proof: bytes) -> bytes:
    """The payload that asks for the proof of a key, or answers with it: encrypted bytes."""
    return _dump({"Challenge": base64.b64encode(proof).decode()}).encode()


def parse_challenge(payload: bytes) -> bytes:
    """The encrypted bytes of a challenge; raises ProtocolError."""
    try:
        return base64.b64decode(str(_load(payload, "challenge").get("Challenge")), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ProtocolError("a challenge that is not base64") from error


def parse_handshake_complete(payload: bytes) -> str:
    """The text for the user, empty where there is none; raises ProtocolError."""
    return str(_load(payload, "handshake complete").get("CustomerMessage") or "")


def parse_channel_closed(payload: bytes) -> str:
    """Why the service closed the session: empty for a normal end; raises ProtocolError."""
    return str(_load(payload, "channel_closed").get("Output") or "")


def _dump(body: Mapping[str, Any]) -> str:
    return json.dumps(body, separators=(",", ":"))


def _load(payload: bytes, what: str) -> dict[str, Any]:
    try:
        body = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"the payload of a {what} message is not JSON") from error
    return _mapping(body, what)


def _mapping(body: object, what: str = "handshake action") -> dict[str, Any]:
    if not isinstance(body, dict):
        raise ProtocolError(f"the payload of a {what} message is not a JSON object")
    return body
