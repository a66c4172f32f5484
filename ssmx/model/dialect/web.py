"""What the clients of HTTP, Kafka, message brokers, Kubernetes and anything else with TLS are told."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from ssmx.model.dialect.kind import SNI, Access, Dialect, Probe, given, url
from ssmx.model.endpoint import Endpoint

# HTTP: OpenSearch, Neptune, load balancers, consoles


def _connect_to(access: Access) -> str:
    """What leads curl to the tunnel: for the endpoint's own name, or for whatever name a balancer answers to."""
    if access.endpoint.engine in ("http", "https"):
        return f"::{access.place}"
    return f"{access.endpoint.host}:{access.endpoint.port}:{access.place}"


def _http(access: Access, environ: Mapping[str, str]) -> Mapping[str, str]:
    return {"SSMX_URL": _base(access), "SSMX_CONNECT_TO": _connect_to(access)}


def _base(access: Access) -> str:
    scheme, usual = ("https", 443) if access.endpoint.tls else ("http", 80)
    port = "" if access.endpoint.port == usual else f":{access.endpoint.port}"
    return f"{scheme}://{access.endpoint.host}{port}/"


def _curl_words(access: Access) -> Sequence[str]:
    ca = ["--cacert", access.ca_bundle] if access.ca_bundle and access.endpoint.tls else []
    user = ["-u", access.user] if access.user else []
    return ["--noproxy", "*", "--connect-to", _connect_to(access), *ca, *user]


def _curl_recipe(access: Access) -> Sequence[str]:
    return [shlex.join(["curl", *_curl_words(access), _base(access)])]


# Kafka, brokers, any other TLS


def _kafka(access: Access, environ: Mapping[str, str]) -> Mapping[str, str]:
    return {"KAFKA_BOOTSTRAP_SERVERS": access.place}


def _kafka_limits(endpoint: Endpoint) -> str:
    return (
        f"Kafka's clients go on from {endpoint.label} to every broker by its own name, which this tunnel does not"
        " lead to: they need a tunnel for each broker on its own port, and its name in the hosts file"
    )


def _kafka_hangs(endpoint: Endpoint, words: Sequence[str]) -> str:
    return _kafka_limits(endpoint)


def _openssl_words(access: Access) -> Sequence[str]:
    ca = ["-CAfile", access.ca_bundle] if access.ca_bundle else []
    name = access.endpoint.host
    return ["s_client", "-connect", access.place, "-servername", name, "-verify_hostname", name, *ca]


def _amqp(access: Access, environ: Mapping[str, str]) -> Mapping[str, str]:
    return {"AMQP_URL": url("amqps", access)}


def _openssl_recipe(access: Access) -> Sequence[str]:
    return [shlex.join(["openssl", *_openssl_words(access)])]


# EKS


def _kubernetes(access: Access, environ: Mapping[str, str]) -> Mapping[str, str]:
    return given(KUBECONFIG=access.kubeconfig)


def _kubernetes_recipe(access: Access) -> Sequence[str]:
    return [f"export KUBECONFIG={shlex.quote(access.kubeconfig)}"]


HTTP = Dialect(
    programs=("curl",),
    words=_curl_words,
    alone=("{url}",),
    variables=_http,
    recipe=_curl_recipe,
    probe=Probe(b"HEAD / HTTP/1.0\r\n\r\n", (b"HTTP/",)),
)
KAFKA = Dialect(variables=_kafka, others=SNI, limits=_kafka_limits, hangs=_kafka_hangs)
AMQP = Dialect(variables=_amqp, recipe=_openssl_recipe, others=SNI)
TLS = Dialect(recipe=_openssl_recipe)
SECURE_TEXT = Dialect(programs=("openssl",), words=_openssl_words)  # what telnet is for, over TLS
KUBERNETES = Dialect(programs=("kubectl",), variables=_kubernetes, recipe=_kubernetes_recipe)
