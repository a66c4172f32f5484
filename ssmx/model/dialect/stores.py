"""What the clients of caches and of document stores are told."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence

from ssmx.model.dialect.kind import SNI, Access, Dialect, Probe, program_of, url
from ssmx.model.endpoint import Endpoint

# Redis, Valkey, memcached


def _redis(access: Access, environ: Mapping[str, str]) -> Mapping[str, str]:
    return {"REDIS_URL": url("rediss" if access.endpoint.tls else "redis", access).rstrip("/")}


def _redis_words(access: Access) -> Sequence[str]:
    ca = ["--cacert", access.ca_bundle] if access.ca_bundle else []
    tls = ["--tls", "--sni", access.endpoint.host, *ca] if access.endpoint.tls else []
    user = ["--user", access.user] if access.user else []
    return ["-h", access.host, "-p", str(access.port), *tls, *user]


# AWS names the nodes of shards so, group-0001-001; one of a group without shards is group-001.
_OF_A_SHARD = re.compile(r".+-\d{4}-\d{3}")
# Options of redis-cli with a value, before the command.
_VALUED = ("-h", "-p", "-u", "-a", "-n", "-r", "-i", "-d", "-D", "-s", "--user", "--pass", "--sni", "--cacert")


def _redis_limits(endpoint: Endpoint) -> str:
    if not (endpoint.clustered or _OF_A_SHARD.fullmatch(endpoint.name)):
        return ""
    return (
        f"{endpoint.label} is in cluster mode: clients that follow it (redis-cli -c) go on to nodes that this"
        " tunnel does not lead to; others may be answered MOVED"
    )


def _redis_hangs(endpoint: Endpoint, words: Sequence[str]) -> str:
    return _redis_limits(endpoint) if _follows(words) else ""


def _follows(words: Sequence[str]) -> bool:
    """Whether redis-cli is told to follow a cluster: -c before its command."""
    rest = iter(words[1:] if program_of(words) in ("redis-cli", "valkey-cli") else ())
    for word in rest:
        if word == "-c":
            return True
        if word in _VALUED:
            next(rest, "")
        elif not word.startswith("-"):
            return False
    return False


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
    tls_option="--tls",
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
