"""What answers behind the account's private endpoints: Redis, pages, a search, the API of Kubernetes."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from botocore.signers import RequestSigner

from ssmx.sandbox.control import CA, Running
from tests.conftest import HAS_REDIS, NO_REDIS

from .conftest import Client, client_of
from .tunnelled import tunnelled

CLUSTER = "platform"


@pytest.fixture(scope="module")
def leads(running: Running, ssm: Client, node: str) -> Iterator[Callable[[str, int], int]]:
    """The local port that leads to a port of a host; one session for each."""
    ports: dict[tuple[str, int], int] = {}
    with ExitStack() as stack:

        def lead(host: str, port: int) -> int:
            if (host, port) not in ports:
                ports[host, port] = stack.enter_context(tunnelled(running, ssm, node, port, host))
            return ports[host, port]

        yield lead


def told(client: Client, operation: str, path: str, **parameters: Any) -> Any:
    """What an answer has at a path of names and positions."""
    found = getattr(client, operation)(**parameters)
    for step in path.split("."):
        found = found[int(step) if step.isdigit() else step]
    return found


def secured(port: int, host: str, authorities: str) -> ssl.SSLSocket:
    """A connection whose certificate names the host, for one of these authorities."""
    context = ssl.create_default_context(cadata=authorities)
    return context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=10), server_hostname=host)


def everything(connection: socket.socket) -> bytes:
    with connection:
        return b"".join(iter(lambda: connection.recv(1 << 16), b""))


def asked(connection: socket.socket, path: str, **headers: str) -> tuple[int, str]:
    """Status and body of one request."""
    lines = [f"GET {path} HTTP/1.1", "Host: x", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    connection.sendall("\r\n".join(lines).encode())
    head, _, body = everything(connection).partition(b"\r\n\r\n")
    return int(head.split()[1]), body.decode()


@pytest.fixture(scope="module")
def authority(running: Running) -> str:
    return running.config_file.with_name(CA).read_text("ascii")


# Redis


@pytest.fixture(scope="module")
def group(running: Running) -> Any:
    elasticache = client_of(running, "elasticache")
    return told(elasticache, "describe_replication_groups", "ReplicationGroups.0", ReplicationGroupId="sessions")


@pytest.mark.skipif(not HAS_REDIS and which("redis-server") is None, reason=NO_REDIS)
@pytest.mark.parametrize("end", ["PrimaryEndpoint", "ReaderEndpoint"])
def test_a_redis_is_behind_the_sessions(group: Any, leads: Any, authority: str, end: str) -> None:
    endpoint = group["NodeGroups"][0][end]
    with secured(leads(endpoint["Address"], endpoint["Port"]), endpoint["Address"], authority) as redis:
        assert redis.getpeercert()["subjectAltName"][0][1].startswith("master.sessions.")
        redis.sendall(b"HGET session:42 user\r\nPING\r\nCONFIG GET dir\r\nQUIT\r\n")
        said = everything(redis)
    assert said.startswith(b"$4\r\nravi\r\n+PONG\r\n-ERR unknown command `CONFIG`")
    assert said.endswith(b"+OK\r\n")


def test_who_speaks_to_it_in_clear_hears_nothing(group: Any, leads: Any) -> None:
    endpoint = group["NodeGroups"][0]["PrimaryEndpoint"]
    with socket.create_connection(("127.0.0.1", leads(endpoint["Address"], endpoint["Port"])), timeout=10) as redis:
        redis.sendall(b"PING\r\n")
        with suppress(ConnectionResetError):
            assert b"PONG" not in everything(redis)


# pages


def test_the_internal_api_answers_in_clear_and_over_tls(running: Running, leads: Any, authority: str) -> None:
    balancers = client_of(running, "elbv2")
    host = told(balancers, "describe_load_balancers", "LoadBalancers.0.DNSName", Names=["internal-api"])
    clear = socket.create_connection(("127.0.0.1", leads(host, 80)), timeout=10)
    status, body = asked(clear, "/health")
    assert (status, json.loads(body)) == (200, {"status": "ok", "host": host, "port": 80})
    status, body = asked(secured(leads(host, 443), host, authority), "/health")
    assert (status, json.loads(body)["port"]) == (200, 443)
    status, body = asked(secured(leads(host, 443), host, authority), "/")
    assert host in body
    assert asked(secured(leads(host, 443), host, authority), "/x")[0] == 404


def test_the_search_domain_answers_as_opensearch(running: Running, leads: Any, authority: str) -> None:
    path = "DomainStatusList.0.Endpoints.vpc"
    host = told(client_of(running, "opensearch"), "describe_domains", path, DomainNames=["search-prod"])
    found = {
        path: asked(secured(leads(host, 443), host, authority), path)
        for path in ("/", "/_cluster/health", "/_cat/indices?v", "/nothing")
    }
    assert {path: status for path, (status, _) in found.items()} == dict(
        zip(found, (200, 200, 200, 404), strict=True)
    )
    assert json.loads(found["/"][1])["version"]["distribution"] == "opensearch"
    assert json.loads(found["/_cluster/health"][1])["status"] == "green"
    assert "products" in found["/_cat/indices?v"][1]


# Kubernetes


@pytest.fixture(scope="module")
def cluster(running: Running) -> Any:
    return told(client_of(running, "eks"), "describe_cluster", "cluster", name=CLUSTER)


def token(running: Running, *, named: str = CLUSTER, url: str = "https://sts.eu-west-1.amazonaws.com") -> str:
    """As `aws eks get-token` makes one."""
    sts = client_of(running, "sts")
    signer = RequestSigner(
        sts.meta.service_model.service_id,
        running.region,
        "sts",
        "v4",
        sts._request_signer._credentials,
        sts.meta.events,
    )
    request = {
        "method": "GET",
        "url": f"{url}/?Action=GetCallerIdentity&Version=2011-06-15",
        "body": {},
        "headers": {"x-k8s-aws-id": named},
        "context": {},
    }
    signed = signer.generate_presigned_url(request, expires_in=60, operation_name="")
    return "k8s-aws-v1." + base64.urlsafe_b64encode(signed.encode()).decode().rstrip("=")


@pytest.fixture(scope="module")
def api(cluster: Any, leads: Any) -> Callable[..., tuple[int, Any]]:
    host = cluster["endpoint"].removeprefix("https://")
    trusted = base64.b64decode(cluster["certificateAuthority"]["data"]).decode()

    def ask(path: str, bearer: str = "") -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        status, body = asked(secured(leads(host, 443), host, trusted), path, **headers)
        return status, json.loads(body) if body.startswith("{") else body

    return ask


def test_kubernetes_tells_everybody_that_it_is_there(api: Any) -> None:
    assert api("/healthz") == (200, "ok")
    assert api("/version")[1]["gitVersion"].startswith("v1.")


def test_kubernetes_lists_to_who_has_a_token(running: Running, api: Any) -> None:
    status, found = api("/api/v1/namespaces?limit=500", token(running))
    assert (status, found["kind"]) == (200, "NamespaceList")
    assert "payments" in {each["metadata"]["name"] for each in found["items"]}
    assert api("/api/v1/namespaces/x", token(running))[0] == 404
    assert api("/api/v1/pods", token(running))[1]["reason"] == "NotFound"
    assert api("/apis", token(running, url=running.endpoint))[0] == 200


def test_kubernetes_refuses_every_other_token(running: Running, api: Any) -> None:
    good = token(running)
    stranger = Running(**{**{name: getattr(running, name) for name in Running.__slots__}, "secret_key": "x" * 40})
    for wrong in (
        "",
        "nobody",
        good[:-4],
        "k8s-aws-v1.é",
        token(stranger),
        token(running, named="staging"),
        token(running, url="https://sts.example.com"),
    ):
        status, said = api("/api", wrong.encode().decode("latin-1"))
        assert (status, said["kind"], said["reason"]) == (401, "Status", "Unauthorized")


@pytest.mark.parametrize(("age", "status"), [(-600, 200), (850, 200), (950, 401), (-1000, 401)])
def test_a_token_lasts_fifteen_minutes_whatever_it_says(
    running: Running, api: Any, monkeypatch: pytest.MonkeyPatch, age: int, status: int
) -> None:
    now = datetime.now(UTC)
    with monkeypatch.context() as patch:  # for the token alone: the way there is signed as well
        patch.setattr("botocore.auth.get_current_datetime", lambda: now - timedelta(seconds=age))
        made = token(running)
    assert api("/api", made)[0] == status


@pytest.mark.skipif(which("kubectl") is None, reason="there is no kubectl")
def test_kubectl_lists_the_namespaces(running: Running, cluster: Any, leads: Any, tmp_path: Path) -> None:
    host = cluster["endpoint"].removeprefix("https://")
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "it",
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
        "users": [{"name": "it", "user": {"token": token(running)}}],
        "clusters": [
            {
                "name": "it",
                "cluster": {
                    "server": f"https://127.0.0.1:{leads(host, 443)}",
                    "tls-server-name": host,
                    "certificate-authority-data": cluster["certificateAuthority"]["data"],
                },
            }
        ],
    }
    path = tmp_path / "config"
    path.write_text(json.dumps(config), "utf-8")
    done = subprocess.run(
        ["kubectl", "get", "namespaces", "-o", "name"],
        env={"KUBECONFIG": str(path), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.split()[:1] == ["namespace/default"], done.stderr


# nobody


def test_nothing_listens_behind_the_others(running: Running, leads: Any) -> None:
    warehouse = told(client_of(running, "redshift"), "describe_clusters", "Clusters.0.Endpoint")
    with (
        socket.create_connection(("127.0.0.1", leads(warehouse["Address"], warehouse["Port"])), timeout=10) as it,
        suppress(ConnectionResetError),
    ):
        assert it.recv(1) == b""
