"""Clients of the sandbox that every test has."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from ssmx.sandbox import far
from ssmx.sandbox.control import Running
from tests.conftest import Levers

from .rawclient import RawClient

Client = Any


def client_of(running: Running, service: str, **keys: str) -> Client:
    """A client that takes nothing from the machine it runs on, and never tries again."""
    session = boto3.Session(
        aws_access_key_id=keys.get("access_key", running.access_key),
        aws_secret_access_key=keys.get("secret_key", running.secret_key),
        aws_session_token=keys.get("token"),
        region_name=keys.get("region", running.region),
    )
    config = Config(retries={"total_max_attempts": 1}, inject_host_prefix=False, parameter_validation=False)
    return session.client(service, endpoint_url=running.endpoint, config=config)


@pytest.fixture(scope="session", autouse=True)
def nobodys_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        empty = tmp_path_factory.mktemp("home") / "none"
        patch.setenv("AWS_CONFIG_FILE", str(empty))
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(empty))
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@pytest.fixture(scope="session")
def ssm(running: Running) -> Client:
    return client_of(running, "ssm")


@pytest.fixture(scope="session")
def ec2(running: Running) -> Client:
    return client_of(running, "ec2")


@pytest.fixture(scope="session")
def node(ec2: Client) -> str:
    """The id of payments-api."""
    return node_named(ec2, "payments-api")


def refused(call: Callable[..., Any], **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call(**parameters)
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def node_named(ec2: Client, name: str) -> str:
    found = ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": [name]}])["Reservations"]
    return str(found[0]["Instances"][0]["InstanceId"])


@pytest.fixture
def opened(running: Running, ssm: Client, node: str) -> Iterator[Callable[..., tuple[RawClient, str]]]:
    """Start a session and connect to it; at the end both are gone."""
    clients: list[RawClient] = []
    ids: list[str] = []

    def start(**request: Any) -> tuple[RawClient, str]:
        answer = ssm.start_session(**{"Target": node, **request})
        client = RawClient(running, answer)
        clients.append(client)
        ids.append(answer["SessionId"])
        return client, answer["SessionId"]

    yield start
    for client in clients:
        client.close()
    active = {each["SessionId"] for each in ssm.describe_sessions(State="Active")["Sessions"]}
    for session_id in active.intersection(ids):
        ssm.terminate_session(SessionId=session_id)


@pytest.fixture
def placed(folder: Path, node: str) -> Iterator[Callable[..., socket.socket]]:
    """Listen where a far port leads to."""
    made: list[tuple[socket.socket, Path]] = []

    def listen(number: int, host: str = "", *, backlog: int = 16) -> socket.socket:
        path = far.place(folder, node, number, host)
        path.parent.mkdir(parents=True, exist_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen(backlog)
        listener.settimeout(5)
        made.append((listener, path))
        return listener

    yield listen
    for listener, path in made:
        listener.close()
        path.unlink()


@pytest.fixture
def old(levers: Levers, node: str) -> None:
    """An agent that knows ports, and no smux."""
    levers("POST", f"node/{node}", {"agent_version": "2.3.1644.0"})
