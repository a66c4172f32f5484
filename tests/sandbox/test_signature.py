"""Signatures made by others verify, and nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from ssmx.sandbox.signature import BadSignature, Credential, Fault, Request, verify

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
NOW = datetime(2025, 11, 19, 12, tzinfo=UTC).timestamp()
SCOPE = f"{KEY}/20251119/us-east-1/ssmmessages/aws4_request"
TOKEN = "SESSIONTOKEN/+="
HOST = "ssmmessages.us-east-1.amazonaws.com"
PLAIN = "/v1/data-channel/alice-0123456789abcdef0?role=publish_subscribe"
CELL = (
    "/v1/data-channel/alice@example.com-0123456789abcdef0?role=publish_subscribe"
    "&cell-number=AAEAATf2ktZ+bscwVm/+Zlv+uCV/gmakAAAAAGiJzLO/MJzoAlx=="
)

# made by the signer of aws-sdk-go, as in the session-manager-plugin
VECTORS = [
    (HOST, PLAIN, "", "d9b7c5f01e8997f7dfca79c9ca2aa5176b5887189396a73f742e9f2b6e3c581e"),
    (HOST, PLAIN, TOKEN, "b59b1795f8e46749d1cbb3985e0b78568af3c4b5ec85530067abe8962a665542"),
    (HOST, CELL, "", "44c7c2ae17d43b58682d1c0433b0891368906f9b60570ebd5e3b474036341207"),
    (HOST, CELL, TOKEN, "e20fc8558c02adeb647b6796680bc7afd570496dbfc2c92658e5d1301b449df7"),
    ("127.0.0.1:8080", PLAIN, "", "ad738623932f2ea41fb7eebc9839c1617312847a6c48f92503e9f02a1e1ec791"),
]


def upgrade(host: str, target: str, token: str, signature: str) -> Request:
    path, _, query = target.partition("?")
    names = "host;x-amz-date;x-amz-security-token" if token else "host;x-amz-date"
    headers = {
        "host": host,
        "x-amz-date": "20251119T120000Z",
        "authorization": f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders={names}, Signature={signature}",
    }
    if token:
        headers["x-amz-security-token"] = token
    return Request("GET", path, query, headers, decoded_query=True)


@pytest.mark.parametrize(("host", "target", "token", "signature"), VECTORS)
def test_the_vectors_of_the_go_signer_verify(host: str, target: str, token: str, signature: str) -> None:
    request = upgrade(host, target, token, signature)
    assert verify(request, find=lambda _: Credential(SECRET, token), now=NOW + 60).service == "ssmmessages"


def test_botocores_mistake_with_a_raw_query_does_not_verify() -> None:
    wrong = "0457d59f" + "0" * 56
    with pytest.raises(BadSignature):
        verify(upgrade(HOST, CELL, "", wrong), find=lambda _: Credential(SECRET), now=NOW)


def signed(body: bytes, query: str = "", path: str = "/") -> Request:
    made = AWSRequest("POST", f"http://127.0.0.1:1234{path}{'?' * bool(query)}{query}", data=body)
    made.headers["Content-Type"] = "application/x-amz-json-1.1"
    SigV4Auth(Credentials(KEY, SECRET), "ssm", "eu-west-1").add_auth(made)
    headers = {name.lower(): value for name, value in made.headers.items()}
    return Request("POST", path, query, {**headers, "host": "127.0.0.1:1234"}, body)


def now_of(request: Request) -> float:
    stamp = datetime.strptime(request.headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
    return stamp.replace(tzinfo=UTC).timestamp()


@given(body=st.binary(max_size=200), path=st.sampled_from(["/", "/a/b", "/a%20b/c", "/a/../b/", "//x"]))
def test_what_botocore_signs_verifies(body: bytes, path: str) -> None:
    request = signed(body, "b=2&a=1%2F&c", path)
    assert verify(request, find=lambda _: Credential(SECRET), now=now_of(request)).access_key == KEY


def test_each_part_of_a_request_is_covered() -> None:
    good = signed(b"{}", "a=1")
    changed = [
        Request("GET", good.path, good.query, good.headers, good.body),
        Request("POST", "/other", good.query, good.headers, good.body),
        Request("POST", good.path, "a=2", good.headers, good.body),
        Request("POST", good.path, good.query, {**good.headers, "host": "127.0.0.1:1235"}, good.body),
        Request("POST", good.path, good.query, good.headers, b"{ }"),
    ]
    verify(good, find=lambda _: Credential(SECRET), now=now_of(good))
    for request in changed:
        with pytest.raises(BadSignature) as refused:
            verify(request, find=lambda _: Credential(SECRET), now=now_of(good))
        assert refused.value.fault is Fault.MISMATCH


@pytest.mark.parametrize("seconds", [-901, 901])
def test_a_signature_lives_a_quarter_of_an_hour(seconds: int) -> None:
    request = signed(b"")
    with pytest.raises(BadSignature) as refused:
        verify(request, find=lambda _: Credential(SECRET), now=now_of(request) + seconds)
    assert refused.value.fault is Fault.EXPIRED


def test_a_temporary_key_is_nothing_without_its_session_token() -> None:
    request = signed(b"")
    with pytest.raises(BadSignature) as refused:
        verify(request, find=lambda _: Credential(SECRET, "token"), now=now_of(request))
    assert refused.value.fault is Fault.UNKNOWN_KEY


@pytest.mark.parametrize("names", ["x-amz-date", "host", "content-type"])
def test_a_signature_that_leaves_out_host_or_date_is_none(names: str) -> None:
    request = signed(b"")
    authorization = request.headers["authorization"]
    start = authorization.index("SignedHeaders=")
    end = authorization.index(",", start)
    headers = {
        **request.headers,
        "authorization": f"{authorization[:start]}SignedHeaders={names}{authorization[end:]}",
    }
    with pytest.raises(BadSignature):
        verify(Request("POST", "/", "", headers), find=lambda _: Credential(SECRET), now=now_of(request))


def test_an_unsigned_payload_is_for_s3_alone() -> None:
    made = AWSRequest("PUT", "http://127.0.0.1:1234/x", data=b"one")
    made.headers["X-Amz-Content-SHA256"] = "UNSIGNED-PAYLOAD"
    SigV4Auth(Credentials(KEY, SECRET), "ssm", "eu-west-1").add_auth(made)
    headers = {name.lower(): value for name, value in made.headers.items()}
    request = Request("PUT", "/x", "", {**headers, "host": "127.0.0.1:1234"}, b"other")
    with pytest.raises(BadSignature):
        verify(request, find=lambda _: Credential(SECRET), now=now_of(request))
