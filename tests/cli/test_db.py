"""ssmx db, and tunnels to every kind of endpoint: their clients, what they are told, and that TLS verifies."""

import shutil
import sys

import pytest

from tests.conftest import HAS_REDIS, NO_REDIS

PYTHON = sys.executable

PING = """
import os, socket, ssl, sys
host, port, name, ca = sys.argv[1:]
context = ssl.create_default_context(cafile=ca)
with socket.create_connection((host, int(port))) as plain:
    with context.wrap_socket(plain, server_hostname=name) as secured:
        secured.sendall(b"PING\\r\\nHGET session:42 user\\r\\n")
        said = b""
        while said.count(b"\\n") < 3:
            said += secured.recv(99)
        print(said.split(), os.environ["REDIS_URL"].split(":")[0])
"""


@pytest.mark.skipif(not HAS_REDIS and shutil.which("redis-server") is None, reason=NO_REDIS)
def test_redis_answers_over_tls_that_verifies_the_caches_own_name(ssmx, levers):
    words = (
        "tunnel",
        "elasticache",
        "sessions",
        "--",
        PYTHON,
        "-c",
        PING,
        "{host}",
        "{port}",
        "{endpoint}",
        "{ca}",
    )
    result = ssmx(*words)
    assert result.out == "[b'+PONG', b'$4', b'ravi'] rediss\n", result.err
    assert "through admin-ui" in result.err  # its group admits services, and not the bastion, though that is tagged
    assert levers.open_sessions() == []


SAID = """
import sys
print(*sys.argv[1:], sep="\\n")
if sys.argv[1:] == ["--help"]:
    print("--tls")
"""


@pytest.fixture
def own(tmp_path, env):
    """A folder before PATH with clients that print how they were called: `own("redis-cli")` gives the variable."""

    def put(*names):
        for name in names:
            path = tmp_path / name
            path.write_text(f"#!{PYTHON}\n{SAID}")
            path.chmod(0o755)
        return {"PATH": f"{tmp_path}:/usr/bin:/bin"}

    return put


def test_a_database_is_found_in_all_services_and_its_own_client_told_the_way(ssmx, own):
    lines = ssmx("db", "sessions", "--", "ping", **own("redis-cli")).out.splitlines()
    assert lines[:2] == ["-h", "127.0.0.1"]
    assert lines[4:6] == ["--tls", "--sni"]
    assert lines[6].startswith("master.sessions.")
    assert lines[7] == "--cacert"
    assert lines[-1] == "ping"


def test_the_better_of_two_clients_is_taken(ssmx, own, tmp_path):
    assert ssmx("db", "elasticache/sessions", **own("redis-cli", "valkey-cli")).status == 0
    (tmp_path / "valkey-cli").write_text("#!/bin/sh\necho --tls\nexit 3\n")
    assert ssmx("db", "elasticache/sessions", **own("redis-cli")).status == 3


def test_a_document_database_is_told_not_to_look_for_its_replica_set(ssmx, own):
    uri, *words = ssmx("db", "docdb/profiles", "--", "--quiet", **own("mongosh")).out.splitlines()
    assert uri.endswith("/?directConnection=true&retryWrites=false")
    assert words[:2] == ["--tls", "--tlsCAFile"]
    assert words[-2:] == ["--tlsAllowInvalidHostnames", "--quiet"]


def test_mysql_and_mariadb_want_other_words(ssmx, own, tmp_path):
    assert "--ssl-mode=VERIFY_CA" in ssmx("db", "rds/catalog-prod", **own("mysql")).out
    (tmp_path / "mysql").rename(tmp_path / "mariadb")
    (tmp_path / "mysql").symlink_to("mariadb")
    lines = ssmx("db", "rds/catalog-prod", "--user", "ravi", PATH=f"{tmp_path}:/usr/bin:/bin").out.splitlines()
    assert lines[0].startswith("--ssl-ca=")
    assert "--ssl-mode=VERIFY_CA" not in lines
    assert lines[-2:] == ["-u", "ravi"]


def test_a_client_of_the_right_kind_is_told_the_way_by_tunnel_too(ssmx, own):
    words = ("tunnel", "elasticache", "sessions", "--", "redis-cli")
    assert ssmx(*words, "get", "x", **own("redis-cli")).out.splitlines()[-2:] == ["get", "x"]
    assert ssmx(*words, "-p", "{port}", **own("redis-cli")).out.splitlines()[0] == "-p"


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl here")
@pytest.mark.parametrize(
    ("words", "url", "said"),
    [
        (["opensearch", "search-prod"], "https://{endpoint}/_cluster/health", '"status": "green"'),
        (["alb", "internal-api", "--endpoint", "443"], "https://{endpoint}/health", '"port": 443'),
        (["alb", "internal-api", "--endpoint", "80"], "http://{endpoint}/health", '"port": 80'),
    ],
    ids=lambda each: each[0] if isinstance(each, list) else None,
)
def test_curl_reaches_http_and_verifies_https_under_the_real_name(ssmx, words, url, said):
    proxy = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    result = ssmx("tunnel", *words, "--", "curl", "-sS", url, **proxy, NO_PROXY="127.0.0.1")
    assert said in result.out, result.err


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl here")
def test_without_words_curl_gets_the_first_page(ssmx):
    assert '"cluster_name"' in ssmx("db", "opensearch/search-prod").out


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["db", "no-such"], 68, "no database is called 'no-such'"),
        (["db", "platform"], 68, "no database is called 'platform'"),
        (["db", "sesions"], 68, "did you mean s"),
        (["db", "rds/no-such"], 68, "no rds endpoint is called"),
        (["db", "eks/platform", "--iam-user", "x"], 2, "does not take tokens of IAM"),
        (["db", "docdb/profiles"], 127, "there is no mongosh here, nor mongo"),
        (["db", "elasticache/tokens", "--reader", "--endpoint", "x"], 2, "at once"),
        (["db", "mq/jobs"], 2, "ssmx knows no client for mq/jobs"),
        (["tunnel", "msk", "events", "--", "true"], 68, "they need a tunnel for each broker"),
        (["tunnel", "alb", "internal-api", "--", "true"], 68, "--endpoint 443 or 80"),
        (["tunnel", "alb", "shop"], 68, "no alb endpoint is called 'shop'"),
        (["tunnel", "kafka", "events"], 2, "did you mean 'msk'"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else None,
)
def test_what_is_wrong_is_said_before_a_session(ssmx, levers, own, words, status, said):
    levers("POST", "reset")
    result = ssmx(*words, **own())
    assert result.status == status, result.err
    assert said in result.err
    assert levers.asked("StartSession") == []


def test_a_client_that_would_follow_a_cluster_past_the_tunnel_is_refused(ssmx, levers, own):
    levers("POST", "reset")
    result = ssmx("db", "elasticache/feeds", "--", "-c", "ping", **own("redis-cli"))
    assert result.status == 2
    assert "redis-cli would wait for ever" in result.err
    assert levers.asked("StartSession") == []
    assert "MOVED" in ssmx("db", "elasticache/feeds", "--", "ping", **own("redis-cli")).err


def test_a_broker_that_is_named_is_reached_with_a_warning(ssmx):
    result = ssmx("tunnel", "msk", "events", "--endpoint", "tls-1", "--", "true")
    assert result.status == 0
    assert "a tunnel for each broker" in result.err


def test_endpoints_of_all_services_are_listed(ssmx):
    rows = ssmx("ls", "endpoints", "-o", "json").json
    assert {each["service"] for each in rows} >= {"rds", "elasticache", "msk", "eks", "alb", "redshift-serverless"}
    assert ssmx("ls", "elasticache", "sess", "-o", "name").out.split() == [
        "sessions",
        "sessions-001",
        "sessions-002",
    ]
    assert ssmx("ls", "endpoints", "payments", "-o", "name").out.split() == ["payments-prod", "payments-proxy"]


def test_one_service_that_may_not_be_listed_does_not_hide_the_others(ssmx, levers):
    levers.fault("DescribeReplicationGroups", "AccessDenied", "no", status=403, times=9)
    result = ssmx("ls", "endpoints", "-o", "name")
    assert "payments-prod" in result.out.split()
    assert "cannot list all of elasticache" in result.err
    assert ssmx("db", "payments-prod", "--dry-run").err == ""
    levers("POST", "reset")


def test_a_name_that_may_be_where_nobody_may_look_is_not_said_to_be_nowhere(ssmx, levers):
    levers.fault("DescribeReplicationGroups", "AccessDenied", "no", status=403, times=9)
    result = ssmx("db", "sessions")
    assert result.status == 77
    assert "'sessions' is not among what may be listed" in result.err
    levers("POST", "reset")
    levers.fault("ListBrokers", "InternalServerErrorException", "no", status=500, times=20)
    assert ssmx("why", "payments-api", "jobs", AWS_MAX_ATTEMPTS="1").status == 75
    levers("POST", "reset")


def test_one_refusal_for_several_services_is_told_once(ssmx, levers):
    levers.fault("DescribeDBInstances", "AccessDenied", "no", status=403, times=20)
    told = [
        line for line in ssmx("ls", "endpoints", "-o", "name").err.splitlines() if "DescribeDBInstances" in line
    ]
    assert len(told) == 1
    assert "cannot list all of rds, docdb, neptune" in told[0]
    levers("POST", "reset")


def test_a_cluster_is_found_by_whoever_may_not_list_clusters(ssmx, levers):
    levers.fault("ListClusters", "AccessDeniedException", "no", status=403, times=9)
    assert ssmx("tunnel", "eks", "platform", "--dry-run").status == 0
    levers("POST", "reset")


def test_a_node_of_a_cluster_in_shards_is_one_of_a_cluster(ssmx, own):
    result = ssmx("db", "elasticache/feeds-0001-001", "--", "-h", "x", "-c", "ping", **own("redis-cli"))
    assert result.status == 2
    assert "would wait for ever" in result.err
    assert ssmx("db", "elasticache/feeds", "--dry-run", "--", "set", "key", "-c", **own("redis-cli")).status == 0


def test_a_redis_cli_without_tls_is_not_taken_for_one_with(ssmx, tmp_path):
    (tmp_path / "redis-cli").write_text("#!/bin/sh\necho usage\n")
    (tmp_path / "redis-cli").chmod(0o755)
    result = ssmx("db", "elasticache/sessions", PATH=f"{tmp_path}:/usr/bin:/bin")
    assert result.status == 127
    assert "was built without TLS" in result.err
