"""AES-256-GCM as sessions use it: a random nonce of 12 bytes, the ciphertext, a tag of 16, no associated data.

Imported by whoever makes a cipher, and by nothing else of `channel`: cryptography takes its time to load.
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ssmx.channel.encryption import KEY_BYTES
from ssmx.errors import ProtocolError

_NONCE_BYTES = 12
_TAG_BYTES = 16


class SessionCipher:
    """The Cipher of one end of a session whose data key is `key`, of 64 bytes.

    `random(n)` gives n random bytes; `agent` says that this is the agent's end. Raises ProtocolError for a key of
    another length.
    """

    def __init__(self, key: bytes, *, random: Callable[[int], bytes], agent: bool = False) -> None:
        if len(key) != KEY_BYTES:
            raise ProtocolError(f"a data key of {len(key)} bytes; it has {KEY_BYTES}")
        agents, clients = AESGCM(key[: KEY_BYTES // 2]), AESGCM(key[KEY_BYTES // 2 :])
        self._ours, self._theirs = (agents, clients) if agent else (clients, agents)
        self._random = random

    def encrypt(self, data: bytes) -> bytes:
        """What is sent for `data`, 28 bytes longer."""
        nonce = self._random(_NONCE_BYTES)
        return nonce + self._ours.encrypt(nonce, data, None)

    def decrypt(self, data: bytes) -> bytes:
        """What the other end said; raises ProtocolError where that was not encrypted with the session's key."""
        if len(data) < _NONCE_BYTES + _TAG_BYTES:
            raise ProtocolError(f"an encrypted message of {len(data)} bytes")
        try:
            return self._theirs.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], None)
        except InvalidTag as error:
            raise ProtocolError("a message that was not encrypted with this session's key") from error
