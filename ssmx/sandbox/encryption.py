"""The agent's half of an encrypted session: it unwraps the data key, has the client prove it, and uses it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping

from ssmx.channel import encryption, payload
from ssmx.channel.cipher import SessionCipher
from ssmx.errors import ProtocolError
from ssmx.sandbox import greeting
from ssmx.sandbox.sessions import Session

_PROOF_BYTES = 64

# What unwraps a data key as the node's role may: the session, the wrapped key, its context. Raises Undecryptable.
Unwrap = Callable[[Session, bytes, Mapping[str, str]], bytes]


class Undecryptable(Exception):
    """KMS does not unwrap this key for the node; it says why."""


class Encryption:
    """Of one session that is to be encrypted. `cipher` is there once the client has sent its key."""

    def __init__(self, session: Session, *, unwrap: Unwrap) -> None:
        self._session = session
        self._unwrap = unwrap
        self._proof = secrets.token_bytes(_PROOF_BYTES)
        self.challenge = greeting.challenge(session.node.agent)
        self.cipher: SessionCipher | None = None

    def take_key(self, response: bytes) -> str:
        """Unwrap the key in the client's handshake response; why that cannot be, empty where it could."""
        try:
            wrapped, acknowledged = greeting.wrapped_key(response)
            context = encryption.context(
                self._session.id, self._session.node.id, self.challenge if acknowledged else ""
            )
            self.cipher = SessionCipher(
                self._unwrap(self._session, wrapped, context), random=os.urandom, agent=True
            )
        except (Undecryptable, ProtocolError, ValueError) as error:
            return f"Fetching data key failed: Unable to retrieve data key, Error when decrypting data key {error}"
        return ""

    def question(self) -> bytes:
        """The payload that asks for the proof."""
        assert self.cipher is not None
        return payload.challenge(self.cipher.encrypt(self._proof))

    def proves(self, answer: bytes) -> bool:
        """Whether the client could read the question."""
        assert self.cipher is not None
        try:
            return self.cipher.decrypt(payload.parse_challenge(answer)) == self._proof
        except ProtocolError:
            return False
