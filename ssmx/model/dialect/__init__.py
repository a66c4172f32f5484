"""What an engine speaks: which programs are its clients, what they are told, and how they verify its TLS.

A Dialect for each kind, and the engines that speak it in ENGINES. Recipes are those of the services' own
documentation, tried through a tunnel where the sandbox has such a server.
"""

from __future__ import annotations

from collections.abc import Mapping

from ssmx.model.dialect.kind import Access, Dialect, Probe, program_of
from ssmx.model.dialect.sql import MYSQL, MYSQL_CLIENTS, ORACLE, POSTGRES, SQLSERVER
from ssmx.model.dialect.stores import MEMCACHED, MONGO, REDIS
from ssmx.model.dialect.web import AMQP, HTTP, KAFKA, KUBERNETES, SECURE_TEXT, TLS
from ssmx.model.endpoint import Endpoint

__all__ = ["KUBERNETES", "MYSQL", "MYSQL_CLIENTS", "Access", "Dialect", "Probe", "dialect", "program_of"]

PLAIN = Dialect(tls_first=False)

ENGINES: Mapping[str, Dialect] = {
    "activemq": TLS,
    "aurora": MYSQL,
    "aurora-mysql": MYSQL,
    "aurora-postgresql": POSTGRES,
    "docdb": MONGO,
    "http": HTTP,
    "https": HTTP,
    "kafka": KAFKA,
    "kubernetes": KUBERNETES,
    "mariadb": MYSQL,
    "memcached": MEMCACHED,
    "mysql": MYSQL,
    "neptune": HTTP,
    "opensearch": HTTP,
    "oracle": ORACLE,
    "postgres": POSTGRES,
    "postgresql": POSTGRES,
    "rabbitmq": AMQP,
    "redis": REDIS,
    "redshift": POSTGRES,
    "sqlserver": SQLSERVER,
    "tls": TLS,
    "valkey": REDIS,
}


def dialect(endpoint: Endpoint) -> Dialect:
    """What the endpoint speaks, by its engine; PLAIN where nobody knows.

    `sqlserver-ex` is `sqlserver`, and so is `custom-sqlserver-ee` of RDS Custom.
    """
    engine = endpoint.engine.lower().removeprefix("custom-")
    if engine == "memcached" and endpoint.tls:
        return SECURE_TEXT
    return ENGINES.get(engine) or ENGINES.get(engine.split("-")[0], PLAIN)
