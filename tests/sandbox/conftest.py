"""Clients of the sandbox that every test has."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from ssmx.sandbox import far
from ssmx.sandbox.control import CA, Running
from tests.conftest import Levers, boto3_session, terminate

from .rawclient import RawClient
from .tunnelled import tunnelled

Client = Any
Connect = Callable[..., Any]


def client_of(running: Running, service: str, **keys: str) -> Client:
    """A client that takes nothing from the machine it runs on, and never tries again."""
    session = boto3_session(
        keys.get("access_key", running.access_key),
        keys.get("secret_key", running.secret_key),
        keys.get("token"),
        region=keys.get("region", running.region),
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
    terminate(ssm, active.intersection(ids))


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


@pytest.fixture(scope="session")
def rds(running: Running) -> Client:
    return client_of(running, "rds")


@pytest.fixture(scope="session")
def host(rds: Client) -> str:
    return endpoint(rds, "payments-prod")


def endpoint(rds: Client, name: str) -> str:
    found = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    return str(found[0]["Endpoint"]["Address"])


@pytest.fixture(scope="module")
def at(running: Running, ssm: Client, node: str) -> Iterator[Callable[[str], int]]:
    """The local port that leads to port 5432 of a host; one session for each host.

    Not for longer than a module: other tests look at which sessions are open.
    """
    ports: dict[str, int] = {}
    with ExitStack() as stack:

        def lead(name: str) -> int:
            if name not in ports:
                ports[name] = stack.enter_context(tunnelled(running, ssm, node, 5432, name))
            return ports[name]

        yield lead


@pytest.fixture(scope="module")
def connect(at: Callable[[str], int], host: str, rds: Client, folder: Path) -> Connect:
    """Connect as RDS's documentation says, with a token where no password is given."""

    def enter(**changed: Any) -> Any:
        wanted = {
            "host": host,
            "user": "ravi",
            "dbname": "payments",
            "sslmode": "verify-full",
            "sslrootcert": str(folder / CA),
            "connect_timeout": 20,
            **changed,
        }
        if "password" not in wanted:
            wanted["password"] = rds.generate_db_auth_token(wanted["host"], 5432, wanted["user"])
        leads = at(wanted.pop("leads", wanted["host"]))
        return psycopg.connect(**wanted, hostaddr="127.0.0.1", port=leads)

    return enter
