"""What GUI clients, libpq and shells are given of a connection through a tunnel."""

import json
import os
import re
import shlex
import subprocess
from dataclasses import replace
from urllib.parse import unquote
from xml.etree import ElementTree

import psycopg
import pytest

from ssmx.errors import UsageError
from ssmx.model.dialect import Access
from ssmx.model.drivers import store_recipe
from ssmx.model.endpoint import Endpoint
from ssmx.model.export import FORMS, export, left_out, notes, wants_authority

CA = "/c/rds-aws-bundle.pem"


def to(engine, *, service="rds", port=5432, database="payments", user="ravi", ca=CA, host="127.0.0.1", **more):
    endpoint = Endpoint(service, "x", f"{engine}.rds.aws", port, engine=engine, database=database, **more)
    return Access(endpoint, host, 15432, user=user, password="hush", ca_bundle=ca)


ALL = [
    ("payments", to("aurora-postgresql")),
    ("warehouse", to("redshift", service="redshift")),
    ("crm", to("mysql")),
    ("shop", to("mariadb")),
    ("books", to("sqlserver-ex", database="")),
    ("ledger", to("oracle-ee", database="ORCL")),
    ("events", to("docdb")),
    ("cache", to("redis", user="")),
    ("logs", to("opensearch", port=443)),
    ("bus", to("kafka")),
    ("ldap", to("")),
]


@pytest.mark.parametrize(
    ("access", "url"),
    [
        (
            to("postgres"),
            f"jdbc:postgresql://127.0.0.1:15432/payments?user=ravi&sslmode=verify-ca&sslrootcert={CA}",
        ),
        (
            to("postgres", database="", user="", ca="", host="::1"),
            (
                "jdbc:postgresql://[::1]:15432/postgres?sslmode=verify-ca"
                "&sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory"
            ),
        ),
        (
            to("postgres", user="a&b c", ca="/my keys/ca.pem"),
            (
                "jdbc:postgresql://127.0.0.1:15432/payments?user=a%26b%20c"
                "&sslmode=verify-ca&sslrootcert=/my%20keys/ca.pem"
            ),
        ),
        (to("postgres", tls=False), "jdbc:postgresql://127.0.0.1:15432/payments?user=ravi"),
        (
            to("aurora-mysql"),
            (
                "jdbc:mysql://127.0.0.1:15432/payments?user=ravi&sslMode=VERIFY_CA"
                "&trustCertificateKeyStoreUrl=file:/c/rds-aws-bundle.jks"
            ),
        ),
        (
            to("mariadb", database=""),
            f"jdbc:mariadb://127.0.0.1:15432/?user=ravi&sslMode=verify-ca&serverSslCert={CA}",
        ),
        (
            to("custom-sqlserver-ee", user="a;b}"),
            (
                "jdbc:sqlserver://127.0.0.1:15432;databaseName=payments;user={a;b}}};encrypt=true"
                ";trustServerCertificate=false;hostNameInCertificate=custom-sqlserver-ee.rds.aws"
                ";trustStore=/c/rds-aws-bundle.jks"
            ),
        ),
        (to("oracle-se2", database=""), "jdbc:oracle:thin:@//127.0.0.1:15432/ORCL"),
        (
            to("redshift", database="", user="admin"),
            "jdbc:redshift://127.0.0.1:15432/dev?user=admin&ssl=true&sslmode=verify-ca",
        ),
    ],
)
def test_a_jdbc_url_leads_to_the_tunnel_and_verifies(access, url):
    assert export("jdbc", [("it", access)]) == f"it\t{url}\n"


@pytest.mark.parametrize(
    ("form", "names"),
    [
        ("jdbc", ["events", "cache", "logs", "bus", "ldap"]),
        ("pgpass", ["crm", "shop", "books", "ledger", "events", "cache", "logs", "bus", "ldap"]),
        ("datagrip", ["logs", "bus", "ldap"]),
        ("dbeaver", ["events", "cache", "logs", "bus", "ldap"]),
        ("env", []),
    ],
)
def test_what_a_form_cannot_have_is_named_with_the_reason(form, names):
    told = left_out(form, ALL)
    assert [line.partition(": ")[0] for line in told] == names
    assert all(line.partition(": ")[2] for line in told)
    text = export(form, ALL)
    assert all(re.search(rf"\b{name}\b", text) is None for name in names)


@pytest.mark.parametrize("form", FORMS)
def test_no_form_has_a_password(form):
    assert "hush" not in export(form, ALL) + "".join(notes(form, ALL))


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_made_of_nothing_nor_of_a_unix_socket(form):
    socket = replace(to("postgres"), host="/run/x.sock", port=0)
    assert export(form, []) == export(form, [("it", socket)]) == ""
    assert "unix socket" in left_out(form, [("it", socket)])[0]
    assert notes(form, [("it", socket)]) == []


def test_an_unknown_form_is_refused():
    for each in (export, left_out, notes):
        with pytest.raises(UsageError, match="tableplus"):
            each("tableplus", [])


# pgpass


def libpq_finds(text, folder, **words):
    """The password libpq takes from a file of this text; it has it before it connects."""
    file = folder / "pgpass"
    file.write_text(text.replace("PASSWORD", "s3cret"))
    file.chmod(0o600)
    told = psycopg.conninfo.make_conninfo(passfile=str(file), port=15432, dbname="any", **words)
    return psycopg.pq.PGconn.connect_start(told.encode()).password.decode()


@pytest.mark.parametrize("user", ["ravi", "a:b\\c", ""])
def test_libpq_finds_the_password_by_the_endpoint_and_by_the_tunnel(tmp_path, user):
    access = to("postgres", user=user)
    text = export("pgpass", [("pay\nments", access)])
    assert len(text.splitlines()) == 3
    user = user or "whoever"
    name = access.endpoint.host
    assert libpq_finds(text, tmp_path, host=name, hostaddr="127.0.0.1", user=user) == "s3cret"
    assert libpq_finds(text, tmp_path, host="127.0.0.1", user=user) == "s3cret"
    assert libpq_finds(text, tmp_path, host="elsewhere", hostaddr="127.0.0.1", user=user) == ""


def test_libpq_finds_the_password_for_a_tunnel_on_ipv6(tmp_path):
    text = export("pgpass", [("it", to("postgres", host="::1"))])
    assert libpq_finds(text, tmp_path, host="::1", user="ravi") == "s3cret"


# DataGrip


def data_sources(text):
    assert text.startswith("#DataSourceSettings#\n#LocalDataSource: ")
    return [ElementTree.fromstring(each) for each in re.findall(r"^#BEGIN#\n(.*)\n#END#$", text, re.MULTILINE)]


def test_datagrip_is_given_a_data_source_each():
    sources = {each.get("name"): each for each in data_sources(export("datagrip", ALL))}
    assert {name: each.findtext("driver-ref") for name, each in sources.items()} == {
        "payments": "postgresql",
        "warehouse": "redshift",
        "crm": "mysql.8",
        "shop": "mariadb",
        "books": "sqlserver.ms",
        "ledger": "oracle",
        "events": "mongo",
        "cache": "redis",
    }
    assert sources["payments"].findtext("user-name") == "ravi"
    assert sources["cache"].find("user-name") is None
    assert "user=" not in sources["payments"].findtext("jdbc-url")
    assert f"sslrootcert={CA}" in sources["payments"].findtext("jdbc-url")
    assert sources["events"].findtext("jdbc-url") == (
        "mongodb://127.0.0.1:15432/?directConnection=true&retryWrites=false&tls=true&tlsAllowInvalidHostnames=true"
    )
    for name, each in sources.items():
        given = each.findtext("ssl-config/ca-cert"), each.findtext("ssl-config/mode")
        assert given == ((CA, "VERIFY_CA") if name in ("crm", "events") else (None, None))


def test_datagrips_data_source_is_the_same_one_each_time():
    first, again, other = (
        data_sources(export("datagrip", [(name, to("postgres"))]))[0].get("uuid") for name in ("a", "a", "b")
    )
    assert first == again != other


def test_no_name_leads_out_of_datagrips_text():
    hostile = '<x a="b">&\n#END#'
    [source] = data_sources(export("datagrip", [(hostile, to("postgres"))]))
    assert source.get("name") == '<x a="b">&\\n#END#'


# DBeaver


def test_dbeaver_is_given_a_connection_each():
    told = json.loads(export("dbeaver", ALL))["connections"].values()
    found = {each["name"]: each for each in told}
    assert {name: (each["provider"], each["driver"]) for name, each in found.items()} == {
        "payments": ("postgresql", "postgres-jdbc"),
        "warehouse": ("postgresql", "postgres-redshift-jdbc"),
        "crm": ("mysql", "mysql8"),
        "shop": ("mysql", "mariaDB"),
        "books": ("sqlserver", "microsoft"),
        "ledger": ("oracle", "oracle_thin"),
    }
    assert found["payments"]["configuration"] == {
        "host": "127.0.0.1",
        "port": "15432",
        "database": "payments",
        "url": "jdbc:postgresql://127.0.0.1:15432/payments",
        "configurationType": "MANUAL",
        "type": "dev",
        "auth-model": "native",
        "user": "ravi",
        "properties": {"sslmode": "verify-ca", "sslrootcert": CA},
    }
    crm = found["crm"]["configuration"]
    assert crm["properties"] == {"sslMode": "VERIFY_CA"}
    assert crm["handlers"]["mysql_ssl"]["enabled"] is True
    assert crm["handlers"]["mysql_ssl"]["properties"]["ssl.ca.cert"] == CA
    assert found["books"]["configuration"]["properties"]["hostNameInCertificate"] == "sqlserver-ex.rds.aws"
    assert found["ledger"]["configuration"]["provider-properties"] == {"@dbeaver-sid-service@": "SERVICE"}
    assert not any(each["save-password"] for each in told)


# A shell


def evaluated(text, home):
    """The variables that a shell has after it evaluated the text."""
    script = 'eval "$(cat)" && exec env -0'
    done = subprocess.run(
        ["sh", "-c", script], input=text, env={"HOME": home}, capture_output=True, text=True, check=True
    )
    return dict(each.split("=", 1) for each in done.stdout.split("\0") if each)


def test_a_shell_evaluates_the_variables(tmp_path):
    hostile = "$(touch owned); 'o`id`\\"
    told = [("payments-api", to("postgres", user=hostile, ca="/my keys/ca.pem")), ("2nd", to("redis", user=""))]
    env = evaluated(export("env", told), str(tmp_path))
    ours = {name: value for name, value in env.items() if name.startswith("PAYMENTS_API_")}
    url = ours.pop("PAYMENTS_API_URL")
    assert ours.pop("PAYMENTS_API_DATABASE_URL") == url
    assert unquote(url) == (
        f"postgresql://{hostile}@127.0.0.1:15432/payments?sslmode=verify-ca&sslrootcert=/my keys/ca.pem"
    )
    assert ours == {
        "PAYMENTS_API_HOST": "127.0.0.1",
        "PAYMENTS_API_PORT": "15432",
        "PAYMENTS_API_ENDPOINT": "postgres.rds.aws:5432",
        "PAYMENTS_API_USER": hostile,
        "PAYMENTS_API_DATABASE": "payments",
        "PAYMENTS_API_CA": "/my keys/ca.pem",
    }
    assert env["_2ND_URL"] == "rediss://127.0.0.1:15432"


@pytest.mark.parametrize(
    ("access", "variable", "value"),
    [
        (to("aurora-mysql"), "T_URL", f"mysql://ravi@127.0.0.1:15432/payments?ssl-mode=VERIFY_CA&ssl-ca={CA}"),
        (to("rabbitmq"), "T_URL", "amqps://ravi@127.0.0.1:15432/"),
        (to("opensearch", port=443), "T_URL", "https://opensearch.rds.aws/"),
        (to("opensearch", port=443), "T_CONNECT_TO", "opensearch.rds.aws:443:127.0.0.1:15432"),
        (replace(to("kubernetes"), kubeconfig="/k/config"), "T_KUBECONFIG", "/k/config"),
    ],
)
def test_a_shell_is_told_what_the_dialect_tells(access, variable, value):
    assert f"export {variable}={shlex.quote(value)}\n" in export("env", [("t", access)])


def test_two_tunnels_do_not_share_a_variable():
    told = [("a.b", to("postgres")), ("a-b", to("mysql")), ("a", to("postgres")), ("a-database", to("redis"))]
    assert left_out("env", told) == [
        "a-b: its variables would be those of a.b",
        "a-database: its variables would be those of a",
    ]
    assert export("env", told).count("AURORA") == 0
    assert export("env", told).count("export A_B_HOST=") == 1


@pytest.mark.parametrize("name", ["--", "", "ü", "日本"])
def test_any_name_makes_a_variable(name):
    assert re.match(r"export [A-Z_][A-Z0-9_]*=", export("env", [(name, to("postgres"))]))


# What is left to the user


def test_a_driver_that_reads_no_pem_has_the_recipe_of_a_trust_store():
    drivers = "com.mysql.cj.jdbc.Driver and com.microsoft.sqlserver.jdbc.SQLServerDriver"
    assert f"for {drivers} make a trust store of Java: {store_recipe(CA)}" in notes("jdbc", ALL * 2)
    assert not any("mysql" in each for each in notes("dbeaver", ALL))  # DBeaver makes that itself
    assert any("SQLServerDriver make" in each for each in notes("dbeaver", ALL))
    assert any("Oracle" in each for each in notes("jdbc", ALL))
    assert notes("env", ALL) == []


@pytest.mark.parametrize(
    ("form", "engine", "wanted"),
    [
        ("jdbc", "postgres", True),
        ("jdbc", "sqlserver-ex", True),
        ("jdbc", "redshift", False),
        ("jdbc", "kafka", False),
        ("datagrip", "docdb", True),
        ("env", "sqlserver-ex", False),
        ("env", "docdb", True),
        ("pgpass", "postgres", False),
    ],
)
def test_which_forms_are_to_be_given_the_authority(form, engine, wanted):
    assert wants_authority(form, to(engine).endpoint) is wanted
    assert wants_authority(form, to(engine, tls=False).endpoint) is False


def test_the_recipe_makes_a_trust_store_of_every_certificate(tmp_path):
    """Of the real keytool, on a bundle of two."""
    if not any(os.access(f"{each}/keytool", os.X_OK) for each in os.environ["PATH"].split(":")):
        pytest.skip("no keytool")
    bundle = tmp_path / "my bundle.pem"
    with bundle.open("w") as file:
        for each in ("one", "two"):
            made = [
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-keyout",
                os.devnull,
                "-subj",
                f"/CN={each}",
            ]
            file.write(subprocess.run(made, capture_output=True, text=True, check=True).stdout)
    subprocess.run(["sh", "-c", store_recipe(str(bundle))], capture_output=True, check=True)
    listing = ["keytool", "-list", "-storepass", "changeit", "-keystore", str(tmp_path / "my bundle.jks")]
    done = subprocess.run(listing, capture_output=True, text=True, check=True)
    assert done.stdout.count("trustedCertEntry") == 2
