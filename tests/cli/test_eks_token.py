"""Tunnels to EKS clusters: the private kubeconfig, and the token that kubectl asks for."""

import base64
import shutil
import sys
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

PYTHON = sys.executable
SHOW = """
import json, os, stat
path = os.environ["KUBECONFIG"]
modes = [oct(stat.S_IMODE(os.stat(each).st_mode)) for each in (os.path.dirname(path), path)]
print(json.dumps({"path": path, "modes": modes, "config": json.load(open(path))}))
"""


def test_a_token_is_a_presigned_question_who_asks(ssmx):
    answer = ssmx("eks-token", "platform").json
    assert (answer["kind"], answer["apiVersion"]) == ("ExecCredential", "client.authentication.k8s.io/v1beta1")
    kind, _, text = answer["status"]["token"].partition(".")
    assert kind == "k8s-aws-v1"
    url = urlsplit(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode())
    query = {key: value[0] for key, value in parse_qs(url.query).items()}
    assert query["Action"] == "GetCallerIdentity"
    assert query["X-Amz-SignedHeaders"] == "host;x-k8s-aws-id"
    assert query["X-Amz-Expires"] == "60"
    until = datetime.fromisoformat(answer["status"]["expirationTimestamp"])
    assert 13 * 60 < (until - datetime.now(until.tzinfo)).total_seconds() <= 14 * 60


def test_the_kubeconfig_is_private_holds_no_secret_and_is_gone_afterwards(ssmx):
    told = ssmx("tunnel", "eks", "platform", "--", PYTHON, "-c", SHOW).json
    assert told["modes"][0] == "0o700"
    assert not Path(told["path"]).exists()
    [cluster] = (each["cluster"] for each in told["config"]["clusters"])
    assert cluster["server"].startswith("https://127.0.0.1:")
    assert cluster["tls-server-name"].endswith(".eks.amazonaws.com")
    assert b"BEGIN CERTIFICATE" in base64.b64decode(cluster["certificate-authority-data"])
    [user] = (each["user"] for each in told["config"]["users"])
    assert list(user) == ["exec"]
    assert user["exec"]["args"][2:5] == ["ssmx", "eks-token", "platform"]


def test_what_a_killed_run_left_is_removed_by_the_next(ssmx, env):
    first = ssmx("tunnel", "eks", "platform", "--", PYTHON, "-c", SHOW).json
    left = Path(first["path"]).parent.with_name("left")
    left.mkdir()
    (left / "owner").write_text("1 not-its-birth")
    (left / "config").write_text("{}")
    ssmx("tunnel", "eks", "platform", "--", "true")
    assert not left.exists()


@pytest.mark.skipif(not shutil.which("kubectl"), reason="no kubectl here")
def test_kubectl_verifies_the_clusters_name_and_signs_in(ssmx, levers):
    result = ssmx("tunnel", "eks", "platform", "--", "kubectl", "get", "namespaces", "-o", "name")
    assert "namespace/payments" in result.out.splitlines(), result.err
    assert levers.open_sessions() == []


def test_a_client_of_our_own_signs_in_with_the_token(ssmx):
    """As kubectl does, for machines without it."""
    program = """
import base64, json, os, socket, ssl, subprocess
config = json.load(open(os.environ["KUBECONFIG"]))
cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]["exec"]
token = json.loads(subprocess.check_output([user["command"], *user["args"]]))["status"]["token"]
ca = base64.b64decode(cluster["certificate-authority-data"]).decode()
context = ssl.create_default_context(cadata=ca)
host, port = cluster["server"].removeprefix("https://").split(":")
plain = socket.create_connection((host, int(port)))
secured = context.wrap_socket(plain, server_hostname=cluster["tls-server-name"])
head = ["GET /api/v1/namespaces HTTP/1.1", "Host: x", "Connection: close", f"Authorization: Bearer {token}", "", ""]
secured.sendall("\\r\\n".join(head).encode())
said = b""
while more := secured.recv(9999):
    said += more
print(said.split(b"\\r\\n")[0].decode())
"""
    result = ssmx("tunnel", "eks", "platform", "--", PYTHON, "-c", program)
    assert result.out == "HTTP/1.1 200 OK\n", result.err
