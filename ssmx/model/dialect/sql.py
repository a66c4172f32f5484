"""What the clients of relational databases are told."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from ssmx.model.dialect.kind import Access, Dialect, Probe, given, url
from ssmx.model.wording import bracketed

# Those of MySQL itself. MariaDB's know other options, and send no token.
MYSQL_CLIENTS = ("mysql", "mysqldump", "mysqladmin", "mysqlimport", "mysqlshow", "mysqlcheck", "mysqlslap")

# PostgreSQL, Redshift: libpq connects to `hostaddr`, and verifies and looks passwords up by `host`.


def _postgres(access: Access, environ: Mapping[str, str]) -> Mapping[str, str]:
    database = environ.get("PGDATABASE") or access.endpoint.database or "postgres"
    return given(
        PGHOST=access.endpoint.host,
        PGHOSTADDR=access.host,
        PGPORT=str(access.port),
        PGDATABASE=database,
        PGSSLMODE="verify-full",
        PGSSLROOTCERT=access.ca_bundle,
        PGUSER=access.user,
        PGPASSWORD=access.password,
        # Programs without libpq know no hostaddr: they verify the certificate, and not the name in it.
        DATABASE_URL=url(
            "postgresql",
            access,
            database,
            sslmode="verify-ca" if access.ca_bundle else "",
            sslrootcert=access.ca_bundle,
        ),
    )


def _postgres_recipe(access: Access) -> Sequence[str]:
    words = f"host={access.endpoint.host} hostaddr={access.host} port={access.port}"
    words += f" user={_value(access.user)}" if access.user else ""
    words += f" dbname={_value(access.endpoint.database or 'postgres')} sslmode=verify-full"
    words += f" sslrootcert={_value(access.ca_bundle)}"
    return [f"psql {shlex.quote(words)}"]


def _value(text: str) -> str:
    """A value of libpq's connection string."""
    if text and not any(each in text for each in " '\\"):
        return text
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


# MySQL


def _mysql(access: Access, environ: Mapping[str, str]) -> Mapping[str, str]:
    database = environ.get("MYSQL_DATABASE") or access.endpoint.database
    verified = {"ssl-mode": "VERIFY_CA", "ssl-ca": access.ca_bundle} if access.ca_bundle else {}
    return given(
        MYSQL_HOST=access.host,  # by name, the client would take its unix socket
        MYSQL_TCP_PORT=str(access.port),
        MYSQL_PORT=str(access.port),
        MYSQL_SSL_CA=access.ca_bundle,
        MYSQL_USER=access.user,
        MYSQL_DATABASE=database,
        MYSQL_PWD=access.password,
        DATABASE_URL=url("mysql", access, database, **verified),
    )


def _mysql_words(access: Access) -> Sequence[str]:
    user = ["-u", access.user] if access.user else []
    verified = ["--ssl-mode=VERIFY_CA", f"--ssl-ca={access.ca_bundle}"]
    return [*verified, "-h", access.host, "-P", str(access.port), *user]


def _mysql_recipe(access: Access) -> Sequence[str]:
    asked = ["-p"] if access.user else []
    return [shlex.join(["mysql", *_mysql_words(access), *asked])]


# SQL Server, Oracle


def _sqlserver(access: Access, environ: Mapping[str, str]) -> Mapping[str, str]:
    return given(SQLCMDSERVER=f"tcp:{bracketed(access.host)},{access.port}", SQLCMDUSER=access.user)


def _sqlserver_recipe(access: Access) -> Sequence[str]:
    user = ["-U", access.user] if access.user else []
    return [shlex.join(["sqlcmd", "-S", f"tcp:{bracketed(access.host)},{access.port}", *user])]


def _oracle(access: Access, environ: Mapping[str, str]) -> Mapping[str, str]:
    return {"TWO_TASK": f"//{access.place}/{access.endpoint.database}"}


def _oracle_recipe(access: Access) -> Sequence[str]:
    return [shlex.join(["sqlplus", f"{access.user or 'USER'}@//{access.place}/{access.endpoint.database}"])]


POSTGRES = Dialect(
    programs=("psql",),
    variables=_postgres,
    # What would lead libpq past the tunnel, or past the verification, before the variables that we set.
    removed=("PGSERVICE", "PGREQUIRESSL", "PGSSLNEGOTIATION"),
    recipe=_postgres_recipe,
    others="others: {host}:{port} with sslmode verify-ca and {ca}",
    needs_ca=True,
    tls_first=False,
    signs_in_by_iam=True,
    user_variable="PGUSER",
    probe=Probe(bytes.fromhex("0000000804d2162f"), (b"S", b"N")),  # SSLRequest
)
MYSQL = Dialect(
    programs=("mysql",),
    words=_mysql_words,
    variables=_mysql,
    recipe=_mysql_recipe,
    others="others: {host}:{port} with VERIFY_CA and {ca}",
    needs_ca=True,
    tls_first=False,
    signs_in_by_iam=True,
    user_variable="MYSQL_USER",
    # No probe: MySQL counts connections that end before their login, and after max_connect_errors blocks the host.
)
SQLSERVER = Dialect(
    programs=("sqlcmd",),
    variables=_sqlserver,
    recipe=_sqlserver_recipe,
    others="others: Server=tcp:{host},{port};Encrypt=yes;HostNameInCertificate={name}",
    tls_first=False,
)
ORACLE = Dialect(programs=("sqlplus",), variables=_oracle, recipe=_oracle_recipe, tls_first=False)
