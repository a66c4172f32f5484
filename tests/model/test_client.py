"""What a program that runs through a tunnel is told."""

import shlex
from dataclasses import replace

import pytest

from ssmx.errors import UsageError
from ssmx.model.client import arguments, environment, recipe, token_refused, user_of, with_token
from ssmx.model.dialect import PLAIN, Access, dialect
from ssmx.model.endpoint import Endpoint, Role

HOST = "payments-prod.c0ffee.eu-west-1.rds.amazonaws.com"
POSTGRES = Endpoint(
    "rds", "payments-prod", HOST, 5432, engine="postgres", user="root", database="payments", iam=True
)
MYSQL = Endpoint("rds", "crm", "crm.internal", 3306, engine="mariadb", user="admin", iam=True)
OTHER = Endpoint("host", "ldap", "ldap.internal", 636)


def test_libpq_connects_here_and_verifies_the_real_name():
    access = Access(POSTGRES, "127.0.0.1", 15432, user="ravi", password="secret", ca_bundle="/ca.pem")
    env = environment(access, {"HOME": "/h", "PGSERVICE": "elsewhere", "PGSSLMODE": "disable", "PGHOST": "old"})
    assert env == {
        "HOME": "/h",
        "PGHOST": HOST,
        "PGHOSTADDR": "127.0.0.1",
        "PGPORT": "15432",
        "PGUSER": "ravi",
        "PGPASSWORD": "secret",
        "PGDATABASE": "payments",
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": "/ca.pem",
        "DATABASE_URL": "postgresql://ravi@127.0.0.1:15432/payments?sslmode=verify-ca&sslrootcert=/ca.pem",
        "SSMX_HOST": "127.0.0.1",
        "SSMX_PORT": "15432",
        "SSMX_ENDPOINT": f"{HOST}:5432",
    }


def test_no_password_is_in_a_url_and_none_is_made_up():
    env = environment(Access(POSTGRES, "::1", 1, user="a b/c", password="secret", ca_bundle="/c a"), {})
    assert env["DATABASE_URL"] == "postgresql://a%20b%2Fc@[::1]:1/payments?sslmode=verify-ca&sslrootcert=/c%20a"
    assert "PGPASSWORD" not in environment(Access(POSTGRES, "127.0.0.1", 1), {})
    assert environment(Access(POSTGRES, "127.0.0.1", 1), {"PGPASSWORD": "mine"})["PGPASSWORD"] == "mine"
    assert "secret" not in repr(Access(POSTGRES, "127.0.0.1", 1, password="secret"))


def test_the_environments_database_goes_before_the_endpoints():
    assert environment(Access(POSTGRES, "127.0.0.1", 1), {"PGDATABASE": "other"})["PGDATABASE"] == "other"
    bare = Endpoint("rds", "bare", "bare.internal", 5432, engine="aurora-postgresql")
    assert environment(Access(bare, "127.0.0.1", 1), {})["PGDATABASE"] == "postgres"


def test_mysql_is_told_an_address_because_a_name_is_its_socket():
    env = environment(Access(MYSQL, "127.0.0.1", 13306, user="admin", password="t", ca_bundle="/ca"), {})
    assert (env["MYSQL_HOST"], env["MYSQL_TCP_PORT"], env["MYSQL_USER"]) == ("127.0.0.1", "13306", "admin")
    assert env["MYSQL_PWD"] == "t"
    assert env["DATABASE_URL"] == "mysql://admin@127.0.0.1:13306/?ssl-mode=VERIFY_CA&ssl-ca=/ca"
    assert "LIBMYSQL_ENABLE_CLEARTEXT_PLUGIN" not in env


def test_a_token_goes_in_clear_to_a_verified_server_alone():
    access = Access(MYSQL, "127.0.0.1", 13306, user="u", password="t", ca_bundle="/ca")
    words, env = with_token(["/usr/bin/mysql", "-e", "select 1"], {}, access)
    assert words == ["/usr/bin/mysql", "-e", "select 1", "--ssl-mode=VERIFY_CA", "--ssl-ca=/ca"]
    assert env == {"LIBMYSQL_ENABLE_CLEARTEXT_PLUGIN": "Y"}
    own = ["mysql", "--ssl-mode=VERIFY_IDENTITY"]
    assert with_token(own, {}, access)[0] == own
    assert with_token(["python3", "app.py"], {}, access) == (["python3", "app.py"], {})
    with pytest.raises(UsageError, match="--ssl-mode=PREFERRED"):
        with_token(["mysql", "--ssl-mode=PREFERRED"], {}, access)
    postgres = Access(POSTGRES, "127.0.0.1", 1, password="t")
    assert with_token(["mysql"], {}, postgres) == (["mysql"], {})


def test_any_other_endpoint_has_only_our_own_variables():
    env = environment(Access(OTHER, "127.0.0.1", 1636), {"A": "b"})
    assert env == {"A": "b", "SSMX_HOST": "127.0.0.1", "SSMX_PORT": "1636", "SSMX_ENDPOINT": "ldap.internal:636"}
    assert recipe(Access(OTHER, "127.0.0.1", 1636)) == []


@pytest.mark.parametrize(
    ("endpoint", "environ", "asked", "user"),
    [
        (POSTGRES, {"PGUSER": "env"}, "asked", "asked"),
        (POSTGRES, {"PGUSER": "env"}, "", "env"),
        (POSTGRES, {"MYSQL_USER": "env"}, "", "root"),
        (MYSQL, {"MYSQL_USER": "env"}, "", "env"),
        (OTHER, {"PGUSER": "env"}, "", ""),
    ],
)
def test_who_signs_in(endpoint, environ, asked, user):
    assert user_of(endpoint, environ, asked=asked) == user


def test_words_of_the_client_are_replaced_and_other_braces_are_not():
    words = ["mysql", "-h{host}", "-P", "{port}", "{user}", "{}", "awk {print $1}"]
    assert arguments(words, Access(MYSQL, "127.0.0.1", 5)) == [
        *("mysql", "-h127.0.0.1", "-P", "5", "{user}", "{}", "awk {print $1}")
    ]


def test_the_recipe_verifies_the_certificate():
    line = recipe(Access(POSTGRES, "127.0.0.1", 15432, user="ravi", ca_bundle="/c.pem"))[0]
    assert line == (
        f"psql 'host={HOST} hostaddr=127.0.0.1 port=15432 user=ravi dbname=payments sslmode=verify-full"
        " sslrootcert=/c.pem'"
    )
    line = recipe(Access(MYSQL, "127.0.0.1", 13306, user="admin", ca_bundle="/c.pem"))[0]
    assert line == "mysql --ssl-mode=VERIFY_CA --ssl-ca=/c.pem -h 127.0.0.1 -P 13306 -u admin -p"


def test_a_path_with_spaces_is_quoted_for_libpq_and_for_the_shell():
    line = recipe(Access(POSTGRES, "127.0.0.1", 1, user="o'brien", ca_bundle="/my keys/c.pem"))[0]
    [_, words] = shlex.split(line)
    assert words.endswith("dbname=payments sslmode=verify-full sslrootcert='/my keys/c.pem'")
    assert "user='o\\'brien'" in words


def test_where_no_token_signs_in_is_said():
    assert token_refused(POSTGRES) == ""
    assert "off" in token_refused(Endpoint("rds", "x", "x", 5432, engine="postgres"))
    assert "custom" in token_refused(Endpoint("rds", "x", "x", 5432, Role.CUSTOM, engine="postgres", iam=True))
    assert "does not take" in token_refused(Endpoint("rds", "x", "x", 1433, engine="sqlserver-ex", iam=True))


@pytest.mark.parametrize(
    ("engine", "program"),
    [
        ("postgres", "psql"),
        ("aurora-postgresql", "psql"),
        ("POSTGRESQL", "psql"),
        ("aurora-mysql", "mysql"),
        ("oracle-se2-cdb", "sqlplus"),
        ("sqlserver-web", "sqlcmd"),
        ("custom-oracle-ee", "sqlplus"),
        ("custom-sqlserver-dev", "sqlcmd"),
        ("docdb", "mongosh"),
        ("valkey", "valkey-cli"),
        ("HTTPS", "curl"),
    ],
)
def test_an_engine_speaks_a_dialect_however_aws_spells_it(engine, program):
    assert dialect(Endpoint("rds", "x", "x", 1, engine=engine)).programs[0] == program


def test_what_nobody_knows_is_plain():
    for engine in ("", "db2-se", "TCP", "nothing"):
        assert dialect(Endpoint("nlb", "x", "x", 1, engine=engine)) is PLAIN


def test_mariadbs_client_sends_no_token_and_is_given_none():
    access = Access(MYSQL, "127.0.0.1", 13306, user="ravi", password="t", ca_bundle="/ca")
    with pytest.raises(UsageError, match="MariaDB's here"):
        with_token(["mysql"], {}, access, is_mariadb=True)


def test_memcached_over_tls_is_not_talked_to_in_clear():
    pages = Endpoint("elasticache", "pages", "pages.internal", 11211, engine="memcached", tls=True)
    [line] = recipe(Access(pages, "127.0.0.1", 15000))
    assert line.startswith("openssl s_client -connect 127.0.0.1:15000 -servername pages.internal")
    plain = replace(pages, tls=False)
    assert recipe(Access(plain, "127.0.0.1", 15000)) == ["nc 127.0.0.1 15000"]
