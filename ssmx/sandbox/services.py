"""The table of what answers at the far side of a port without a socket of its own: a row for each.

A row is a place, `OnNode(name, port)` or `AtHost(host, port)`, and the handler that serves one connection to it.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from pathlib import Path

from ssmx.sandbox.estate import balancers, caches, clusters, searching
from ssmx.sandbox.estate.databases import POSTGRES_PORT
from ssmx.sandbox.far import EVERY_NODE, Address, AtHost, Handler, Handlers, OnNode
from ssmx.sandbox.servers.authority import Authority
from ssmx.sandbox.servers.pages import HTML, JSON, Asked, Page, Pages, http, https
from ssmx.sandbox.servers.redis import Redis

ADMIN_NODE = "admin-ui"


@dataclass(frozen=True, slots=True)
class Hosts:
    """Who answers at the account's endpoints. `folder` is the sandbox's."""

    postgres: Handler
    postgres_hosts: list[str]
    redis: Redis
    kubernetes: Pages
    authority: Authority
    folder: Path

    def rows(self) -> Handlers:
        """A row for each host and port that has somebody behind it; all others refuse."""
        api, search, kubernetes = balancers.api_host(), searching.host(), clusters.host()
        sessions = self.redis.behind(self.authority.server(caches.session_hosts(), folder=self.folder))
        return {
            **{AtHost(host, POSTGRES_PORT): self.postgres for host in self.postgres_hosts},
            **{AtHost(host, caches.REDIS_PORT): sessions for host in caches.session_hosts()},
            AtHost(api, 80): http(_api_page),
            AtHost(api, 443): self._https(api, _api_page),
            AtHost(search, 443): self._https(search, searching.page),
            AtHost(kubernetes.lower(), 443): self._https(kubernetes, self.kubernetes),
        }

    def _https(self, host: str, page: Pages) -> Handler:
        return https(page, self.authority.server([host], folder=self.folder))


def table(hosts: Hosts) -> Handlers:
    """All rows."""
    return {
        OnNode(EVERY_NODE, 7): echo,
        OnNode(EVERY_NODE, 80): http(_own_page),
        OnNode(ADMIN_NODE, 8080): http(_admin_page),
        **hosts.rows(),
    }


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _address: Address) -> None:
    """Send back what comes."""
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()


def _own_page(_asked: Asked, address: Address) -> Page:
    return HTTPStatus.OK, HTML, f"<!doctype html><title>{address.label}</title><h1>{address.label}</h1>\n"


def _admin_page(asked: Asked, address: Address) -> Page:
    return _site(asked, f"{address.name} admin", address.name, {"node": address.name, "id": address.node_id})


def _api_page(asked: Asked, address: Address) -> Page:
    host = address.host.lower().rstrip(".")
    return _site(asked, "internal-api", host, {"host": host, "port": address.port})


def _site(asked: Asked, title: str, name: str, facts: dict[str, str | int]) -> Page:
    if asked.path == "/":
        links = '<ul><li><a href="/health">health</a></li></ul>'
        about = "".join(f"<p>{escape(str(value))}</p>" for value in list(facts.values())[1:])
        body = f"<!doctype html><title>{escape(title)}</title><h1>{escape(name)}</h1>{about}{links}\n"
        return HTTPStatus.OK, HTML, body
    if asked.path == "/health":
        return HTTPStatus.OK, JSON, json.dumps({"status": "ok", **facts}) + "\n"
    return HTTPStatus.NOT_FOUND, HTML, "<!doctype html><title>Not Found</title><h1>Not Found</h1>\n"
