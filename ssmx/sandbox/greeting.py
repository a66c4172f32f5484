"""The agent's side of the handshake: what it asks of the client, and what it makes of the answer."""

from __future__ import annotations

import base64
import json
import secrets

from ssmx.channel.payload import Action, HandshakeRequest, handshake_request
from ssmx.sandbox.documents import Work

LIMIT = 15.0  # seconds (amazon-ssm-agent 3.3.0.0)
TIMED_OUT = "Handshake timed out. Please ensure that you have the latest version of the session manager plugin."
# Sessions of these types shake hands even where they are not encrypted (agent, seen).
_ALWAYS = ("Port", "NonInteractiveCommands")
_OLDEST = {  # what the user guide says each kind of session needs
    "Port": (2, 3, 672, 0),
    "InteractiveCommands": (2, 3, 668, 0),
    "NonInteractiveCommands": (3, 0, 1124, 0),
}


def refused(work: Work, agent: str) -> str:
    """What an agent says that is too old for this kind of session; empty where it is not."""
    if _version(agent) >= _OLDEST.get(work.kind, (0,)):
        return ""
    return (
        f"Plugin with name {work.kind} is not supported by this version of ssm agent, "
        f"please update to latest version. Step name: {work.kind}"
    )


def wanted(work: Work) -> bool:
    """Whether the session begins with a handshake; else its first message is output."""
    return bool(work.kms_key) or work.kind in _ALWAYS


def request(work: Work, agent: str) -> bytes:
    """The payload of the HandshakeRequest."""
    properties = dict(work.properties) if work.kind in _ALWAYS else None
    actions = [Action("SessionType", {"SessionType": work.kind, "Properties": properties})]
    if work.kms_key:
        asked = {"KMSKeyId": work.kms_key}
        if _version(agent) >= (3, 3, 808, 0):
            asked["Challenge"] = base64.b64encode(secrets.token_bytes(32)).decode()
        actions.append(Action("KMSEncryption", asked))
    return handshake_request(HandshakeRequest(agent, tuple(actions)))


def verdict(work: Work, response: bytes) -> str:
    """Why the session ends after this HandshakeResponse: the sandbox carries no session that shakes hands, yet."""
    try:
        actions = json.loads(response)["ProcessedClientActions"] or []
        for action in actions:
            if action["ActionStatus"] != 1:
                return (
                    "Encountered error while initiating handshake. "
                    f"{action['ActionType']} failed on client with status {action['ActionStatus']} "
                    f"error: {action.get('Error', '')}"
                )
    except (ValueError, KeyError, TypeError):
        return "Encountered error while initiating handshake. The handshake response is malformed."
    return f"This sandbox cannot carry {'encrypted ' * bool(work.kms_key)}{work.kind} sessions yet."


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())
