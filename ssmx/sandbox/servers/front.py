"""What RDS puts in front of PostgreSQL: TLS, its own refusals, and the ways in that PostgreSQL has not.

The master user's password is the one moto has at that moment; the IAM user's is a token. Everybody else is asked by
PostgreSQL itself. The front is one handler for all endpoints: the address it was reached by tells which.
"""

from __future__ import annotations

import asyncio
import hmac
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from ssmx.sandbox.estate import databases, proxies
from ssmx.sandbox.far import Address
from ssmx.sandbox.roster import REGION
from ssmx.sandbox.servers import dbtoken, pgwire
from ssmx.sandbox.servers.contents import IAM_USER, SUPERUSER
from ssmx.sandbox.servers.pgwire import Startup
from ssmx.sandbox.servers.server import NotThere, Server
from ssmx.sandbox.servers.tls import Secured
from ssmx.sandbox.signature import Credential

_LOGIN_LIMIT = 60.0  # seconds, as PostgreSQL's authentication_timeout

# Not seen at AWS: the words are those that RDS Proxy is said to have.
_PROXY_REFUSES = "IAM authentication failed for the role {}. Check the IAM token for this role and try again."

ReadExactly = Callable[[int], Awaitable[bytes]]


class Refused(Exception):
    """The connection ends with an error; `code` is PostgreSQL's."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Front:
    """Serves connections to the account's PostgreSQL endpoints. `find` knows the keys that sign tokens."""

    def __init__(
        self, postgres: Server, context: ssl.SSLContext, *, find: Callable[[str], Credential | None]
    ) -> None:
        self._postgres = postgres
        self._context = context
        self._find = find

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: Address) -> None:
        """One connection; see far.Handler."""
        opening = await _startup(reader.readexactly)
        while opening.code in (pgwire.GSS, pgwire.TLS):
            if opening.code == pgwire.TLS:
                await self._serve_secured(reader, writer, address)
                return
            writer.write(b"N")
            opening = await _startup(reader.readexactly)
        if opening.code == pgwire.CANCEL:  # most clients send it in clear
            await self._cancel(opening)
            return
        try:
            self._check_installed()
            self._refuse_clear(opening, address)
        except Refused as refused:
            writer.write(pgwire.fatal(refused.code, str(refused)))

    async def _serve_secured(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: Address
    ) -> None:
        writer.write(b"S")
        client = Secured(reader, writer, self._context)
        async with asyncio.timeout(_LOGIN_LIMIT):
            await client.shake()
            opening = await _startup(client.readexactly)
            if opening.code == pgwire.CANCEL:
                await self._cancel(opening)
                await client.end()
                return
            try:
                self._check_installed()
                parameters = _parameters(opening)
                await self._admit(client, parameters, address)
                server_reader, server = await self._connect()
            except Refused as refused:
                await client.write(pgwire.fatal(refused.code, str(refused)))
                await client.end()
                return
        try:
            server.write(pgwire.startup(opening.code, parameters))
            await client.relay(server_reader, server)
        finally:
            server.close()

    def _check_installed(self) -> None:
        try:
            self._postgres.check()
        except NotThere as error:
            raise Refused(pgwire.NOT_NOW, str(error)) from error

    def _refuse_clear(self, opening: Startup, address: Address) -> None:
        parameters = _parameters(opening)
        user = parameters["user"]
        raise Refused(
            pgwire.NOT_ADMITTED,
            f'no pg_hba.conf entry for host "{address.source}", user "{user}", '
            f'database "{parameters.get("database", user)}", no encryption',
        )

    async def _admit(self, client: Secured, parameters: dict[str, str], address: Address) -> None:
        user, host = parameters["user"], address.host.lower().rstrip(".")
        behind = proxies.target(host)
        login = databases.login_of(behind) if behind else databases.login(host)
        if login is None or user == SUPERUSER:
            await _password(client)
            raise Refused(pgwire.WRONG_PASSWORD, f'password authentication failed for user "{user}"')
        if behind:
            if not self._opens(await _password(client), user, address):
                raise Refused(pgwire.NOT_ADMITTED, _PROXY_REFUSES.format(user))
        elif user == IAM_USER:
            given = await _password(client)
            if not login.iam or not self._opens(given, user, address):
                raise Refused(pgwire.NOT_ADMITTED, f'PAM authentication failed for user "{user}"')
        elif user == login.master:
            given = await _password(client)
            if not hmac.compare_digest(given.encode(), login.password.encode()):
                raise Refused(pgwire.WRONG_PASSWORD, f'password authentication failed for user "{user}"')

    def _opens(self, token: str, user: str, address: Address) -> bool:
        door = dbtoken.Door(address.host.lower().rstrip("."), address.port, user, REGION)
        return dbtoken.opens(token, door, find=self._find, now=time.time())

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            return await self._postgres.connect()
        except NotThere as error:
            raise Refused(pgwire.NOT_NOW, str(error)) from error
        except OSError as error:
            raise Refused(pgwire.NOT_NOW, f"the sandbox's PostgreSQL does not answer: {error}") from error

    async def _cancel(self, opening: Startup) -> None:
        """Hand it over, and wait until it is taken: the client does. PostgreSQL checks that it may."""
        with suppress(NotThere):
            reader, writer = await self._postgres.connect()
            try:
                writer.write(pgwire.startup(opening.code, body=opening.body))
                await reader.read()
            finally:
                writer.close()


async def _startup(readexactly: ReadExactly) -> Startup:
    size = pgwire.length_of(await readexactly(4), most=pgwire.MOST_STARTUP)
    body = await readexactly(size)
    if size < 4:
        raise ValueError("a startup message without a code")
    return Startup(int.from_bytes(body[:4], "big"), body[4:])


def _parameters(opening: Startup) -> dict[str, str]:
    if opening.code >> 16 != pgwire.VERSION:
        asked = f"{opening.code >> 16}.{opening.code & 0xFFFF}"
        raise Refused(pgwire.NO_SUCH_VERSION, f"unsupported frontend protocol {asked}: server supports 3.0 to 3.0")
    try:
        parameters = opening.parameters
    except ValueError:
        raise Refused(pgwire.BROKEN, "invalid startup packet layout: expected terminator as last byte") from None
    if not parameters.get("user"):
        raise Refused(pgwire.NOT_ADMITTED, "no PostgreSQL user name specified in startup packet")
    return parameters


async def _password(client: Secured) -> str:
    await client.write(pgwire.ASK_PASSWORD)
    head = await client.readexactly(5)
    if head[:1] != b"p":
        raise Refused(pgwire.BROKEN, "expected password response")
    body = await client.readexactly(pgwire.length_of(head[1:], most=pgwire.MOST_PASSWORD))
    return body.removesuffix(b"\0").decode("utf-8", "replace")
