"""The agent's half of an encrypted session, and a KMS that gives both halves their key."""

import base64
import os

NONCE_LENGTH = 12
KEY_LENGTH = 64

_keys = {}  # blob -> key and encryption context


def generate(request):
    """The answer to GenerateDataKey."""
    key, blob = os.urandom(request["NumberOfBytes"]), os.urandom(32)
    _keys[blob] = (key, request.get("EncryptionContext") or {})
    return {
        "CiphertextBlob": base64.b64encode(blob).decode(),
        "Plaintext": base64.b64encode(key).decode(),
        "KeyId": request["KeyId"],
    }


def decrypt(blob, context):
    """The key in a blob, for whoever knows its context."""
    key, wanted = _keys[blob]
    if wanted != context:
        raise ValueError(f"InvalidCiphertextException: encryption context {context} != {wanted}")
    return key


class Crypto:
    """The agent's ciphers, once the client has sent the key."""

    def __init__(self, session):
        self.session = session
        self.challenge = base64.b64encode(os.urandom(16)).decode()
        self.ready = False

    def take_key(self, response):
        """Set up the ciphers from the client's handshake response."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # only encrypted sessions need it

        actions = response["ProcessedClientActions"]
        result = next(each["ActionResult"] for each in actions if each["ActionType"] == "KMSEncryption")
        context = {"aws:ssm:SessionId": self.session.id, "aws:ssm:TargetId": self.session.instance}
        if result.get("ChallengeAcknowledgement"):
            context["aws:ssm:RandomChallenge"] = self.challenge
        key = decrypt(base64.b64decode(result["KMSCipherTextKey"]), context)
        if len(key) != KEY_LENGTH:
            raise ValueError(f"a key of {len(key)} bytes")
        half = KEY_LENGTH // 2
        self.outward, self.inward = AESGCM(key[:half]), AESGCM(key[half:])  # the agent encrypts with the first
        self.ready = True

    def encrypt(self, data):
        nonce = os.urandom(NONCE_LENGTH)
        return nonce + self.outward.encrypt(nonce, data, None)

    def decrypt(self, data):
        return self.inward.decrypt(data[:NONCE_LENGTH], data[NONCE_LENGTH:], None)
