"""How users write forwards."""

import pytest

from ssmx.errors import UsageError
from ssmx.model.forward import Forward, Local, bind_address, far_host, is_loopback, parse_ports, parse_remote


@pytest.mark.parametrize(
    ("text", "local", "port"),
    [
        ("8080", Local(None, preferred=8080), 8080),
        ("0:8080", Local(None), 8080),
        ("15432:5432", Local(15432), 5432),
        ("65535:1", Local(65535), 1),
    ],
)
def test_ports_are_local_and_remote_as_in_ssh(text, local, port):
    assert parse_ports(text) == Forward(local, port)


@pytest.mark.parametrize(
    "text", ["", "x", "0", "65536", "1:65536", "1:0", "-1", "1:2:3", "1:", ":1", "٣", "8080/tcp", "+1"]
)
def test_what_is_no_port_is_said(text):
    with pytest.raises(UsageError, match="is no port"):
        parse_ports(text)


@pytest.mark.parametrize(
    ("text", "local", "host", "port"),
    [
        ("15432:db.internal:5432", Local(15432), "db.internal", 5432),
        ("0:db.internal:5432", Local(None), "db.internal", 5432),
        ("127.0.0.1:1:db.internal:2", Local(1, "127.0.0.1"), "db.internal", 2),
        ("localhost:1:db.internal:2", Local(1), "db.internal", 2),
        ("*:1:DB.internal.:2", Local(1, "0.0.0.0"), "db.internal", 2),
        ("[::1]:1:[fd00::5]:2", Local(1, "::1"), "fd00::5", 2),
        ("1:[fd00::5]:2", Local(1), "fd00::5", 2),
    ],
)
def test_a_host_is_written_as_in_ssh(text, local, host, port):
    assert parse_remote(text) == Forward(local, port, host)


@pytest.mark.parametrize("here", ["localhost", "LOCALHOST", "127.0.0.1", "[::1]", "localhost."])
def test_a_loopback_host_is_the_node_itself(here):
    assert parse_remote(f"1:{here}:2").host == ""


def test_another_loopback_address_is_not_guessed_to_be_the_nodes_first():
    with pytest.raises(UsageError, match=r"127\.0\.0\.53"):
        far_host("127.0.0.53")


@pytest.mark.parametrize("text", ["", "1", "1:2", "db:5432", "1:a:2:3:4", "1::2", "fe80::1:2:3:4:5"])
def test_what_is_no_remote_forward_is_said(text):
    with pytest.raises(UsageError):
        parse_remote(text)


@pytest.mark.parametrize("host", ["ab", "a b c", "$(id)", "a;rm", "a'b"])
def test_a_host_that_the_document_would_refuse_is_refused_here(host):
    with pytest.raises(UsageError, match="is no host"):
        far_host(host)


def test_an_address_to_listen_on_is_one_of_a_machine():
    assert [bind_address(each) for each in ("", "localhost", "*", "[::]", "10.0.0.7")] == [
        *("localhost", "localhost", "0.0.0.0", "::", "10.0.0.7")
    ]
    with pytest.raises(UsageError):
        bind_address("eth0")


def test_only_loopback_is_this_machines_alone():
    assert is_loopback("localhost")
    assert is_loopback("127.9.9.9")
    assert not is_loopback("0.0.0.0")
    assert Local(1, "0.0.0.0", socket="/tmp/s").is_loopback
    assert [Local(1, bind).dialled for bind in ("localhost", "0.0.0.0", "::", "10.0.0.7")] == [
        *("127.0.0.1", "127.0.0.1", "::1", "10.0.0.7")
    ]
