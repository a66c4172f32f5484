"""The agent's half of an encrypted session, seen by a client that knows what it does, and by one that cheats."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from typing import Any

import pytest

from ssmx.channel import payload
from ssmx.channel.cipher import SessionCipher
from ssmx.channel.payload import PayloadType
from ssmx.sandbox.control import Running
from tests.conftest import Levers

from .conftest import client_of
from .rawclient import RawClient

Opened = Callable[..., tuple[RawClient, str]]
ERROR = "\n----------ERROR-------\n"


pytestmark = pytest.mark.usefixtures("encryption")


def asked(client: RawClient) -> dict[str, Any]:
    """What the agent asks for."""
    client.until(lambda it: bool(it.received))
    actions = json.loads(client.received[0].payload)["RequestedClientActions"]
    assert [each["ActionType"] for each in actions] == ["SessionType", "KMSEncryption"]
    return dict(actions[1]["ActionParameters"])


def answer(client: RawClient, running: Running, context: dict[str, str], **result: Any) -> SessionCipher:
    """Answer with a data key of this context; gives the client's cipher."""
    key_id = asked(client)["KMSKeyId"]
    kms = client_of(running, "kms")
    key = kms.generate_data_key(KeyId=key_id, NumberOfBytes=64, EncryptionContext=context)
    body = {"KMSCipherTextKey": base64.b64encode(key["CiphertextBlob"]).decode(), **result}
    statuses = [("SessionType", None), ("KMSEncryption", body)]
    actions = [
        {"ActionType": kind, "ActionStatus": 1, "ActionResult": each, "Error": ""} for kind, each in statuses
    ]
    response = {"ClientVersion": "1.2.835.0", "ProcessedClientActions": actions, "Errors": None}
    client.send(PayloadType.HANDSHAKE_RESPONSE, json.dumps(response).encode())
    return SessionCipher(key["Plaintext"], random=os.urandom)


def context(session_id: str, node: str, challenge: str = "") -> dict[str, str]:
    known = {"aws:ssm:SessionId": session_id, "aws:ssm:TargetId": node}
    return {**known, "aws:ssm:RandomChallenge": challenge} if challenge else known


def prove(client: RawClient, cipher: SessionCipher) -> None:
    client.until(lambda it: PayloadType.CHALLENGE_REQUEST in it.kinds())
    question = payload.parse_challenge(client.received[1].payload)
    client.send(PayloadType.CHALLENGE_RESPONSE, payload.challenge(cipher.encrypt(cipher.decrypt(question))))


@pytest.mark.parametrize("acknowledged", [True, False])
def test_a_client_with_the_key_gets_a_shell(
    opened: Opened, running: Running, node: str, acknowledged: bool
) -> None:
    """One that knows nothing of the random challenge too, as session-manager-plugin 1.2.677.0."""
    client, session_id = opened()
    challenge = asked(client)["Challenge"] if acknowledged else ""
    known = context(session_id, node, challenge)
    cipher = answer(client, running, known, **({"ChallengeAcknowledgement": True} if acknowledged else {}))
    prove(client, cipher)
    client.until(lambda it: PayloadType.HANDSHAKE_COMPLETE in it.kinds())
    assert b"This session is encrypted using AWS KMS." in client.received[-1].payload
    client.send(PayloadType.OUTPUT, cipher.encrypt(b"exit\n"))
    assert client.until_closed() == ""
    said = [each.payload for each in client.received if each.payload_type == PayloadType.OUTPUT]
    assert b"exit" in b"".join(map(cipher.decrypt, said))
    assert b"exit" not in b"".join(said)


@pytest.mark.parametrize("wrong", ["session", "target", "challenge", "missing"])
def test_a_key_of_another_context_is_none(opened: Opened, running: Running, node: str, wrong: str) -> None:
    client, session_id = opened()
    known = context(session_id, node, asked(client)["Challenge"])
    match wrong:
        case "session":
            known["aws:ssm:SessionId"] = "another"
        case "target":
            known["aws:ssm:TargetId"] = "i-00000000000000000"
        case "challenge":
            known["aws:ssm:RandomChallenge"] = "bm8="
        case "missing":
            del known["aws:ssm:RandomChallenge"]
    answer(client, running, known, ChallengeAcknowledgement=True)
    assert client.until_closed().startswith(f"{ERROR}Fetching data key failed: Unable to retrieve data key")


def test_a_client_without_the_key_is_not_believed(opened: Opened, running: Running, node: str) -> None:
    client, session_id = opened()
    answer(client, running, context(session_id, node))
    client.until(lambda it: PayloadType.CHALLENGE_REQUEST in it.kinds())
    client.send(PayloadType.CHALLENGE_RESPONSE, payload.challenge(os.urandom(92)))
    assert client.until_closed() == f"{ERROR}Encryption challenge does not match."


def test_the_nodes_own_right_to_the_key_can_be_taken_away(
    opened: Opened, running: Running, node: str, levers: Levers
) -> None:
    levers.fault("Decrypt", "AccessDeniedException", "not for nodes")
    client, session_id = opened()
    answer(client, running, context(session_id, node))
    assert client.until_closed().endswith("AccessDeniedException: not for nodes")
