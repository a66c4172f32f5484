"""An encrypted session: the key that the client gets from KMS, the proof that both ends have it, and its use.

Seen on session-manager-plugin 1.2.677.0 and amazon-ssm-agent 3.3.0.0 (tests/wire/shell-kms.jsonl); the random
challenge of the key's context is of agents from 3.3.808.0 on. This module says nothing of ciphers: see `cipher`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Protocol

from ssmx.channel import payload
from ssmx.channel.payload import PayloadType

# What GenerateDataKey is asked for: 32 bytes for what the agent says, then 32 for what the client says.
KEY_BYTES = 64

# Seconds the agent waits for the whole answer to its handshake, the data key included (amazon-ssm-agent 3.3.0.0).
AGENT_WAITS = 15.0

# What is encrypted, when it is said by the client and by the agent. Sizes, flags and the handshake never are.
FROM_CLIENT = frozenset((PayloadType.OUTPUT,))
FROM_AGENT = frozenset((PayloadType.OUTPUT, PayloadType.STDERR, PayloadType.EXIT_CODE))


class Cipher(Protocol):
    """Encrypts what one end says, and decrypts what the other does."""

    def encrypt(self, data: bytes) -> bytes:
        """What is sent for `data`."""

    def decrypt(self, data: bytes) -> bytes:
        """What the other end said; raises ProtocolError where that was not encrypted with the session's key."""


def context(session_id: str, target: str, challenge: str) -> dict[str, str]:
    """The encryption context of the data key, without which nobody can unwrap it.

    `target` is what the agent takes for its own id: `i-…`, `mi-…`, or `ecs:cluster_task_runtime`. `challenge` is
    the agent's, empty where it gave none.
    """
    known = {"aws:ssm:SessionId": session_id, "aws:ssm:TargetId": target}
    return {**known, "aws:ssm:RandomChallenge": challenge} if challenge else known


def key_result(wrapped: bytes, challenge: str) -> Mapping[str, Any]:
    """What the handshake response says of the key: the wrapped one, and whether `challenge` is in its context."""
    result: dict[str, Any] = {"KMSCipherTextKey": base64.b64encode(wrapped).decode(), "KMSCipherTextHash": None}
    return {**result, "ChallengeAcknowledgement": True} if challenge else result


def prove(cipher: Cipher, challenge: bytes) -> bytes:
    """The payload that answers the payload `challenge`: the same, encrypted by us. Raises ProtocolError."""
    return payload.challenge(cipher.encrypt(cipher.decrypt(payload.parse_challenge(challenge))))
