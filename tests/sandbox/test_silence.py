"""Nodes that are gone, and the node with pages."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from urllib.error import HTTPError

import pytest

from ssmx.sandbox.control import Running
from tests.conftest import Levers

from .conftest import Client, client_of, node_named
from .portclient import SYN, port, say, smux
from .rawclient import RawClient
from .tunnelled import tunnelled

Opened = Callable[..., tuple[RawClient, str]]
STILL = 0.4  # seconds in which a node that listens would have answered


@pytest.fixture
def doomed(ec2: Client) -> Iterator[str]:
    """A node that runs again at the end."""
    node_id = node_named(ec2, "cart-01")
    yield node_id
    ec2.start_instances(InstanceIds=[node_id])


def assert_silent(client: RawClient) -> None:
    before = len(client.messages)
    client.type("echo aloud\n")
    client.quiet(STILL)
    assert len(client.messages) == before
    assert client.socket.ping().wait(5)  # the service is there


def resumed(running: Running, ssm: Client, session_id: str, before: RawClient) -> RawClient:
    answer = ssm.resume_session(SessionId=session_id)
    client = RawClient(running, answer, sequence=before.sequence, expected=before.expected)
    client.go_on_from(before)
    return client


def test_a_stopped_node_says_nothing_more_and_its_sessions_stay_open(
    opened: Opened, running: Running, ssm: Client, ec2: Client, doomed: str
) -> None:
    client, session_id = opened(Target=doomed)
    client.until_output("$ ")
    ec2.stop_instances(InstanceIds=[doomed])
    assert_silent(client)
    client.close()
    again = resumed(running, ssm, session_id, client)
    assert_silent(again)
    ec2.start_instances(InstanceIds=[doomed])  # a machine that knows of no session
    assert_silent(again)
    ssm.terminate_session(SessionId=session_id)
    assert again.until_closed() == ""
    again.close()


def test_a_terminated_node_says_nothing_more(running: Running) -> None:
    # in a region where nobody counts: what is terminated stays in the list
    ec2, ssm = (client_of(running, name, region="us-east-1") for name in ("ec2", "ssm"))
    like = {"ImageId": "ami-12345678", "MinCount": 1, "MaxCount": 1}
    made = ec2.run_instances(**like)["Instances"][0]["InstanceId"]
    started = ssm.start_session(Target=made, **port(7))
    client = RawClient(running, started)
    client.shake()
    ec2.terminate_instances(InstanceIds=[made])
    before = len(client.messages)
    say(client, smux(SYN, 3))
    client.quiet(STILL)
    assert len(client.messages) == before
    ssm.terminate_session(SessionId=started["SessionId"])
    client.close()


def test_what_a_silent_node_was_told_is_answered_when_it_speaks_again(
    opened: Opened, running: Running, ssm: Client, levers: Levers, node: str
) -> None:
    client, session_id = opened()
    client.until_output("$ ")
    levers("POST", f"node/{node}", {"silent": True})
    assert_silent(client)
    client.close()
    again = resumed(running, ssm, session_id, client)
    again.quiet(STILL)
    assert not again.messages
    levers("POST", f"node/{node}", {"silent": False})
    for frame in again.sent.values():
        again.socket.send(frame)
    again.until_output("\naloud")
    again.close()


def test_a_reset_lets_every_node_speak(opened: Opened, levers: Levers, node: str) -> None:
    client, _ = opened()
    client.until_output("$ ")
    levers("POST", f"node/{node}", {"silent": True})
    levers("POST", "reset")
    client.run("echo $((40 + 2))", "\n42")


def test_silence_is_a_yes_or_a_no(levers: Levers, node: str) -> None:
    with pytest.raises(HTTPError, match="400"):
        levers("POST", f"node/{node}", {"silent": "perhaps"})


# the node with pages


def test_admin_ui_has_an_index_and_its_health(running: Running, ssm: Client, ec2: Client) -> None:
    node_id = node_named(ec2, "admin-ui")
    with tunnelled(running, ssm, node_id, 8080) as local:
        kind, body = got(local, "/")
        assert kind == "text/html; charset=utf-8"
        assert "<h1>admin-ui</h1>" in body
        kind, body = got(local, "/health?deep=1")
        assert kind == "application/json"
        assert json.loads(body) == {"status": "ok", "node": "admin-ui", "id": node_id}
        with pytest.raises(HTTPError, match="404: Not Found"):
            got(local, "/users")


def got(local: int, path: str) -> tuple[str, str]:
    with urllib.request.urlopen(f"http://127.0.0.1:{local}{path}", timeout=10) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def test_other_nodes_have_no_such_page(running: Running, ssm: Client, node: str) -> None:
    with tunnelled(running, ssm, node, 8080) as local, pytest.raises((OSError, HTTPError)):
        got(local, "/")
