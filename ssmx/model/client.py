"""What a program that runs through a tunnel is told: its variables, its arguments, and how it verifies TLS."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from ssmx.errors import UsageError
from ssmx.model.catalog import Endpoint, Family, Role

# What would lead libpq past the tunnel, or past the verification, before the variables that we set.
_REMOVED = ("PGSERVICE", "PGREQUIRESSL", "PGSSLNEGOTIATION")

# Those of MySQL itself. MariaDB's know other options, and send no token.
_MYSQL_CLIENTS = ("mysql", "mysqldump", "mysqladmin", "mysqlimport", "mysqlshow", "mysqlcheck", "mysqlslap")


@dataclass(frozen=True, slots=True)
class Access:
    """How a client on this machine reaches an endpoint. `password` may be a token; it is never shown."""

    endpoint: Endpoint
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    ca_bundle: str = ""
    """The file of certificates that the database's own is verified with."""


def user_of(endpoint: Endpoint, environ: Mapping[str, str], *, asked: str = "") -> str:
    """Who signs in: who was asked for, else who the environment names, else the master user."""
    variable = {Family.POSTGRES: "PGUSER", Family.MYSQL: "MYSQL_USER"}.get(endpoint.family, "")
    return asked or (environ.get(variable, "") if variable else "") or endpoint.user


def environment(access: Access, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a client: `environ` with the usual variables of the endpoint's family set."""
    endpoint = access.endpoint
    ours = {
        "SSMX_HOST": access.host,
        "SSMX_PORT": str(access.port),
        "SSMX_ENDPOINT": endpoint.address,
    }
    match endpoint.family:
        case Family.POSTGRES:
            ours |= _postgres(access, environ)
        case Family.MYSQL:
            ours |= _mysql(access, environ)
        case Family.OTHER:
            pass
    return {name: value for name, value in environ.items() if name not in _REMOVED} | ours


def _postgres(access: Access, environ: Mapping[str, str]) -> dict[str, str]:
    """libpq connects to `hostaddr`, and verifies and looks passwords up by `host`."""
    database = environ.get("PGDATABASE") or access.endpoint.database or "postgres"
    ours = {
        "PGHOST": access.endpoint.host,
        "PGHOSTADDR": access.host,
        "PGPORT": str(access.port),
        "PGDATABASE": database,
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": access.ca_bundle,
        # Programs without libpq know no hostaddr: they verify the certificate, and not the name in it.
        "DATABASE_URL": _url("postgresql", access, database, sslmode="verify-ca", sslrootcert=access.ca_bundle),
    }
    ours |= {"PGUSER": access.user} if access.user else {}
    return ours | ({"PGPASSWORD": access.password} if access.password else {})


def _mysql(access: Access, environ: Mapping[str, str]) -> dict[str, str]:
    database = environ.get("MYSQL_DATABASE") or access.endpoint.database
    ours = {
        "MYSQL_HOST": access.host,  # by name, the client would take its unix socket
        "MYSQL_TCP_PORT": str(access.port),
        "MYSQL_PORT": str(access.port),
        "MYSQL_SSL_CA": access.ca_bundle,
        "DATABASE_URL": _url("mysql", access, database, **{"ssl-mode": "VERIFY_CA", "ssl-ca": access.ca_bundle}),
    }
    ours |= {"MYSQL_USER": access.user} if access.user else {}
    ours |= {"MYSQL_DATABASE": database} if database else {}
    return ours | ({"MYSQL_PWD": access.password} if access.password else {})


def _url(scheme: str, access: Access, database: str, **query: str) -> str:
    host = f"[{access.host}]" if ":" in access.host else access.host
    user = f"{quote(access.user, safe='')}@" if access.user else ""
    given = {name: value for name, value in query.items() if value} if access.ca_bundle else {}
    return f"{scheme}://{user}{host}:{access.port}/{quote(database, safe='')}" + (
        f"?{urlencode(given, safe='/', quote_via=quote)}" if given else ""
    )


def arguments(words: Sequence[str], *, host: str, port: int) -> list[str]:
    """The client's words, with {host} and {port} replaced."""
    return [word.replace("{host}", host).replace("{port}", str(port)) for word in words]


def with_token(words: Sequence[str], env: Mapping[str, str], access: Access) -> tuple[list[str], dict[str, str]]:
    """The words and the environment of a client that is given a token of IAM as its password.

    MySQL's clients send it as it is, once they are allowed to: that is given to those alone that verify whom they
    talk to, which these two options make them. Raises UsageError for one that is told to do less.
    """
    if access.endpoint.family is not Family.MYSQL or words[0].rpartition("/")[2] not in _MYSQL_CLIENTS:
        return [*words], dict(env)
    modes = [word.partition("=")[2] for word in words if word.startswith("--ssl-mode=")]
    if any(mode.upper() not in ("VERIFY_CA", "VERIFY_IDENTITY") for mode in modes):
        raise UsageError(f"--ssl-mode={modes[-1]} with a token of IAM", hint="VERIFY_CA, or leave it out")
    verified = [] if modes else ["--ssl-mode=VERIFY_CA", f"--ssl-ca={access.ca_bundle}"]
    return [*words, *verified], {**env, "LIBMYSQL_ENABLE_CLEARTEXT_PLUGIN": "Y"}


def recipe(access: Access) -> list[str]:
    """How a client connects so that TLS verifies the database through the tunnel; a line each."""
    endpoint, bundle = access.endpoint, shlex.quote(access.ca_bundle)
    match endpoint.family:
        case Family.POSTGRES:
            words = f"host={endpoint.host} hostaddr={access.host} port={access.port}"
            words += f" user={_value(access.user)}" if access.user else ""
            words += f" dbname={_value(endpoint.database or 'postgres')} sslmode=verify-full"
            words += f" sslrootcert={_value(access.ca_bundle)}"
            return [
                f"psql {shlex.quote(words)}",
                f"others: {access.host}:{access.port} with sslmode verify-ca and {access.ca_bundle}",
            ]
        case Family.MYSQL:
            user = f" -u {shlex.quote(access.user)} -p" if access.user else ""
            return [
                f"mysql --ssl-mode=VERIFY_CA --ssl-ca={bundle} -h {access.host} -P {access.port}{user}",
                f"others: {access.host}:{access.port} with VERIFY_CA and {access.ca_bundle}",
            ]
        case Family.OTHER:
            return []


def _value(text: str) -> str:
    """A value of libpq's connection string."""
    if text and not any(each in text for each in " '\\"):
        return text
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def token_refused(endpoint: Endpoint) -> str:
    """Why no token of IAM signs in here, empty where it may; AWS takes none for a custom name."""
    if endpoint.family is Family.OTHER:
        return f"{endpoint.label} does not take tokens of IAM"
    if endpoint.role is Role.CUSTOM:
        return "custom endpoints take no tokens of IAM"
    return "" if endpoint.iam else f"IAM authentication is off on {endpoint.label}"
