"""Nobody gets anything without the key in the 0600 file."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ssmx.channel import payload
from ssmx.sandbox.control import Running
from tests.conftest import Levers

from .conftest import Client, client_of
from .rawclient import RawClient, dial, signed

WRONG = "A" * 40
CALLS = {
    "ssm": "describe_instance_information",
    "ec2": "describe_instances",
    "sts": "get_caller_identity",
    "rds": "describe_db_instances",
    "s3": "list_buckets",
}


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(ClientError) as refused:
        call()
    assert 400 <= refused.value.response["ResponseMetadata"]["HTTPStatusCode"] < 404
    return str(refused.value.response["Error"]["Code"])


@pytest.mark.parametrize(
    ("service", "wrong_secret", "wrong_key"),
    [
        ("ssm", "InvalidSignatureException", "UnrecognizedClientException"),
        ("ec2", "AuthFailure", "AuthFailure"),
        ("sts", "SignatureDoesNotMatch", "InvalidClientTokenId"),
        ("rds", "SignatureDoesNotMatch", "InvalidClientTokenId"),
        ("s3", "SignatureDoesNotMatch", "InvalidClientTokenId"),
    ],
)
def test_a_wrong_secret_and_an_unknown_key_get_the_codes_of_aws(
    running: Running, service: str, wrong_secret: str, wrong_key: str
) -> None:
    known = client_of(running, service, secret_key=WRONG)
    unknown = client_of(running, service, access_key="AKIA" + "B" * 16)
    assert code_of(getattr(known, CALLS[service])) == wrong_secret
    assert code_of(getattr(unknown, CALLS[service])) == wrong_key


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/moto-api/",
        "/moto-api/data.json",
        "/moto-api/state-manager/get-transition",
        "/latest/meta-data/iam/security-credentials/",
        "/favicon.ico",
        "/bucket/key",
        "/%2e%2e/moto-api/",
        "//moto-api/",
        "/_sandboxes",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_an_unsigned_request_gets_nothing(running: Running, path: str, method: str) -> None:
    request = urllib.request.Request(running.endpoint + path, method=method)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=5)
    assert refused.value.code == 403
    assert b"MissingAuthenticationToken" in refused.value.read()
    refused.value.close()


@pytest.mark.parametrize("path", ["requests", "sessions"])
@pytest.mark.parametrize("key", ["wrong", " ", "é"])
def test_the_control_routes_want_the_secret_key(running: Running, path: str, key: str) -> None:
    request = urllib.request.Request(f"{running.endpoint}/_sandbox/{path}")
    request.add_header("Authorization", f"Bearer {key}".encode().decode("latin-1"))
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=5)
    assert refused.value.code == 403
    refused.value.close()


def test_a_header_does_not_choose_the_account(running: Running) -> None:
    sts = client_of(running, "sts")
    sts.meta.events.register(
        "before-send", lambda request, **_: request.headers.update({"x-moto-account-id": "999999999999"})
    )
    assert sts.get_caller_identity()["Account"] == running.account


def test_an_upgrade_without_a_signature_is_refused(running: Running, ssm: Client, node: str) -> None:
    url = ssm.start_session(Target=node)["StreamUrl"]
    attempts = [
        {},
        signed(url, running, secret=WRONG),
        signed(url, running, service="ssm"),
        signed(url.replace("role=publish_subscribe", "role=subscribe"), running),
    ]
    for headers in attempts:
        with pytest.raises(InvalidStatus) as refused, dial(url, headers):
            pass
        assert refused.value.response.status_code == 403


def test_an_old_plugin_signs_nothing_and_needs_its_token_all_the_more(
    running: Running, ssm: Client, node: str
) -> None:
    answer = ssm.start_session(Target=node)
    go = {"User-Agent": "Go-http-client/1.1"}
    forged = {**go, **signed(answer["StreamUrl"], running, secret=WRONG)}
    with pytest.raises(InvalidStatus), dial(answer["StreamUrl"], forged, user_agent=None):
        pass
    with dial(answer["StreamUrl"], go, user_agent=None) as socket:
        socket.send(_opening("guess"))
        with pytest.raises(ConnectionClosed):
            socket.recv(5)
    for version, taken in (("1.2.764.0", False), ("x", False), ("1.2.677.0", True), ("", True)):
        with dial(answer["StreamUrl"], go, user_agent=None) as socket:
            body = json.loads(_opening(answer["TokenValue"]))
            socket.send(json.dumps({**body, "ClientVersion": version}))
            if taken:
                assert socket.recv(5)
            else:
                with pytest.raises(ConnectionClosed):
                    socket.recv(5)
    ssm.terminate_session(SessionId=answer["SessionId"])


def test_a_signed_upgrade_is_nothing_without_the_sessions_token(running: Running, ssm: Client, node: str) -> None:
    answer = ssm.start_session(Target=node)
    other = ssm.start_session(Target=node)
    url = answer["StreamUrl"]
    for first in [_opening("guess"), _opening(other["TokenValue"]), "{}", "[]", "nonsense", b"\0" * 130]:
        with dial(url, signed(url, running)) as socket:
            socket.send(first)
            with pytest.raises(ConnectionClosed) as closed:
                socket.recv(5)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008
    for each in (answer, other):
        ssm.terminate_session(SessionId=each["SessionId"])


def test_a_new_token_makes_the_old_one_worthless(running: Running, ssm: Client, node: str) -> None:
    old = ssm.start_session(Target=node)
    new = ssm.resume_session(SessionId=old["SessionId"])
    assert new["TokenValue"] != old["TokenValue"]
    assert new["StreamUrl"] != old["StreamUrl"]
    with dial(old["StreamUrl"], signed(old["StreamUrl"], running)) as socket:
        socket.send(_opening(old["TokenValue"]))
        with pytest.raises(ConnectionClosed):
            socket.recv(5)
    client = RawClient(running, new)
    client.until_output("$ ")
    ssm.terminate_session(SessionId=old["SessionId"])
    client.until_closed()
    client.close()


def _opening(token: str) -> str:
    return payload.open_data_channel(token=token, request_id=uuid.uuid4().bytes, client_id=uuid.uuid4().bytes)


def test_the_keys_of_an_assumed_role_work_with_their_token_only(running: Running, node: str) -> None:
    keys = client_of(running, "sts").assume_role(
        RoleArn=f"arn:aws:iam::{running.account}:role/Operators", RoleSessionName="ana@example.com"
    )["Credentials"]
    given = {"access_key": keys["AccessKeyId"], "secret_key": keys["SecretAccessKey"]}
    without = client_of(running, "ssm", **given)
    assert code_of(without.describe_instance_information) == "UnrecognizedClientException"
    ssm = client_of(running, "ssm", **given, token=keys["SessionToken"])
    session = ssm.start_session(Target=node)["SessionId"]
    assert session.rpartition("-")[0] == "ana@example.com"
    described = ssm.describe_sessions(State="Active", Filters=[{"key": "SessionId", "value": session}])["Sessions"]
    assert described[0]["Owner"] == f"arn:aws:sts::{running.account}:assumed-role/Operators/ana@example.com"
    ssm.terminate_session(SessionId=session)


def test_no_secret_shows_in_the_log_the_request_list_or_the_process(
    running: Running, folder: Path, ssm: Client, node: str, levers: Levers
) -> None:
    answer = ssm.start_session(Target=node)
    client = RawClient(running, answer)
    client.until_output("$ ")
    shell = next(s for s in levers("GET", "sessions")["sessions"] if s["id"] == answer["SessionId"])["shell"]
    seen = json.dumps(levers("GET", "requests")) + (folder / "sandbox.log").read_text("utf-8") + repr(running)
    for pid in (running.pid, shell):
        for name in ("environ", "cmdline"):
            seen += Path(f"/proc/{pid}/{name}").read_bytes().decode("utf-8", "replace")
    assert '"operation": "StartSession"' in seen
    assert running.secret_key not in seen
    assert answer["TokenValue"] not in seen
    ssm.terminate_session(SessionId=answer["SessionId"])
    client.until_closed()
    client.close()
