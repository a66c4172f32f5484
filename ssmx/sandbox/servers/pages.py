"""What far hosts say over HTTP/1.1: a page for each request, in clear or over TLS, and then the end."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from ssmx.sandbox.far import Address, Handler
from ssmx.sandbox.servers.tls import Secured

HTML, JSON, TEXT = "text/html; charset=utf-8", "application/json", "text/plain; charset=utf-8"
_MOST_HEAD = 1 << 16  # bytes; a token is a header
_MOST_BODY = 1 << 20
_HEAD_LIMIT = 60.0  # seconds

Page = tuple[HTTPStatus, str, str]  # status, type, body


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. The names of `headers` are in small letters."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str] = field(repr=False)


Pages = Callable[[Asked, Address], Page]


def http(page: Pages) -> Handler:
    """Answer one request with its page."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: Address) -> None:
        writer.write(await _said(page, lambda: reader.read(_MOST_HEAD), address))
        await writer.drain()

    return serve


def https(page: Pages, context: ssl.SSLContext) -> Handler:
    """Answer one request over TLS with its page."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: Address) -> None:
        client = Secured(reader, writer, context)
        async with asyncio.timeout(_HEAD_LIMIT):
            await client.shake()
            said = await _said(page, client.read, address)
        await client.write(said)
        await client.end()

    return serve


async def _said(page: Pages, read: Callable[[], Awaitable[bytes]], address: Address) -> bytes:
    asked = await _request(read)
    status, kind, text = page(asked, address)
    body = text.encode()
    head = [f"HTTP/1.1 {status.value} {status.phrase}", f"Content-Type: {kind}"]
    head += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(head).encode() + (b"" if asked.method == "HEAD" else body)


async def _request(read: Callable[[], Awaitable[bytes]]) -> Asked:
    data = bytearray()
    while b"\r\n\r\n" not in data:
        more = await read()
        if not more or len(data) > _MOST_HEAD:
            raise ValueError("no request of HTTP/1.1")
        data += more
    head, _, body = bytes(data).partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split()
    if len(words) < 2:
        raise ValueError("no request of HTTP/1.1")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    left = min(int(headers.get("content-length", "0")), _MOST_BODY) - len(body)
    while left > 0 and (more := await read()):  # who closes with something unread resets the connection
        left -= len(more)
    path, _, query = words[1].partition("?")
    return Asked(words[0], path, query, headers)
