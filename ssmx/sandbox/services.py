"""The table of what answers at the far side of a port without a socket of its own: a row for each.

A row is a place, `OnNode(name, port)` or `AtHost(host, port)`, and the handler that serves one connection to it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from html import escape
from http import HTTPStatus

from ssmx.sandbox.databases import POSTGRES_PORT
from ssmx.sandbox.far import EVERY_NODE, Address, AtHost, Handler, Handlers, OnNode

ADMIN_NODE = "admin-ui"
_HTML = "text/html; charset=utf-8"
Page = tuple[HTTPStatus, str, str]  # status, type, body


def table(*, postgres: Handler, postgres_hosts: list[str]) -> Handlers:
    """All rows. `postgres` serves every host of `postgres_hosts`."""
    return {
        OnNode(EVERY_NODE, 7): echo,
        OnNode(EVERY_NODE, 80): http(_own_page),
        OnNode(ADMIN_NODE, 8080): http(_admin_page),
        **{AtHost(host, POSTGRES_PORT): postgres for host in postgres_hosts},
    }


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _address: Address) -> None:
    """Send back what comes."""
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()


def http(page: Callable[[str, Address], Page]) -> Handler:
    """Answer one request of HTTP/1.1 with the page of its path."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: Address) -> None:
        words = (await reader.readline()).decode("latin-1").split()
        while (line := await reader.readline()) and line.strip():
            pass
        status, kind, text = page(words[1].partition("?")[0] if len(words) > 1 else "/", address)
        body = text.encode()
        head = [f"HTTP/1.1 {status.value} {status.phrase}", f"Content-Type: {kind}"]
        head += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
        writer.write("\r\n".join(head).encode() + (b"" if words[:1] == ["HEAD"] else body))
        await writer.drain()

    return serve


def _own_page(_path: str, address: Address) -> Page:
    return HTTPStatus.OK, _HTML, f"<!doctype html><title>{address.label}</title><h1>{address.label}</h1>\n"


def _admin_page(path: str, address: Address) -> Page:
    if path == "/":
        name = escape(address.name)
        links = '<ul><li><a href="/health">health</a></li></ul>'
        body = f"<!doctype html><title>{name} admin</title><h1>{name}</h1><p>{address.node_id}</p>{links}\n"
        return HTTPStatus.OK, _HTML, body
    if path == "/health":
        found = {"status": "ok", "node": address.name, "id": address.node_id}
        return HTTPStatus.OK, "application/json", json.dumps(found) + "\n"
    return HTTPStatus.NOT_FOUND, _HTML, "<!doctype html><title>Not Found</title><h1>Not Found</h1>\n"
