"""What a program that runs through a tunnel is told: its variables, its arguments, and how it verifies TLS."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from ssmx.errors import UsageError
from ssmx.model.dialect import MYSQL, MYSQL_CLIENTS, Access, dialect, program_of
from ssmx.model.endpoint import Endpoint, Role


def user_of(endpoint: Endpoint, environ: Mapping[str, str], *, asked: str = "") -> str:
    """Who signs in: who was asked for, else who the environment names, else the master user."""
    variable = dialect(endpoint).user_variable
    return asked or (environ.get(variable, "") if variable else "") or endpoint.user


def environment(access: Access, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a client: `environ` with the usual variables of the endpoint's dialect set."""
    speaks = dialect(access.endpoint)
    ours = {
        "SSMX_HOST": access.host,
        "SSMX_PORT": str(access.port),
        "SSMX_ENDPOINT": access.endpoint.address,
        **speaks.variables(access, environ),
    }
    return {name: value for name, value in environ.items() if name not in speaks.removed} | ours


def arguments(words: Sequence[str], access: Access) -> list[str]:
    """The client's words, with {host}, {port}, {endpoint} and {ca} replaced.

    A client of the endpoint's own dialect that none of them leads to the tunnel is told the way there before all
    else: it would go to a server of this machine otherwise.
    """
    found, speaks = _placed(words, access), dialect(access.endpoint)
    own = program_of(words) in speaks.programs
    addressed = any("{host}" in word or "{port}" in word for word in words)
    if not own or addressed or speaks is MYSQL:  # its variables say all but how to verify
        return found
    return [found[0], *speaks.words(access), *found[1:]]


def own_client(program: str, words: Sequence[str], access: Access, *, is_mariadb: bool = False) -> list[str]:
    """The dialect's own client `program`, told the way, and the user's words.

    `is_mariadb`: what is called mysql here is MariaDB's, which knows other options.
    """
    speaks = dialect(access.endpoint)
    way = list(speaks.words(access))
    if is_mariadb:
        way = [f"--ssl-ca={access.ca_bundle}", *(word for word in way if not word.startswith("--ssl-"))]
    alone = placed(speaks.alone, url=speaks.variables(access, {}).get("SSMX_URL", ""))
    return [program, *way, *(_placed(words, access) or alone)]


def placed(words: Sequence[str], **values: str) -> list[str]:
    """Words with {name} of each value replaced."""
    found = list(words)
    for name, value in values.items():
        found = [word.replace(f"{{{name}}}", value) for word in found]
    return found


def _placed(words: Sequence[str], access: Access) -> list[str]:
    name = access.endpoint.host
    return placed(words, host=access.host, port=str(access.port), endpoint=name, ca=access.ca_bundle)


def with_token(
    words: Sequence[str], env: Mapping[str, str], access: Access, *, is_mariadb: bool = False
) -> tuple[list[str], dict[str, str]]:
    """The words and the environment of a client that is given a token of IAM as its password.

    MySQL's clients send it as it is, once they are allowed to: that is given to those alone that verify whom they
    talk to, which these two options make them. Raises UsageError for one that is told to do less, or that is
    MariaDB's, which sends none (`is_mariadb`).
    """
    if is_mariadb:
        raise UsageError(
            f"{words[0]} is MariaDB's here, which sends no token of IAM", hint="install MySQL's client"
        )
    if dialect(access.endpoint) is not MYSQL or program_of(words) not in MYSQL_CLIENTS:
        return [*words], dict(env)
    modes = [word.partition("=")[2] for word in words if word.startswith("--ssl-mode=")]
    if any(mode.upper() not in ("VERIFY_CA", "VERIFY_IDENTITY") for mode in modes):
        raise UsageError(f"--ssl-mode={modes[-1]} with a token of IAM", hint="VERIFY_CA, or leave it out")
    verified = [] if modes else ["--ssl-mode=VERIFY_CA", f"--ssl-ca={access.ca_bundle}"]
    return [*words, *verified], {**env, "LIBMYSQL_ENABLE_CLEARTEXT_PLUGIN": "Y"}


def recipe(access: Access) -> list[str]:
    """How a client connects so that TLS verifies the endpoint through the tunnel; a line each."""
    speaks = dialect(access.endpoint)
    lines = list(speaks.recipe(access)) if speaks.recipe else []
    if not speaks.recipe and speaks.programs:
        lines = [shlex.join([speaks.programs[-1], *speaks.words(access)])]
    if speaks.others and access.endpoint.tls:
        ca = access.ca_bundle or "the authorities of this machine"
        lines.append(speaks.others.format(host=access.host, port=access.port, name=access.endpoint.host, ca=ca))
    return lines


def token_refused(endpoint: Endpoint) -> str:
    """Why no token of IAM signs in here, empty where it may; AWS takes none for a custom name."""
    if not dialect(endpoint).signs_in_by_iam or endpoint.service not in ("rds", "rds-proxy"):
        return f"{endpoint.label} does not take tokens of IAM"
    if endpoint.service == "rds" and endpoint.role is Role.CUSTOM:
        return "custom endpoints take no tokens of IAM"
    return "" if endpoint.iam else f"IAM authentication is off on {endpoint.label}"
