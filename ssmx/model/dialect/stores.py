"""What the clients of caches and of document stores are told."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from ssmx.model.dialect.kind import SNI, Access, Dialect, Probe, url
from ssmx.model.endpoint import Endpoint

# Redis, Valkey, memcached


def _redis(access: Access, environ: Mapping[str, str]) -> Mapping[str, str]:
    return {"REDIS_URL": url("rediss" if access.endpoint.tls else "redis", access).rstrip("/")}


def _redis_words(access: Access) -> Sequence[str]:
    ca = ["--cacert", access.ca_bundle] if access.ca_bundle else []
    tls = ["--tls", "--sni", access.endpoint.host, *ca] if access.endpoint.tls else []
    user = ["--user", access.user] if access.user else []
    return ["-h", access.host, "-p", str(access.port), *tls, *user]


def _redis_limits(endpoint: Endpoint) -> str:
    if not endpoint.clustered:
        return ""
    return (
        f"{endpoint.label} is in cluster mode: clients that follow it (redis-cli -c) go on to nodes that this"
        " tunnel does not lead to; others may be answered MOVED"
    )


def _redis_hangs(endpoint: Endpoint, words: Sequence[str]) -> str:
    follows = words[0].rpartition("/")[2] in ("redis-cli", "valkey-cli") and "-c" in words
    return _redis_limits(endpoint) if follows else ""


def _memcached(access: Access, environ: Mapping[str, str]) -> Mapping[str, str]:
    return {"MEMCACHED_SERVERS": access.place}  # as libmemcached's tools read it


# DocumentDB


def _mongo_uri(access: Access, **more: str) -> str:
    return url("mongodb", access, directConnection="true", retryWrites="false", **more)


def _mongo(access: Access, environ: Mapping[str, str]) -> Mapping[str, str]:
    uri = _mongo_uri(access, tls="true", tlsCAFile=access.ca_bundle, tlsAllowInvalidHostnames="true")
    return {"MONGODB_URI": uri}


def _mongo_words(access: Access) -> Sequence[str]:
    return [_mongo_uri(access), "--tls", "--tlsCAFile", access.ca_bundle, "--tlsAllowInvalidHostnames"]


def _mongo_recipe(access: Access) -> Sequence[str]:
    return [shlex.join(["mongosh", *_mongo_words(access)])]  # the other is gone since MongoDB 6


REDIS = Dialect(
    programs=("valkey-cli", "redis-cli"),
    words=_redis_words,
    variables=_redis,
    others=SNI,
    limits=_redis_limits,
    hangs=_redis_hangs,
    probe=Probe(b"PING\r\n", (b"+PONG", b"-NOAUTH", b"-DENIED", b"-NOPERM")),
)
MEMCACHED = Dialect(
    programs=("telnet", "nc"),
    words=lambda access: [access.host, str(access.port)],
    variables=_memcached,
    probe=Probe(b"version\r\n", (b"VERSION",)),
)
MONGO = Dialect(
    programs=("mongosh", "mongo"),
    words=_mongo_words,
    variables=_mongo,
    recipe=_mongo_recipe,
    others="others: {host}:{port} with directConnection, TLS by {ca} and no host name: clients that look for the"
    " replica set go past the tunnel",
    needs_ca=True,
)
