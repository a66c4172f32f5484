"""Who is let into the PostgreSQL behind RDS: TLS, tokens and passwords."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest

from ssmx.sandbox.control import Running
from ssmx.sandbox.servers.authority import Authority

from .conftest import Client, Connect, client_of, endpoint

PASSWORD = "correct horse battery staple"


def refusal(connect: Connect, **changed: Any) -> str:
    with pytest.raises(psycopg.OperationalError) as refused:
        connect(**changed)
    return str(refused.value)


# who it is


def test_the_certificate_is_that_of_the_real_host_name(connect: Connect) -> None:
    with connect() as connection:
        assert connection.execute("SELECT current_user, current_database()").fetchone() == ("ravi", "payments")


def test_another_name_is_not_in_the_certificate(connect: Connect, host: str) -> None:
    assert "does not match host name" in refusal(connect, host="localhost", leads=host)


def test_a_client_with_other_authorities_does_not_trust_it(connect: Connect, tmp_path: Path) -> None:
    (tmp_path / "other.pem").write_text(Authority().pem, "ascii")
    assert "certificate verify failed" in refusal(connect, sslrootcert=str(tmp_path / "other.pem"))


def test_who_does_not_encrypt_is_refused_as_with_force_ssl(connect: Connect, ec2: Client, node: str) -> None:
    found = ec2.describe_instances(InstanceIds=[node])["Reservations"][0]["Instances"][0]
    said = refusal(connect, sslmode="disable")
    assert (
        f'FATAL:  no pg_hba.conf entry for host "{found["PrivateIpAddress"]}", user "ravi", '
        'database "payments", no encryption'
    ) in said


# tokens

PAM = 'FATAL:  PAM authentication failed for user "ravi"'


@pytest.mark.parametrize(
    "token",
    ["", "a password", "{host}:5432/", "{host}:5432/?", "{host}:5432/?Action=connect&DBUser=ravi", "\xff\ufffd"],
)
def test_what_is_no_token_is_refused(connect: Connect, host: str, token: str) -> None:
    assert PAM in refusal(connect, password=token.replace("{host}", host) or " ")


def test_a_token_is_for_one_endpoint_one_port_and_one_user(connect: Connect, rds: Client, host: str) -> None:
    other = endpoint(rds, "orders-1")
    for where, port, user in [
        (other, 5432, "ravi"),
        ("localhost", 5432, "ravi"),
        ("127.0.0.1", 5432, "ravi"),
        (host, 15432, "ravi"),
        (host, 5432, "postgres"),
        (host.upper(), 5432, "ravi"),
    ]:
        assert PAM in refusal(connect, password=rds.generate_db_auth_token(where, port, user)), (where, port, user)


def test_a_token_of_another_region_or_key_is_refused(connect: Connect, running: Running, host: str) -> None:
    elsewhere = client_of(running, "rds", region="eu-west-2")
    forged = client_of(running, "rds", secret_key="x" * 40)
    unknown = client_of(running, "rds", access_key="AKIAIOSFODNN7EXAMPLE")
    for client in (elsewhere, forged, unknown):
        assert PAM in refusal(connect, password=client.generate_db_auth_token(host, 5432, "ravi"))


def test_a_token_that_was_changed_is_refused(connect: Connect, rds: Client, host: str) -> None:
    token = rds.generate_db_auth_token(host, 5432, "ravi")
    for changed in (
        token.replace("Action=connect", "Action=Connect"),
        token.replace("X-Amz-Expires=900", "X-Amz-Expires=90000"),
        token.replace("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=date"),
        token + "&DBUser=ravi",
        token[:-1] + ("0" if token[-1] != "0" else "1"),
    ):
        assert changed != token
        assert PAM in refusal(connect, password=changed)


@pytest.mark.parametrize(("age", "taken"), [(-600, True), (850, True), (950, False), (-1000, False)])
def test_a_token_lasts_fifteen_minutes(
    connect: Connect, running: Running, host: str, age: int, *, taken: bool
) -> None:
    token = signed_at(running, host, time.time() - age)
    if taken:
        connect(password=token).close()
    else:
        assert PAM in refusal(connect, password=token)


def signed_at(running: Running, host: str, moment: float) -> str:
    """A token as botocore makes it, at another time."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(moment))
    scope = f"{stamp[:8]}/{running.region}/rds-db/aws4_request"
    query = urlencode(
        {
            "Action": "connect",
            "DBUser": "ravi",
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"{running.access_key}/{scope}",
            "X-Amz-Date": stamp,
            "X-Amz-Expires": "900",
            "X-Amz-SignedHeaders": "host",
        }
    )
    empty = hashlib.sha256(b"").hexdigest()
    canonical = f"GET\n/\n{query}\nhost:{host}:5432\n\nhost\n{empty}"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = b"AWS4" + running.secret_key.encode()
    for part in [*scope.split("/"), text]:
        key = hmac.digest(key, part.encode(), "sha256")
    return f"{host}:5432/?{query}&X-Amz-Signature={key.hex()}"


def test_a_role_gives_its_session_token_with_the_token(connect: Connect, running: Running, host: str) -> None:
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    client_of(running, "iam").create_role(RoleName="reader", AssumeRolePolicyDocument=trust)
    arn = f"arn:aws:iam::{running.account}:role/reader"
    keys = client_of(running, "sts").assume_role(RoleArn=arn, RoleSessionName="x")["Credentials"]
    pair = {"access_key": keys["AccessKeyId"], "secret_key": keys["SecretAccessKey"]}
    token = client_of(running, "rds", **pair, token=keys["SessionToken"]).generate_db_auth_token(host, 5432, "ravi")
    connect(password=token).close()
    without = client_of(running, "rds", **pair).generate_db_auth_token(host, 5432, "ravi")
    assert PAM in refusal(connect, password=without)


def test_tokens_are_refused_where_they_are_off(connect: Connect, rds: Client, host: str) -> None:
    rds.modify_db_instance(DBInstanceIdentifier="payments-prod", EnableIAMDatabaseAuthentication=False)
    try:
        assert PAM in refusal(connect)
    finally:
        rds.modify_db_instance(DBInstanceIdentifier="payments-prod", EnableIAMDatabaseAuthentication=True)
    connect().close()


# passwords


def test_the_master_user_has_the_password_the_instance_has_now(connect: Connect, rds: Client) -> None:
    for password in ("first one", PASSWORD):
        rds.modify_db_instance(DBInstanceIdentifier="payments-prod", MasterUserPassword=password)
        with connect(user="postgres", password=password) as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("postgres",)
    words = 'FATAL:  password authentication failed for user "postgres"'
    assert words in refusal(connect, user="postgres", password="first one")
    assert words in refusal(connect, user="postgres", password=" ")
    assert words in refusal(connect, user="postgres", password=rds.generate_db_auth_token("h", 5432, "postgres"))


def test_a_cluster_has_a_password_of_its_own(connect: Connect, rds: Client) -> None:
    rds.modify_db_cluster(DBClusterIdentifier="orders", MasterUserPassword=PASSWORD + "!", ApplyImmediately=True)
    cluster = rds.describe_db_clusters(DBClusterIdentifier="orders")["DBClusters"][0]
    mine = {"host": cluster["Endpoint"], "dbname": "orders", "user": "postgres"}
    connect(**mine, password=PASSWORD + "!").close()
    assert "password authentication failed" in refusal(connect, **mine, password=PASSWORD)


@pytest.mark.parametrize("user", ["nobody", "rdsadmin", "rds_iam", "Postgres", "ravi "])
def test_nobody_else_is_let_in(connect: Connect, user: str) -> None:
    words = f'FATAL:  password authentication failed for user "{user}"'
    assert words in refusal(connect, user=user, password=PASSWORD)


def test_whom_the_master_user_makes_is_let_in_with_the_password_he_got(connect: Connect, rds: Client) -> None:
    rds.modify_db_instance(DBInstanceIdentifier="payments-prod", MasterUserPassword=PASSWORD)
    with connect(user="postgres", password=PASSWORD, autocommit=True) as master:
        master.execute("CREATE ROLE clerk LOGIN PASSWORD 'ledger'")
        try:
            with connect(user="clerk", password="ledger") as clerk:
                assert clerk.execute("SELECT current_user").fetchone() == ("clerk",)
            assert "authentication failed" in refusal(connect, user="clerk", password="wrong")
        finally:
            master.execute("DROP ROLE clerk")


def test_nobody_becomes_a_superuser(connect: Connect, rds: Client) -> None:
    rds.modify_db_instance(DBInstanceIdentifier="payments-prod", MasterUserPassword=PASSWORD)
    with connect(user="postgres", password=PASSWORD, autocommit=True) as master:
        for statement in (
            "ALTER ROLE postgres SUPERUSER",
            "SET ROLE rdsadmin",
            "COPY (SELECT 1) TO PROGRAM 'id'",
            "GRANT pg_execute_server_program TO postgres",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                master.execute(statement)


# proxies


def test_a_proxy_takes_a_token_for_itself_and_nothing_else(connect: Connect, rds: Client, host: str) -> None:
    ends = rds.describe_db_proxy_endpoints(DBProxyName="payments-proxy")["DBProxyEndpoints"]
    for each in ends:
        with connect(host=each["Endpoint"]) as connection:
            assert connection.execute("SELECT current_user, count(*) FROM payments").fetchone() == ("ravi", 200)
    rds.modify_db_instance(DBInstanceIdentifier="payments-prod", MasterUserPassword=PASSWORD)
    refused = "FATAL:  IAM authentication failed for the role"
    assert refused in refusal(connect, host=ends[0]["Endpoint"], user="postgres", password=PASSWORD)
    for_the_database = rds.generate_db_auth_token(host, 5432, "ravi")
    assert refused in refusal(connect, host=ends[0]["Endpoint"], password=for_the_database)
