"""The services that the sandbox answers itself, in front of moto: it lists what is there, and makes nothing new.

moto 5.2 has them without their endpoints, with endpoints unlike AWS's, or not at all (tests/sandbox/
test_moto_estate.py says of each what). moto reads and writes their protocols; what they say is in the module of
each family, as tables of operations.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from moto.iam.models import get_account_id_from
from werkzeug.exceptions import NotFound

from ssmx.sandbox.estate import balancers, brokers, caches, clusters, searching, warehouses
from ssmx.sandbox.estate.listing import Operations
from ssmx.sandbox.estate.private import Private
from ssmx.sandbox.roster import ACCOUNT, REGION

Environ = dict[str, Any]
StartResponse = Callable[..., Any]

# The name a request is signed for: the service's name in botocore.
_SERVICES = {
    "elasticache": "elasticache",
    "memorydb": "memorydb",
    "redshift": "redshift",
    "redshift-serverless": "redshift-serverless",
    "es": "opensearch",
    "kafka": "kafka",
    "mq": "mq",
    "eks": "eks",
    "elasticloadbalancing": "elbv2",
}
_CLASSIC = b"Version=2012-06-01"  # the older load balancers, signed for by the same name, are moto's


class Estate:
    """A WSGI application: its own services, and `inside` for all others. `certificate` is the authority's."""

    def __init__(
        self, inside: Callable[[Environ, StartResponse], Iterable[bytes]], private: Private, *, certificate: str
    ) -> None:
        self._inside = inside
        self._private = private
        self._certificate = certificate

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """WSGI; raises Refused, and NotImplementedError for an operation it does not have."""
        access_key, region, service = _scope(environ)
        name = _SERVICES.get(service)
        if name is None:
            return self._inside(environ, start_response)
        request = Request(environ)
        if name == "elbv2" and _CLASSIC in request.get_data():
            environ["wsgi.input"] = io.BytesIO(request.get_data())
            return self._inside(environ, start_response)
        there = (get_account_id_from(access_key), region) == (ACCOUNT, REGION)
        operations = (self._ours if there else self._others)[name]
        status, headers, body = _answer(name, operations, request)
        start_response(f"{status} OK", [*headers, ("Content-Length", str(len(body)))])
        return [body]

    @cached_property
    def _ours(self) -> Mapping[str, Operations]:
        return _catalogue(self._private, self._certificate)

    @cached_property
    def _others(self) -> Mapping[str, Operations]:
        """Of another account, or in another region."""
        return _catalogue(None, self._certificate)


def _catalogue(private: Private | None, certificate: str) -> Mapping[str, Operations]:
    return {
        **caches.services(private),
        **warehouses.services(private),
        **searching.services(private),
        **brokers.services(private),
        **clusters.services(private, certificate=certificate),
        **balancers.services(private),
    }


def _scope(environ: Environ) -> tuple[str, str, str]:
    """Who signed, and for which region and service; the gate has verified it."""
    credential = str(environ.get("HTTP_AUTHORIZATION", "")).partition("Credential=")[2].partition(",")[0]
    parts = credential.rsplit("/", 4)
    return (parts[0], parts[2], parts[3]) if len(parts) == 5 else ("", "", "")


def _answer(name: str, operations: Operations, request: Request) -> tuple[int, list[tuple[str, str]], bytes]:
    model = get_service_model(name)
    try:
        matched, in_path = get_service_router(name).match(request)
    except NotFound as error:
        raise NotImplementedError(f"{request.method} {request.path}") from error
    protocol = determine_request_protocol(model, request.content_type)
    parser = PROTOCOL_PARSERS[protocol](matched, map_type=dict)
    parameters = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.get_data(),
            "url_path": request.path,
            "url_params": in_path,
        }
    )
    if matched.name not in operations:
        raise NotImplementedError(f"{name} is there to be listed")
    told = operations[str(matched.name)](parameters)
    said = get_serializer_class(name, protocol)(operation_model=matched).serialize(told)
    body = said["body"]
    return said["status_code"], list(said["headers"].items()), body.encode() if isinstance(body, str) else body
