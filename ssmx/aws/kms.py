"""The data keys of encrypted sessions."""

from __future__ import annotations

from botocore.exceptions import ClientError

from ssmx.aws.clients import Clients
from ssmx.aws.errors import code_of, translated
from ssmx.channel.encryption import KEY_BYTES
from ssmx.errors import KeyUnusable

# Codes of kms:GenerateDataKey for a key that is there for nobody (KMS API reference).
_UNUSABLE = {
    "NotFoundException": "there is no such key in this account and region",
    "DisabledException": "the key is disabled",
    "InvalidKeyUsageException": "the key does not encrypt data keys; it has to be a symmetric one",
    "KMSInvalidStateException": "the key is not usable now: it may be about to be deleted",
    "InvalidArnException": "that is no key's name",
    "ValidationException": "that is no key's name",
}


def data_key(clients: Clients, key_id: str, context: dict[str, str]) -> tuple[bytes, bytes]:
    """A new data key of 64 bytes, and the same wrapped with the KMS key `key_id` in this encryption context.

    Raises AccessDenied, KeyUnusable, TryLater, SignInExpired. Repeated once at most: an agent waits.
    """
    client = clients.get("kms", attempts=2)
    with translated("kms:GenerateDataKey", key_id):
        try:
            answer = client.generate_data_key(KeyId=key_id, NumberOfBytes=KEY_BYTES, EncryptionContext=context)
        except ClientError as error:
            if (why := _UNUSABLE.get(code_of(error))) is None:
                raise
            raise KeyUnusable(f"sessions here are encrypted with the KMS key {key_id}, and {why}") from error
        return bytes(answer["Plaintext"]), bytes(answer["CiphertextBlob"])
