"""The native transport against far ends that TLS, proxies and hostile peers put there; ssmx runs on a real pty."""

import asyncio
import sys

import pexpect
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssmx.errors import ProtocolError
from ssmx.transport.websocket import dial
from tests.pty import ended
from tests.stub import NODE, Stub
from tests.transport.far import http
from tests.transport.node import certificate, closed, node, output, says
from tests.transport.proxy import proxy

AWS = "ssmmessages.eu-west-1.amazonaws.com"


def path(host):
    return f"{host}/v1/data-channel/ravi-1?role=publish_subscribe&cell-number=AA+b/c=="


@pytest.fixture
def shell(env):
    """Run `ssmx shell` with this StreamUrl; gives its exit status, what it showed, and what AWS was asked."""

    def run(stream_url, **changed):
        with Stub(stream_url=stream_url) as aws:
            child = pexpect.spawn(
                sys.executable,
                ["-m", "ssmx", "shell", NODE],
                env={**aws.env(env), "SSMX_TRANSPORT": "native", **changed},
                encoding="utf-8",
                timeout=30,
            )
            return ended(child), child.before.replace("\r\n", "\n"), aws.operations()

    return run


def test_a_session_over_plain_loopback(shell):
    headers = []
    with node(says(output(0, b"hello\r\n"), closed()), headers=headers) as port:
        status, shown, asked = shell(f"ws://{path(f'127.0.0.1:{port}')}")
    assert status == 0
    assert "hello" in shown
    assert asked[-1] == "TerminateSession"
    assert "Credential=AKIDEXAMPLE/" in headers[0]["Authorization"]
    assert "/eu-west-1/ssmmessages/aws4_request" in headers[0]["Authorization"]
    assert "Sec-WebSocket-Extensions" not in headers[0]


def test_tls_is_verified_against_aws_ca_bundle(shell, tmp_path):
    tls, bundle = certificate(tmp_path, "127.0.0.1")
    with node(says(output(0, b"hello\r\n"), closed()), tls=tls) as port:
        url = f"wss://{path(f'127.0.0.1:{port}')}"
        assert shell(url, AWS_CA_BUNDLE=str(bundle))[0] == 0
        status, shown, asked = shell(url)
    assert status == 75
    assert "AWS_CA_BUNDLE" in shown
    assert asked[-1] == "TerminateSession"


def test_https_proxy_is_honoured(shell, tmp_path):
    tls, bundle = certificate(tmp_path, AWS)
    with node(says(output(0, b"hello\r\n"), closed()), tls=tls) as port, proxy(port) as (url, asked):
        status, shown, _ = shell(f"wss://{path(AWS)}", AWS_CA_BUNDLE=str(bundle), HTTPS_PROXY=url)
    assert (status, asked) == (0, [f"{AWS}:443"]), shown


def test_no_proxy_is_honoured_and_loopback_never_proxied(shell, tmp_path):
    tls, bundle = certificate(tmp_path, "127.0.0.1")
    dead = "http://127.0.0.1:9"
    with node(says(output(0, b"hello\r\n"), closed()), tls=tls) as port:
        url = f"wss://{path(f'127.0.0.1:{port}')}"
        assert shell(url, AWS_CA_BUNDLE=str(bundle), HTTPS_PROXY=dead)[0] == 0
    with proxy(port) as (url, asked):
        shell(f"wss://{path('aws.invalid')}", HTTPS_PROXY=url, NO_PROXY="aws.invalid", no_proxy="aws.invalid")
    assert asked == []


def test_a_proxy_that_is_not_there_is_said(shell):
    status, _shown, asked = shell(f"wss://{path(AWS)}", HTTPS_PROXY="http://127.0.0.1:9")
    assert status == 75
    assert asked[-1] == "TerminateSession"


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", 77, "ssmmessages:OpenDataChannel"),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", 75, "HTTP 503"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhtml", 76, "HTTP 200"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", 76, "no websocket"),
        (b"", 76, "no websocket"),
    ],
)
def test_what_answers_the_upgrade_decides(shell, answer, status, said):
    with http(answer) as port:
        got, shown, asked = shell(f"ws://{path(f'127.0.0.1:{port}')}")
    assert got == status, shown
    assert said in shown
    assert asked[-1] == "TerminateSession"


def test_nobody_at_the_far_end(shell):
    status, shown, asked = shell(f"ws://{path('127.0.0.1:9')}")
    assert status == 75
    assert "cannot open the data channel" in shown
    assert asked[-1] == "TerminateSession"


@pytest.mark.parametrize(
    ("frames", "status"),
    [
        ([b"\x00" * 200], 76),
        ([b"short"], 76),
        ([output(0, b"x"), b"\xff" * 500], 76),
        ([output(0, b"x" * (9 << 20))], 76),
        ([output(0, b"x"), closed("Session idle timeout")], 74),
        ([closed("----------ERROR-------\nUnable to start command: please set the RunAs default user")], 69),
        (["a text frame", output(0, b"x"), closed()], 0),
    ],
)
def test_what_the_node_says_decides(shell, frames, status):
    with node(says(*frames)) as port:
        got, shown, asked = shell(f"ws://{path(f'127.0.0.1:{port}')}")
    assert got == status, shown
    assert asked[-1] == "TerminateSession"


def test_escape_sequences_in_an_error_do_not_reach_the_terminal(shell):
    with node(says(closed("\x1b]0;owned\x07 bad"))) as port:
        _, shown, _ = shell(f"ws://{path(f'127.0.0.1:{port}')}")
    assert "\x1b]0" not in shown


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=300) | st.text(max_size=30), min_size=1, max_size=6))
def test_a_hostile_peer_ends_in_an_error_and_never_hangs(shell, frames):
    with node(says(*frames, closed("over"))) as port:
        status, shown, asked = shell(f"ws://{path(f'127.0.0.1:{port}')}")
    assert status in (69, 74, 76), shown
    assert asked[-1] == "TerminateSession"


@pytest.mark.parametrize("url", ["nonsense", "ws://aws.example/x"])
def test_a_stream_url_that_is_none_is_said_and_the_session_ended(shell, url):
    status, shown, asked = shell(url)
    assert status == 76, shown
    assert "StreamUrl" in shown
    assert asked[-1] == "TerminateSession"


@pytest.mark.parametrize(
    "url",
    [
        *("missing:", "nonsense", "http://127.0.0.1:1/x", "wss://", "wss://[::1", "wss://host:99999999/x"),
        *("ws://aws.example/x", "wss://a b/", "wss://bücher.example/x"),
    ],
)
def test_a_stream_url_that_is_none_is_a_protocol_error(url):
    with pytest.raises(ProtocolError, match="StreamUrl"):
        asyncio.run(dial(url, sign=lambda _: {}, authorities="", label=""))


@pytest.mark.parametrize("times", [1, pytest.param(10, marks=pytest.mark.long)])
def test_what_came_before_the_end_counts_though_nothing_can_be_answered_any_more(shell, times):
    """The service says channel_closed and closes at once, while our acknowledgements are on their way."""

    def play(socket):
        socket.recv()
        for number in range(12):
            socket.send(output(number, b"line %d\r\n" % number))
        socket.send(closed())
        socket.close()

    for _ in range(times):
        with node(play) as port:
            status, shown, _ = shell(f"ws://{path(f'127.0.0.1:{port}')}")
        assert status == 0, shown
        assert "line 11" in shown
