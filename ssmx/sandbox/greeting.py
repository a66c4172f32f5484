"""The agent's side of the handshake: what it asks of the client, and what it makes of the answer."""

from __future__ import annotations

import base64
import json
import secrets

from ssmx.channel.payload import Action, HandshakeRequest, handshake_request
from ssmx.sandbox import far
from ssmx.sandbox.documents import Work

LIMIT = 15.0  # seconds (amazon-ssm-agent 3.3.0.0)
TIMED_OUT = "Handshake timed out. Please ensure that you have the latest version of the session manager plugin."
UNPROVEN = "Timed out waiting for encryption challenge."
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


def request(work: Work, agent: str, challenge: str) -> bytes:
    """The payload of the HandshakeRequest; `challenge` is for the data key's context, as `challenge()` gives it."""
    properties = dict(work.properties) if work.kind == "Port" else None  # a command's are not told (seen)
    actions = [Action("SessionType", {"SessionType": work.kind, "Properties": properties})]
    if work.kms_key:
        asked = {"KMSKeyId": work.kms_key}
        if challenge:
            asked["Challenge"] = challenge
        actions.append(Action("KMSEncryption", asked))
    return handshake_request(HandshakeRequest(agent, tuple(actions)))


def challenge(agent: str) -> str:
    """What a new agent wants to see in the data key's context; empty for an old one."""
    return base64.b64encode(secrets.token_bytes(16)).decode() if _version(agent) >= (3, 3, 808, 0) else ""


def complete(*, encrypted: bool) -> bytes:
    """The payload of the HandshakeComplete."""
    said = "This session is encrypted using AWS KMS." if encrypted else ""
    return json.dumps({"HandshakeTimeToComplete": 12080043, "CustomerMessage": said}).encode()


def wrapped_key(response: bytes) -> tuple[bytes, bool]:
    """The wrapped data key of the client, and whether the challenge is in its context. Raises ValueError."""
    for action in json.loads(response)["ProcessedClientActions"]:
        if action["ActionType"] == "KMSEncryption":
            result = action["ActionResult"] or {}
            wrapped = base64.b64decode(result.get("KMSCipherTextKey") or "", validate=True)
            return wrapped, bool(result.get("ChallengeAcknowledgement"))
    raise ValueError("the client sends no key")


def verdict(response: bytes) -> str:
    """Why the session ends after this HandshakeResponse; empty where it goes on."""
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
    return ""


def forbidden(work: Work) -> str:
    """What the agent says where it does not forward to, once hands are shaken; empty where it does."""
    denied = work.kind == "Port" and far.is_denied(work.host)
    return f"Forwarding to IP address {work.host} is forbidden." if denied else ""


def client_version(response: bytes) -> str:
    """What the client says that it is."""
    return str(json.loads(response).get("ClientVersion") or "")


def multiplexes(work: Work, agent: str, client: str) -> bool:
    """Whether a port session carries many connections over smux."""
    return work.forwards and _version(agent) > (3, 0, 196, 0) and _version(client) >= (1, 1, 70)


def keeps_alive(agent: str, client: str) -> bool:
    """Whether the agent's smux keeps itself alive, and ends where it hears nothing.

    Newer agents learnt not to, and do it for old clients only.
    """
    return _version(agent) <= (3, 1, 1511, 0) or _version(client) <= (1, 2, 331, 0)


def tells_status(agent: str) -> bool:
    """Whether the agent tells a command's errors and status apart from its output."""
    return _version(agent) >= (3, 1, 1511, 0)


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())
