"""Whether the few calls of a session can be made without botocore in this run, and what makes them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ssmx.aws import authorities
from ssmx.aws.lean import http, keys, place
from ssmx.aws.lean.client import Client
from ssmx.aws.lean.keys import Settled

if TYPE_CHECKING:
    from ssmx.aws.calls import Calls

SERVICES = ("ssm", "ec2")

_ahead: dict[tuple[str, str], http.Connections] = {}  # by URL and authorities, until they are used


class Hot:
    """What is settled for this run, in a region. `cache` gives the folder of what can be made anew.

    `first` is one in another region, with which it shares what is the same.
    """

    def __init__(
        self,
        known: Settled,
        urls: Mapping[str, str],
        region: str,
        cache: Callable[[], Path] | None,
        first: Hot | None = None,
    ) -> None:
        self.known = known
        self.region = region
        self._cache = cache
        self._urls = urls
        self._first = first or self

    def beside(self, region: str) -> Hot | None:
        """The same in another region; None where botocore has to be asked."""
        urls = _urls(self.known, region)
        return None if urls is None else Hot(self.known, urls, region, self._cache, self._first)

    def connect(self) -> None:
        """Open a connection to Systems Manager, for whoever asks it next in this process."""
        connections = self._connections("ssm")
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
        calls: Calls | None,
    ) -> Client:
        """A client of `ssm` or `ec2`; with `calls`, it is they who ask again, and not botocore."""
        return Client(
            service,
            self.region,
            self.known.keys,
            self._connections(service, calls.limit if calls is not None else None),
            stock=stock,
            again=attempts > 1,
            trace=trace,
            sent=sent,
            around=calls.around if calls is not None else None,
        )

    def _connections(self, service: str, limit: float | None = None) -> http.Connections:
        url = self._urls[service]
        opened = _ahead.pop((url, self.known.ca_bundle), None)
        return opened or http.Connections(url, lambda: self._first._context, limit=limit)

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
    urls = _urls(known, region)
    return None if urls is None else Hot(known, urls, region, cache)


def _urls(known: Settled, region: str) -> dict[str, str] | None:
    """Where the services are; None where there is a doubt, or botocore would verify with something else."""
    urls = {service: place.url_of(service, region, known.urls) for service in SERVICES}
    found = {service: url for service, url in urls.items() if url is not None}
    if len(found) < len(urls) or (known.ca_bundle and not Path(known.ca_bundle).is_file()):
        return None
    # What botocore verifies with where AWS_CA_BUNDLE is not set.
    others = "REQUESTS_CA_BUNDLE" in os.environ and not known.ca_bundle
    return None if others and any(url.startswith("https:") for url in found.values()) else found


def botocores_bundle() -> str:
    """The file that botocore takes, found without importing it: certifi's where that is installed, or its own."""
    for name in ("certifi", "botocore"):
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            path = Path(spec.origin).with_name("cacert.pem")
            # A distribution's certifi may lead to the authorities of the system.
            return str(path) if path.is_file() else str(import_module(name).where())
    return ""
