"""Whether the few calls of a session can be made without botocore in this run, and what makes them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ssmx.aws import authorities
from ssmx.aws.lean import http, keys, place
from ssmx.aws.lean.client import Client
from ssmx.aws.lean.keys import Settled

SERVICES = ("ssm", "ec2")

_ahead: dict[tuple[str, str], http.Connections] = {}  # by URL and authorities, until they are used


class Hot:
    """What is settled for this run, in the region in use. `cache` gives the folder of what can be made anew."""

    def __init__(
        self, known: Settled, urls: Mapping[str, str], region: str, cache: Callable[[], Path] | None
    ) -> None:
        self.known = known
        self.region = region
        self._cache = cache
        self._connections = {
            service: self._taken(url) or http.Connections(url, lambda: self._context)
            for service, url in urls.items()
        }

    def _taken(self, url: str) -> http.Connections | None:
        """What was opened ahead."""
        return _ahead.pop((url, self.known.ca_bundle)) if (url, self.known.ca_bundle) in _ahead else None

    def connect(self) -> None:
        """Open a connection to Systems Manager, for whoever asks it next in this process."""
        connections = self._connections["ssm"]
        _ahead[connections.url, self.known.ca_bundle] = connections
        connections.open()

    def client(
        self,
        service: str,
        *,
        attempts: int,
        stock: Callable[[], Any],
        trace: Callable[[str], None],
        sent: Callable[[], None],
    ) -> Client:
        """A client of `ssm` or `ec2`."""
        connections = self._connections[service]
        return Client(
            service,
            self.region,
            self.known.keys,
            connections,
            stock=stock,
            again=attempts > 1,
            trace=trace,
            sent=sent,
        )

    @cached_property
    def ca_bundle(self) -> str:
        """The file of certificate authorities."""
        return self.known.ca_bundle or botocores_bundle()

    @cached_property
    def _context(self) -> Any:
        folder = authorities.hashed(self.ca_bundle, self._cache) if self._cache is not None else ""
        return http.tls(self.ca_bundle, folder)


def hot(profile: str, region: str, cache: Callable[[], Path] | None) -> Hot | None:
    """What is settled, where botocore is not needed to settle it; `profile` goes before keys of the environment."""
    known = keys.settled(os.environ, profile=profile)
    if known is None:
        return None
    region = region or os.environ.get("AWS_DEFAULT_REGION") or known.region  # as botocore has it
    urls = {service: place.url_of(service, region, known.urls) for service in SERVICES}
    found = {service: url for service, url in urls.items() if url is not None}
    if len(found) < len(urls) or (known.ca_bundle and not Path(known.ca_bundle).is_file()):
        return None
    # What botocore verifies with where AWS_CA_BUNDLE is not set.
    others = "REQUESTS_CA_BUNDLE" in os.environ and not known.ca_bundle
    if others and any(url.startswith("https:") for url in found.values()):
        return None
    return Hot(known, found, region, cache)


def botocores_bundle() -> str:
    """The file that botocore takes, found without importing it: certifi's where that is installed, or its own."""
    for name in ("certifi", "botocore"):
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            path = Path(spec.origin).with_name("cacert.pem")
            # A distribution's certifi may lead to the authorities of the system.
            return str(path) if path.is_file() else str(import_module(name).where())
    return ""
