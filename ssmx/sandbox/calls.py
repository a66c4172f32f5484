"""What an API call is, read from its HTTP request: protocol, service, operation, parameters."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from ssmx.sandbox.refusal import Protocol, Refusal

_SCOPE = re.compile(r"Credential=[^/,\s]+/\d{8}/(?P<region>[^/,\s]+)/(?P<service>[^/,\s]+)/aws4_request")
_SECRET = re.compile(r"token|secret|password|privatekey|plaintext|credential", re.IGNORECASE)
_XML_SERVICES = ("s3", "cloudfront", "route53")
_LOG_LENGTH = 10_000
_ROUTES = {
    ("eks", "GET"): {"/clusters": "ListClusters", "/clusters/[^/]+": "DescribeCluster"},
    ("es", "GET"): {
        "/2021-01-01/domain": "ListDomainNames",
        "/2021-01-01/opensearch/domain/[^/]+": "DescribeDomain",
    },
    ("es", "POST"): {"/2021-01-01/opensearch/domain-info": "DescribeDomains"},
    ("kafka", "GET"): {
        "/api/v2/clusters": "ListClustersV2",
        "/api/v2/clusters/[^/]+": "DescribeClusterV2",
        "/v1/clusters/[^/]+/bootstrap-brokers": "GetBootstrapBrokers",
    },
    ("mq", "GET"): {"/v1/brokers": "ListBrokers", "/v1/brokers/[^/]+": "DescribeBroker"},
}


@dataclass(frozen=True, slots=True)
class Call:
    """One API call. `parameters` hold nothing secret."""

    protocol: Protocol
    service: str
    region: str
    operation: str
    parameters: Mapping[str, Any]


def read(headers: Mapping[str, str], body: bytes, *, method: str, path: str) -> Call:
    """The call, as far as the request says; whether to believe it is the signature's matter."""
    scope = _SCOPE.search(headers.get("authorization", ""))
    service, region = (scope["service"], scope["region"]) if scope else ("", "")
    target = headers.get("x-amz-target", "")
    kind = headers.get("content-type", "")
    if target or "json" in kind:
        operation = target.rpartition(".")[2] or _routed(service, method, path)
        return Call(Protocol.JSON, service, region, operation, _redacted(_json(body)))
    if "x-www-form-urlencoded" in kind:
        fields = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        operation = fields.pop("Action", "")
        protocol = Protocol.EC2 if service == "ec2" else Protocol.QUERY
        return Call(protocol, service, region, operation, _redacted(fields))
    # Where nothing tells, XML: it is also what an unsigned GET gets.
    protocol = Protocol.JSON if service and service not in _XML_SERVICES else Protocol.REST_XML
    return Call(protocol, service, region, _routed(service, method, path), {})


def _routed(service: str, method: str, path: str) -> str:
    """The operation of a REST protocol, which only its path tells; method and path where it is none we answer."""
    for pattern, operation in _ROUTES.get((service, method), {}).items():
        if re.fullmatch(pattern, path):
            return operation
    return f"{method} {path}"


def _json(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body or b"{}")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _redacted(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: inner if key == "NextToken" else "***" if _SECRET.search(key) else _redacted(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_redacted(inner) for inner in value]
    return value


class Log:
    """The calls that came in, oldest first."""

    def __init__(self) -> None:
        self._calls: deque[dict[str, Any]] = deque(maxlen=_LOG_LENGTH)

    def add(self, call: Call) -> None:
        """Note one call."""
        entry = {"time": time.time(), "service": call.service, "region": call.region}
        self._calls.append({**entry, "operation": call.operation, "parameters": call.parameters})

    def entries(self) -> list[dict[str, Any]]:
        """All that are remembered."""
        return list(self._calls)

    def clear(self) -> None:
        """Forget them."""
        self._calls.clear()


@dataclass(slots=True)
class Fault:
    """An error or a delay that the next `times` calls of an operation meet."""

    operation: str
    refusal: Refusal | None
    times: int
    delay: float


@dataclass(slots=True)
class Faults:
    """The faults that tests have ordered; the operation OpenDataChannel is the websocket's upgrade."""

    _orders: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def order(self, body: Mapping[str, Any]) -> None:
        """Take an order: operation, and code/message/status or delay; times, 1 where it is not said."""
        code = str(body.get("code", ""))
        refusal = Refusal(code, str(body.get("message", "")), int(body.get("status", 400))) if code else None
        fault = Fault(str(body["operation"]), refusal, int(body.get("times", 1)), float(body.get("delay", 0)))
        with self._lock:
            self._orders.append(fault)

    def next(self, operation: str) -> Fault | None:
        """The fault this call meets, counted down."""
        with self._lock:
            for fault in self._orders:
                if fault.operation == operation and fault.times > 0:
                    fault.times -= 1
                    return fault
        return None

    def clear(self) -> None:
        """Forget all orders."""
        with self._lock:
            self._orders.clear()
