"""The signature of the websocket upgrade is the one that the plugin's Go signer makes."""

from datetime import UTC, datetime

import pytest
from botocore.credentials import ReadOnlyCredentials

from ssmx.aws.signing import upgrade_headers

NOW = datetime(2025, 11, 19, 12, 0, 0, tzinfo=UTC)
HOST = "wss://ssmmessages.us-east-1.amazonaws.com/v1/data-channel"
PLAIN = f"{HOST}/alice-0123456789abcdef0?role=publish_subscribe"
CELL = (
    f"{HOST}/alice@example.com-0123456789abcdef0?role=publish_subscribe"
    "&cell-number=AAEAATf2ktZ+bscwVm/+Zlv+uCV/gmakAAAAAGiJzLO/MJzoAlx=="
)
LOOPBACK = "ws://127.0.0.1:8080/v1/data-channel/alice-0123456789abcdef0?role=publish_subscribe"
TOKEN = "SESSIONTOKEN/+="

VECTORS = [
    (PLAIN, None, "d9b7c5f01e8997f7dfca79c9ca2aa5176b5887189396a73f742e9f2b6e3c581e"),
    (PLAIN, TOKEN, "b59b1795f8e46749d1cbb3985e0b78568af3c4b5ec85530067abe8962a665542"),
    (CELL, None, "44c7c2ae17d43b58682d1c0433b0891368906f9b60570ebd5e3b474036341207"),
    (CELL, TOKEN, "e20fc8558c02adeb647b6796680bc7afd570496dbfc2c92658e5d1301b449df7"),
    (LOOPBACK, None, "ad738623932f2ea41fb7eebc9839c1617312847a6c48f92503e9f02a1e1ec791"),
]


def signed(url, token=None):
    keys = ReadOnlyCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token, None)
    return upgrade_headers(url, keys, "us-east-1", now=NOW)


@pytest.mark.parametrize(("url", "token", "signature"), VECTORS)
def test_the_signature_is_the_plugins(url, token, signature):
    authorization = signed(url, token)["Authorization"]
    names = "host;x-amz-date;x-amz-security-token" if token else "host;x-amz-date"
    assert authorization == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20251119/us-east-1/ssmmessages/aws4_request, "
        f"SignedHeaders={names}, Signature={signature}"
    )


def test_the_token_travels_beside_the_date():
    headers = signed(PLAIN, TOKEN)
    assert headers["X-Amz-Security-Token"] == TOKEN
    assert headers["X-Amz-Date"] == "20251119T120000Z"


def test_a_url_that_is_signed_already_is_left_alone():
    assert signed(f"{PLAIN}&X-Amz-Signature=abc") == {}
