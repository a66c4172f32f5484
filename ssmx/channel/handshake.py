"""Answer the agent's handshake: accept the session's type, see that a key is wanted, refuse what we cannot do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ssmx.channel.encryption import key_result
from ssmx.channel.events import KeyNeeded
from ssmx.channel.payload import ActionResult, ActionStatus, HandshakeRequest
from ssmx.light import dataclass

# The session types in which the far side is a terminal, a command without one, and a port.
SHELLS = ("Standard_Stream", "InteractiveCommands")
COMMANDS = ("NonInteractiveCommands",)
PORTS = ("Port",)

# What the agent's version decides, each for versions strictly newer (session-manager-plugin 1.2.677.0).
MUX_AFTER = (3, 0, 196, 0)  # many connections at once, over smux
QUIET_MUX_AFTER = (3, 1, 1511, 0)  # no keep-alive in smux, which would hide from AWS that a session is idle
TERMINATE_FLAG_AFTER = (2, 3, 722, 0)


def newer(agent_version: str, than: tuple[int, ...]) -> bool:
    """Whether an agent is strictly newer. A version that is not four numbers is older than any."""
    parts = agent_version.split(".")
    numbers = tuple(int(part) for part in parts if part.isascii() and part.isdecimal())
    return len(parts) == len(numbers) == len(than) and numbers > than


_ENCRYPTION = "KMSEncryption"


@dataclass(frozen=True, slots=True)
class Answer:
    """What we say to the agent, and what we learnt from it."""

    results: tuple[ActionResult, ...]
    """One for each action; that of a key which is needed is UNSUPPORTED until there is one."""
    session_type: str
    properties: Mapping[str, Any]
    key: KeyNeeded | None
    """None where the session is not to be encrypted, or is refused anyway."""

    def with_key(self, wrapped: bytes) -> tuple[ActionResult, ...]:
        """The results with the key that was found, wrapped for the agent."""
        challenge = self.key.challenge if self.key is not None else ""
        return self._keyed(ActionResult(_ENCRYPTION, ActionStatus.SUCCESS, key_result(wrapped, challenge)))

    def without_key(self, why: str) -> tuple[ActionResult, ...]:
        """The results where no key could be had."""
        return self._keyed(ActionResult(_ENCRYPTION, ActionStatus.FAILED, error=why))

    def _keyed(self, result: ActionResult) -> tuple[ActionResult, ...]:
        return tuple(result if each.type == _ENCRYPTION else each for each in self.results)


def answer(request: HandshakeRequest, accepted: Collection[str]) -> Answer:
    """One result for each action, in the order asked; of session types only those `accepted`.

    An action we do not know is answered UNSUPPORTED, which ends the session on the agent's side (the plugin
    sends status 0 and the number 3 as its result, a mistake: data channel of 1.2.677.0).
    """
    results = []
    session_type, properties = "", {}
    key: KeyNeeded | None = None
    for action in request.actions:
        match action.type:
            case "SessionType":
                session_type = str(action.parameters.get("SessionType", ""))
                given = action.parameters.get("Properties")
                properties = given if isinstance(given, dict) else {}
                if session_type in accepted:
                    results.append(ActionResult(action.type, ActionStatus.SUCCESS))
                else:
                    results.append(
                        _unsupported(action.type, f"this client did not ask for a {session_type} session")
                    )
            case "KMSEncryption":
                key_id, challenge = (str(action.parameters.get(each) or "") for each in ("KMSKeyId", "Challenge"))
                key = KeyNeeded(key_id, challenge)
                results.append(_unsupported(action.type, "this client did not look for the key"))
            case _:
                results.append(_unsupported(action.type, f"unknown action {action.type}"))
    return Answer(tuple(results), session_type, properties, key if session_type in accepted else None)


def _unsupported(action: str, why: str) -> ActionResult:
    return ActionResult(action, ActionStatus.UNSUPPORTED, error=why)
