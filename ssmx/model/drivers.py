"""The drivers that other clients have for databases: their URLs, and what makes them verify the far end.

A row in CLIENTS for each kind of server. A certificate names the real endpoint, and the client dials this machine:
so drivers verify the authority, and the name where they can be told it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from urllib.parse import quote

from ssmx.light import dataclass
from ssmx.model.dialect import MYSQL, Access, Dialect, dialect
from ssmx.model.dialect.kind import given
from ssmx.model.dialect.sql import ORACLE, POSTGRES, SQLSERVER
from ssmx.model.dialect.stores import MONGO, REDIS


@dataclass(frozen=True, slots=True)
class Style:
    """How properties stand in a URL: what goes before the first, before the others, and how values are written."""

    first: str
    other: str
    written: Callable[[str], str]


def _encoded(value: str) -> str:
    return quote(value, safe="/:")


def _braced(value: str) -> str:
    """A value of SQL Server's URLs, in braces where it has characters of their syntax."""
    return value if re.fullmatch(r"[^;{}\[\]=\s]+", value) else "{" + value.replace("}", "}}") + "}"


QUERY = Style("?", "&", _encoded)
MORE = Style("&", "&", _encoded)  # of a URL that has a query
UNCODED = Style("?", "&", str)  # MariaDB's driver decodes nothing
SEMICOLONS = Style(";", ";", _braced)


@dataclass(frozen=True, slots=True)
class Client:
    """How other clients reach a kind of server.

    `driver` is JDBC's, `url(access, database)` its URL without properties; `verified(access)` are those that make
    it verify TLS, and `store(path)` those that name a Java trust store, where it reads no PEM. `database` is meant
    where the endpoint names none; `user` is the property of who signs in, empty where a URL has none.

    `datagrip` is DataGrip's driver; `dbeaver` DBeaver's provider and driver, None where its free edition has none,
    `auth` and `options` how it signs in and what else it is told. `pem`: both make a trust store of a PEM file
    themselves. `own`: DataGrip has the driver to itself. `authority`: whether it has to be given the endpoint's.
    `warning` is what the user is to know.
    """

    driver: str
    url: Callable[[Access, str], str]
    verified: Callable[[Access], Mapping[str, str]]
    datagrip: str
    dbeaver: tuple[str, str] | None = None
    style: Style = QUERY
    database: str = ""
    user: str = "user"
    store: Callable[[str], Mapping[str, str]] | None = None
    auth: str = "native"
    options: Mapping[str, str] | None = None
    pem: bool = False
    own: bool = False
    authority: bool = True
    warning: str = ""


def _at(scheme: str) -> Callable[[Access, str], str]:
    return lambda access, database: f"{scheme}://{access.place}/{quote(database, safe='')}"


def _at_sqlserver(access: Access, database: str) -> str:
    return f"jdbc:sqlserver://{access.place}" + (f";databaseName={_braced(database)}" if database else "")


def _postgres(access: Access) -> Mapping[str, str]:
    if access.ca_bundle:
        return {"sslmode": "verify-ca", "sslrootcert": access.ca_bundle}
    return {"sslmode": "verify-ca", "sslfactory": "org.postgresql.ssl.DefaultJavaSSLFactory"}


def _sqlserver(access: Access) -> Mapping[str, str]:
    return {"encrypt": "true", "trustServerCertificate": "false", "hostNameInCertificate": access.endpoint.host}


CLIENTS: Mapping[str | Dialect, Client] = {  # an engine goes before its dialect
    POSTGRES: Client(
        "org.postgresql.Driver",
        _at("jdbc:postgresql"),
        _postgres,
        datagrip="postgresql",
        dbeaver=("postgresql", "postgres-jdbc"),
        database="postgres",
    ),
    "redshift": Client(
        "com.amazon.redshift.jdbc42.Driver",
        _at("jdbc:redshift"),
        # No sslrootcert: of a bundle it takes the first certificate alone. Java knows Amazon's authorities.
        lambda access: {"ssl": "true", "sslmode": "verify-ca"},
        datagrip="redshift",
        dbeaver=("postgresql", "postgres-redshift-jdbc"),
        database="dev",
        authority=False,
    ),
    MYSQL: Client(
        "com.mysql.cj.jdbc.Driver",
        _at("jdbc:mysql"),
        lambda access: {"sslMode": "VERIFY_CA"},
        datagrip="mysql.8",
        dbeaver=("mysql", "mysql8"),
        store=lambda path: {"trustCertificateKeyStoreUrl": f"file:{quote(path)}"},
        pem=True,
    ),
    "mariadb": Client(
        "org.mariadb.jdbc.Driver",
        _at("jdbc:mariadb"),
        lambda access: given(sslMode="verify-ca", serverSslCert=access.ca_bundle),
        datagrip="mariadb",
        dbeaver=("mysql", "mariaDB"),
        style=UNCODED,
    ),
    SQLSERVER: Client(
        "com.microsoft.sqlserver.jdbc.SQLServerDriver",
        _at_sqlserver,
        _sqlserver,
        datagrip="sqlserver.ms",
        dbeaver=("sqlserver", "microsoft"),
        style=SEMICOLONS,
        store=lambda path: {"trustStore": path},
        auth="sqlserver_database",
    ),
    ORACLE: Client(
        "oracle.jdbc.OracleDriver",
        lambda access, database: f"jdbc:oracle:thin:@//{access.place}/{database}",
        lambda access: {},
        datagrip="oracle",
        dbeaver=("oracle", "oracle_thin"),
        database="ORCL",
        user="",
        auth="oracle_native",
        options={"@dbeaver-sid-service@": "SERVICE"},
        authority=False,
        warning="Oracle is connected to without TLS: from the node on, what protects it is its own encryption",
    ),
    MONGO: Client(
        "com.dbschema.MongoJdbcDriver",
        lambda access, database: f"mongodb://{access.place}/?directConnection=true&retryWrites=false",
        lambda access: {"tls": "true", "tlsAllowInvalidHostnames": "true"},
        datagrip="mongo",
        style=MORE,
        user="",
        pem=True,
        own=True,
    ),
    REDIS: Client(
        "jdbc.RedisDriver",
        lambda access, database: f"jdbc:redis://{access.place}/0",
        lambda access: {"ssl": "true"},
        datagrip="redis",
        user="",
        own=True,
        authority=False,
    ),
}


def client_of(access: Access) -> Client | None:
    """The row of the endpoint's engine, or of its dialect; None where nobody has a driver."""
    return CLIENTS.get(access.endpoint.engine.lower()) or CLIENTS.get(dialect(access.endpoint))


def database_of(client: Client, access: Access) -> str:
    """The database that is connected to; empty where none has to be named."""
    return access.endpoint.database or client.database


def base_url(client: Client, access: Access) -> str:
    """The URL without properties."""
    return client.url(access, database_of(client, access))


def whole_url(client: Client, access: Access, properties: Mapping[str, str]) -> str:
    """The URL with properties."""
    style, text = client.style, base_url(client, access)
    for at, (key, value) in enumerate(properties.items()):
        text += f"{style.other if at else style.first}{key}={style.written(value)}"
    return text


def takes_pem(client: Client, access: Access) -> bool:
    """Whether DataGrip and DBeaver are told the file of certificates apart from the driver's properties."""
    return client.pem and access.endpoint.tls and bool(access.ca_bundle)


def properties_of(client: Client, access: Access, *, makes_store: bool) -> dict[str, str]:
    """The properties that make the driver verify; `makes_store`: for a client that makes trust stores itself."""
    if not access.endpoint.tls:
        return {}
    return {**client.verified(access), **store_of(client, access, makes_store=makes_store)}


def store_of(client: Client, access: Access, *, makes_store: bool) -> Mapping[str, str]:
    """The properties that name the trust store that the user has to make; empty where none has to be."""
    made = makes_store and client.pem
    if client.store is None or made or not (access.endpoint.tls and access.ca_bundle):
        return {}
    return client.store(_beside(access.ca_bundle))


def store_recipe(ca_bundle: str) -> str:
    """The commands that make a Java trust store beside a file of certificates; its password protects no secret."""
    bundle, store = shlex.quote(ca_bundle), shlex.quote(_beside(ca_bundle))
    split = f"""awk '/-BEGIN/ {{close(f); f = "ca-" ++n ".crt"}} f {{print > f}}' {bundle}"""
    added = f'keytool -importcert -noprompt -storetype JKS -storepass changeit -keystore {store} -alias "$each"'
    return f'cd "$(mktemp -d)" && {split} && for each in *.crt; do {added} -file "$each"; done'


def _beside(ca_bundle: str) -> str:
    return f"{ca_bundle.removesuffix('.pem')}.jks"
