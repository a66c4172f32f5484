"""ssmx tunnel and ssmx ls rds: which endpoint, through which node, and what is wrong."""

import sys

import pytest

from tests.transport.node import certificate

PYTHON = sys.executable
NAMES = "PG", "SSMX_", "DATABASE"
PRINT = f"import json, os; print(json.dumps({{n: v for n, v in os.environ.items() if n.startswith({NAMES})}}))"


def test_endpoints_are_listed_with_what_reaches_them(ssmx):
    rows = ssmx("ls", "rds", "-o", "json").json
    [payments] = [each for each in rows if each["name"] == "payments-prod"]
    assert payments["role"] == "instance"
    assert payments["port"] == 5432
    assert payments["engine"] == "postgres"
    assert payments["account"] == "123456789012"
    assert len(payments["jumps"]) == 5
    assert payments["jump_count"] > 50
    nodes = {each["id"]: each for each in ssmx("ls", "-o", "json").json}
    assert {nodes[each["id"]]["vpc"] for each in payments["jumps"]} == {payments["vpc"]}
    assert all(nodes[each["id"]]["online"] for each in payments["jumps"])


def test_a_listing_is_narrowed_by_parts_of_names(ssmx):
    assert ssmx("ls", "rds", "ments-pr", "-o", "name").out == "payments-prod\n"
    nothing = ssmx("ls", "rds", "nothing-like-it")
    assert nothing.out == ""
    assert "no rds endpoints fit" in nothing.err


def test_nodes_with_the_services_name_in_theirs_are_asked_for_by_a_pattern(ssmx):
    assert ssmx("ls", "*rds*").status == 0
    assert "endpoints" not in ssmx("ls", "*rds*").err


@pytest.mark.parametrize("words", [["rds", "payments-prod"], ["rds/payments-prod"], ["rds", "PAYMENTS-prod"]])
def test_a_client_is_told_how_to_reach_the_database(ssmx, words):
    env = ssmx("tunnel", *words, "--", PYTHON, "-c", PRINT).json
    host = env["PGHOST"]
    assert host.startswith("payments-prod.")
    assert (env["PGHOSTADDR"], env["PGUSER"], env["PGDATABASE"]) == ("127.0.0.1", "postgres", "payments")
    assert env["PGSSLMODE"] == "verify-full"
    assert env["SSMX_ENDPOINT"] == f"{host}:5432"
    assert env["SSMX_PORT"] == env["PGPORT"]


def test_the_host_name_of_an_endpoint_is_a_name_of_it(ssmx):
    [host] = {each["host"] for each in ssmx("ls", "rds", "payments-prod", "-o", "json").json}
    assert ssmx("tunnel", "rds", host, "--dry-run", "-o", "json").json["parameters"]["host"] == [host]


def test_a_node_that_is_named_is_taken_though_another_ranks_before_it(ssmx):
    plan = ssmx("tunnel", "rds", "payments-prod", "--via", "payments-api", "--dry-run", "-o", "json").json
    assert plan["name"] == "payments-api"
    assert plan["document"] == "AWS-StartPortForwardingSessionToRemoteHost"
    away = ssmx("tunnel", "rds", "payments-prod", "--via", "bastion-dev", "--dry-run")
    assert away.status == 0
    assert "it needs a route there" in away.err


@pytest.mark.parametrize(
    ("words", "host"),
    [
        (["orders"], "orders.cluster-"),
        (["orders", "--reader"], "orders.cluster-ro-"),
        (["orders", "--endpoint", "analytics"], "analytics.cluster-custom-"),
        (["orders-2"], "orders-2."),
        (["orders?1"], "orders-1."),
    ],
    ids=" ".join,
)
def test_a_cluster_has_a_writer_a_reader_and_custom_endpoints(ssmx, words, host):
    plan = ssmx("tunnel", "rds", *words, "--dry-run", "-o", "json").json
    assert plan["parameters"]["host"][0].startswith(host)
    assert plan["parameters"]["portNumber"] == ["5432"]


def test_a_pattern_that_means_several_is_not_guessed(ssmx):
    result = ssmx("tunnel", "rds", "ord*")
    assert result.status == 68
    assert "3 rds endpoints are called 'ord*'" in result.err
    assert [line.split()[0] for line in result.err.splitlines()[1:-1]] == ["orders", "orders-1", "orders-2"]


QUERY = """
import glob, os, psycopg, sys
connection = psycopg.connect(connect_timeout=20)
print(*connection.execute("select current_user, count(*) from payments").fetchone())
print(connection.info.hostaddr, connection.pgconn.ssl_in_use, os.environ["PGSSLMODE"])
token = os.environ["PGPASSWORD"].encode()
print(any(token in open(each, "rb").read() for each in glob.glob("/proc/[0-9]*/cmdline") if os.path.exists(each)))
sys.exit(3)
"""


def test_a_token_of_iam_signs_in_and_tls_verifies_the_real_name(ssmx, levers):
    result = ssmx("tunnel", "rds", "payments-prod", "--iam-user", "ravi", "--", PYTHON, "-c", QUERY)
    assert result.out.splitlines() == ["ravi 200", "127.0.0.1 True verify-full", "False"]
    assert result.status == 3
    assert "token" not in result.err.lower()
    assert levers.open_sessions() == []


def test_a_database_that_another_authority_vouches_for_is_not_believed(ssmx, tmp_path):
    _, other = certificate(tmp_path, "payments-prod")
    words = ("tunnel", "rds", "payments-prod", "--iam-user", "ravi", "--", PYTHON, "-c", QUERY)
    result = ssmx(*words, SSMX_CA_BUNDLE=str(other))
    assert result.status == 1
    assert "certificate verify failed" in result.err


def test_any_host_is_reached_through_a_node(ssmx):
    words = ("tunnel", "host", "10.0.0.9:81", "--via", "payments-api", "--", PYTHON, "-c", PRINT)
    assert ssmx(*words).json["SSMX_ENDPOINT"] == "10.0.0.9:81"


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["rdss", "x"], 2, "no service 'rdss'; did you mean 'rds'?"),
        (["rds"], 2, "no NAME, and nobody to ask"),
        (["rds/a", "b"], 2, "at once"),
        (["rds", "paymnts"], 68, "did you mean payments-prod?"),
        (["rds", "payments-prod", "--reader"], 68, "has no reader endpoint"),
        (["rds", "payments-prod", "--endpoint", "x"], 68, "has no endpoint 'x'"),
        (["rds", "payments-prod", "--reader", "--endpoint", "x"], 2, "at once"),
        (["rds", "payments-prod", "--iam-user", "ravi"], 2, "--iam-user is for a client"),
        (["rds", "payments-prod", "--iam-user", "", "--", "true"], 2, "--iam-user names nobody"),
        (["rds", "payments-prod", "--user", " ", "--", "true"], 2, "--user names nobody"),
        (["rds", "payments-prod", "--wait", "--", "true"], 2, "are for the node of --via"),
        (["rds", "catalog-prod", "--iam-user", "ravi", "--", "true"], 2, "IAM authentication is off"),
        (
            ["rds", "orders", "--endpoint", "analytics", "--iam-user", "r", "--", "true"],
            2,
            "custom endpoints take no",
        ),
        (["rds", "payments-prod", "--user", "a", "--iam-user", "b", "--", "true"], 2, "at once"),
        (["host", "10.0.0.9:81"], 2, "a host needs a node"),
        (["host", "10.0.0.9", "--via", "payments-api"], 2, "is not HOST:PORT"),
        (["host", "localhost:81", "--via", "payments-api"], 2, "is the node itself"),
        (["host", "10.0.0.9:81", "--via", "payments-api", "--reader"], 2, "no reader"),
        (["host", "10.0.0.9:81", "--via", "nobody"], 68, "no node is named 'nobody'"),
        (["rds", "payments-prod", "--", "no-such-program"], 127, "no program"),
    ],
    ids=lambda each: " ".join(each)[:40] if isinstance(each, list) else None,
)
def test_what_is_wrong_is_said_before_a_session(ssmx, levers, words, status, said):
    levers("POST", "reset")
    result = ssmx("tunnel", *words)
    assert result.status == status, result.err
    assert said in result.err
    assert result.out == ""
    assert levers.asked("StartSession") == []


def test_whoever_may_not_list_hears_which_permission_is_missing(ssmx, levers):
    refusal = "User: arn:aws:iam::123456789012:user/ravi is not authorized to perform: rds:DescribeDBInstances"
    levers.fault("DescribeDBInstances", "AccessDenied", refusal, status=403)
    levers.fault("DescribeDBClusters", "AccessDenied", refusal.replace("Instances", "Clusters"), status=403)
    result = ssmx("tunnel", "rds", "payments-prod", "--", "true")
    assert result.status == 77
    assert "ask for rds:DescribeDB" in result.err


def test_instances_are_found_by_those_who_may_not_list_clusters(ssmx, levers):
    levers.fault("DescribeDBClusters", "AccessDenied", "no", status=403)
    assert ssmx("tunnel", "rds", "payments-prod", "--dry-run").status == 0
