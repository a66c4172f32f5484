"""Our signatures are botocore's, byte for byte."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from ssmx.aws.lean import signer
from ssmx.aws.lean.keys import Keys
from ssmx.aws.signing import upgrade_headers

STAMP = "20260102T030405Z"
ODD = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=20)
PRINTED = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40)
TOKENS = st.none() | PRINTED.map(str.strip).filter(bool)
HOSTS = st.sampled_from(
    [
        ("https://ssm.eu-west-1.amazonaws.com", "ssm.eu-west-1.amazonaws.com"),
        ("http://127.0.0.1:8080", "127.0.0.1:8080"),
        ("http://localhost:80", "localhost"),
        ("https://ec2.us-east-1.amazonaws.com:443", "ec2.us-east-1.amazonaws.com"),
        ("https://proxy.example.com:80", "proxy.example.com:80"),
        ("http://[::1]:99", "[::1]:99"),
    ]
)


def botocores(method, url, headers, body, keys, region, service, *, params=None):
    request = AWSRequest(method, url, headers={k: v for k, v in headers.items() if k != "Host"}, data=body)
    if params is not None:
        request.params = params
    request.context["timestamp"] = STAMP
    signing = SigV4Auth(Credentials(*keys), service, region)
    canonical = signing.canonical_request(request)
    signature = signing.signature(signing.string_to_sign(request, canonical), request)
    signed = signing.signed_headers(signing.headers_to_sign(request))
    return f"AWS4-HMAC-SHA256 Credential={signing.scope(request)}, SignedHeaders={signed}, Signature={signature}"


def ours(method, path, headers, body, keys, region, service, *, query=None):
    return signer.authorization(
        method,
        path,
        headers,
        access_key=keys.access_key,
        secret_key=keys.secret_key,
        region=region,
        service=service,
        query=query,
        body=body,
    )


@given(HOSTS, st.binary(max_size=200), PRINTED, PRINTED, TOKENS, PRINTED, st.sampled_from(["ssm", "ec2"]))
def test_a_call(host, body, access, secret, token, target, service):
    """Of either protocol: they differ in their headers only."""
    url, named = host
    assert signer.host_of(urlsplit(url).scheme, urlsplit(url).hostname, urlsplit(url).port) == named
    keys = Keys(access, secret, token)
    headers = {"Host": named, "Content-Type": "application/x-amz-json-1.1", "X-Amz-Date": STAMP}
    if service == "ssm":
        headers["X-Amz-Target"] = target
    if token:
        headers["X-Amz-Security-Token"] = token
    theirs = botocores("POST", f"{url}/", headers, body, keys, "eu-west-1", service)
    assert ours("POST", "/", headers, body, keys, "eu-west-1", service) == theirs


@given(HOSTS, PRINTED, PRINTED, TOKENS, ODD, st.dictionaries(ODD, ODD, max_size=4))
def test_a_path_and_a_query_of_odd_characters(host, access, secret, token, path, query):
    url, named = host
    path = "/v1/data-channel/" + path.translate(dict.fromkeys(map(ord, "?#\\\t\r\n")))
    if urlsplit(url + path).path != path:
        return  # an address that no URL can be
    keys = Keys(access, secret, token)
    headers = {"Host": named, "X-Amz-Date": STAMP}
    theirs = botocores("GET", url + path, headers, b"", keys, "eu-west-1", "ssmmessages", params=query)
    assert ours("GET", path, headers, b"", keys, "eu-west-1", "ssmmessages", query=query) == theirs


@given(
    PRINTED,
    PRINTED,
    TOKENS,
    st.dictionaries(ODD.filter(lambda key: not key.lower().startswith("x-amz")), ODD, max_size=3),
)
def test_the_upgrade_of_a_websocket(access, secret, token, query):
    url = f"wss://ssmmessages.eu-west-1.amazonaws.com/v1/data-channel/ravi@example.com-0?{urlencode(query)}"
    keys = Keys(access, secret, token)
    made = upgrade_headers(url, keys, "eu-west-1", now=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    parts = urlsplit(url)
    decoded = dict(parse_qsl(parts.query, keep_blank_values=True))
    headers = {"X-Amz-Date": STAMP} | ({"X-Amz-Security-Token": token} if token else {})
    bare = urlunsplit(("https", parts.netloc, parts.path, "", ""))
    theirs = botocores("GET", bare, headers, b"", keys, "eu-west-1", "ssmmessages", params=decoded)
    assert made == {**headers, "Authorization": theirs}
