"""The clients of a run over HTTP and HTTPS: lean where it can, botocore where it cannot, and what each says."""

import contextlib
import socket
import ssl
import threading
import time

import pytest

from ssmx.aws.clients import Clients
from ssmx.aws.errors import translated
from ssmx.aws.hot import hot
from ssmx.aws.lean import http
from ssmx.aws.lean.client import Client
from ssmx.aws.lean.http import Connections
from ssmx.errors import ConfigError, SsmxError, TryLater
from ssmx.model.settings import Value
from ssmx.sandbox.servers.authority import Authority
from tests.aws.lean.server import Aws


@pytest.fixture
def aws(environ):
    found = Aws()
    environ.setenv("AWS_ENDPOINT_URL", found.url)
    yield found
    found.close()


@pytest.fixture
def clients():
    """Makes those of a run in a region, whose connections are closed in the end."""
    made = []

    def new(cache, told=None):
        made.append(_clients(cache, told))
        return made[-1]

    yield new
    for client in [each for one in made for each in one._made.values()]:
        client.close()


def _clients(cache, told=None):
    say = (lambda _text: None) if told is None else told.append
    return Clients(
        Value("", "default"),
        Value("eu-west-1", "-r"),
        endpoints={},
        trace=say,
        ask_secret=lambda _: "",
        cache=lambda: cache,
    )


STARTED = {"SessionId": "ravi-1", "StreamUrl": "wss://x", "TokenValue": "t"}
BUSY = (400, {"__type": "ThrottlingException", "message": "Rate exceeded"})


def test_a_call_is_told_as_botocores_is(aws, cache, clients):
    told = []
    aws.answers = [(200, STARTED)]
    made = clients(cache, told)
    assert made.get("ssm", attempts=1).start_session(Target="i-1") == STARTED
    assert aws.asked == [("AmazonSSM.StartSession", False)]
    assert told[0].startswith("ssm:StartSession answered 200 in ")
    assert isinstance(made.get("ssm"), Client)
    assert not isinstance(made.get("sts"), Client)


@pytest.mark.parametrize("said", [BUSY, (500, b""), (200, b"<html>"), None])
def test_starting_is_never_repeated(aws, cache, said, clients):
    aws.answers = [said]
    client = clients(cache).get("ssm", attempts=1)
    with pytest.raises(TryLater), translated("ssm:StartSession"):
        client.start_session(Target="i-1")
    assert aws.asked == [("AmazonSSM.StartSession", False)]


@pytest.mark.parametrize("said", [BUSY, (429, b""), (500, b""), (503, b"<html>"), (200, b"<html>"), None])
def test_what_may_be_repeated_botocore_repeats(aws, cache, said, clients):
    """Ending a session, and looking."""
    client = clients(cache).get("ssm")
    aws.answers = [said, (200, {"SessionId": "ravi-1"})]
    client.terminate_session(SessionId="ravi-1")
    aws.answers = [said, (200, {"InstanceInformationList": []})]
    pages = client.get_paginator("describe_instance_information")
    found = [
        page["InstanceInformationList"] for page in pages.paginate(Filters=[], PaginationConfig={"PageSize": 50})
    ]
    assert found == [[]]
    assert [botocores for _, botocores in aws.asked] == [False, True, False, True]


@pytest.mark.parametrize("said", [BUSY, (500, {"__type": "InternalServerError"}), None, (200, b"<html>")])
def test_a_page_in_the_midst_is_asked_for_again_by_botocore(aws, cache, said, clients):
    row = {"InstanceId": "i-1", "PingStatus": "Online"}
    first = (200, {"InstanceInformationList": [row], "NextToken": "more"})
    last = (200, {"InstanceInformationList": [{**row, "InstanceId": "i-2"}]})
    aws.answers = [first, said, last]
    pages = clients(cache).get("ssm").get_paginator("describe_instance_information")
    found = list(pages.paginate(Filters=[], PaginationConfig={"PageSize": 50}))
    assert [each["InstanceId"] for page in found for each in page["InstanceInformationList"]] == ["i-1", "i-2"]
    assert [botocores for _, botocores in aws.asked] == [False, False, True]


@pytest.mark.parametrize("tls", [False, True])
def test_a_connection_that_the_other_end_has_closed_is_not_used(aws, tmp_path, tls):
    """Of all calls StartSession is the one that is not repeated."""
    found = Aws(Authority(), tmp_path) if tls else aws
    found.answers = [(200, {})]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    kept = Connections(found.url, lambda: context)
    kept.open()
    (connection, _), *_ = kept._kept
    assert kept._kept_one() is connection
    kept._keep(connection)
    time.sleep(0.2)
    found.hang_up()
    time.sleep(0.2)
    assert kept.ask({"User-Agent": "ssmx"}, b"", sent=lambda: None).status == 200
    kept.close()
    if tls:
        found.close()


def test_a_connection_that_is_never_opened_is_not_waited_for(aws, monkeypatch):
    """Such as one that a thread opens which a fork has left behind."""
    monkeypatch.setattr(http, "_OPEN_SECONDS", 0.1)
    aws.answers = [(200, {})]
    kept = Connections(aws.url, lambda: None)
    kept._opening = threading.Event()
    assert kept.ask({"User-Agent": "ssmx"}, b"", sent=lambda: None).status == 200
    kept.close()


def test_a_refusal_is_an_answer(aws, cache, clients):
    aws.answers = [(400, {"__type": "AccessDeniedException", "message": "no"})]
    with pytest.raises(SsmxError, match="AWS refused ssm:TerminateSession"), translated("ssm:TerminateSession"):
        clients(cache).get("ssm").terminate_session(SessionId="ravi-1")
    assert len(aws.asked) == 1


def test_nobody_there_is_told_in_botocores_words(environ, cache, clients):
    environ.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(TryLater, match="Could not connect to the endpoint URL"), translated("ssm:StartSession"):
        clients(cache).get("ssm", attempts=1).start_session(Target="i-1")


def test_what_botocore_does_not_take_it_says(aws, cache, clients):
    with pytest.raises(SsmxError, match="Parameter validation failed"), translated("ssm:StartSession"):
        clients(cache).get("ssm", attempts=1).start_session(Target="")
    assert aws.asked == []


def test_once_renewed_botocore_knows(aws, cache, clients):
    aws.answers = [(200, STARTED)]
    made = clients(cache)
    assert isinstance(made.get("ssm"), Client)
    made.get("ssm").close()
    made.renew()
    assert not isinstance(made.get("ssm"), Client)


def test_keys_that_are_gone_are_found_missing(aws, cache, environ, clients):
    made = clients(cache)
    made.credentials()
    environ.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(ConfigError):
        made.renew()
    assert made.credentials().access_key == "AKIDEXAMPLE"


@pytest.mark.parametrize("odd", [False, True])
def test_https_is_verified(environ, cache, tmp_path, odd, clients):
    """By lean and by botocore: with the authority that signed, and with no other."""
    authority, other = Authority(), Authority()
    found = Aws(authority, tmp_path)
    environ.setenv("AWS_ENDPOINT_URL", found.url)
    if odd:
        environ.setenv("AWS_STS_REGIONAL_ENDPOINTS", "regional")
    found.answers = [(200, {"SessionId": "ravi-1"})]
    (tmp_path / "right.pem").write_text(other.pem + authority.pem)
    (tmp_path / "wrong.pem").write_text(other.pem)
    environ.setenv("AWS_CA_BUNDLE", str(tmp_path / "right.pem"))
    made = clients(tmp_path)
    made.get("ssm", attempts=1).terminate_session(SessionId="ravi-1")
    assert [botocores for _, botocores in found.asked] == [odd]
    folder = made.authorities()
    context = ssl.create_default_context(capath=folder)
    with (
        socket.create_connection(found.server.server_address) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1"),
    ):
        pass
    environ.setenv("AWS_CA_BUNDLE", str(tmp_path / "wrong.pem"))
    with pytest.raises(TryLater, match="CERTIFICATE_VERIFY_FAILED"), translated("ssm:TerminateSession"):
        clients(tmp_path).get("ssm", attempts=1).terminate_session(SessionId="ravi-1")
    found.close()


@pytest.mark.parametrize("ahead", [False, True])
def test_a_network_that_drops_everything_costs_one_wait(environ, cache, clients, ahead, monkeypatch):
    """Also where a connection was opened ahead; botocore does not wait once more for each of its attempts."""
    monkeypatch.setattr("ssmx.aws.lean.http.CONNECT_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server, contextlib.ExitStack() as stack:
        for _ in range(3):  # from now on the kernel answers nobody
            other = stack.enter_context(socket.socket())
            other.setblocking(False)
            other.connect_ex(server.getsockname())
        environ.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.getsockname()[1]}")
        made = clients(cache)
        if ahead:
            found = hot("", "eu-west-1", lambda: cache)
            threading.Thread(target=found.connect).start()
        client = made.get("ssm")
        start = time.monotonic()
        with (
            pytest.raises(TryLater, match="did not answer ssm:StartSession in time"),
            translated("ssm:StartSession"),
        ):
            client.start_session(Target="i-1")
        assert time.monotonic() - start < 4
        assert [key for key in made._made if "stock" in key] == []
