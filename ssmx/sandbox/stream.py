"""The websocket end of the data channel: who may open one, and which agent serves it."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request as Upgrade
from websockets.http11 import Response

from ssmx.channel.frame import MessageType
from ssmx.sandbox.agent import NodeAgent, notice
from ssmx.sandbox.calls import Faults
from ssmx.sandbox.encryption import Undecryptable, Unwrap
from ssmx.sandbox.far import Far
from ssmx.sandbox.nodes import Node
from ssmx.sandbox.sessions import Session, Sessions, Status
from ssmx.sandbox.signature import BadSignature, Credential, Fault, Request, verify

_PATH = "/v1/data-channel/"
# session-manager-plugin signs nothing before 1.2.764.0, and its token alone proves who it is. Whether AWS still
# takes that is not known; a newer plugin that found no credentials, and a client of ours that forgot, are refused.
_UNSIGNED_CLIENT = "Go-http-client/"
_FIRST_TO_SIGN = (1, 2, 764, 0)
_TOKEN_LIMIT = 10.0  # seconds until the first text frame must be there
_DISTURB_LIMIT = 5.0
_FORGET = 5.0


class Agents:
    """All agents, on an event loop in a thread of its own. Public methods are for other threads."""

    def __init__(
        self,
        *,
        find: Callable[[str], Credential | None],
        unwrap: Unwrap,
        faults: Faults,
        folder: Path,
        far: Far,
        silent: Callable[[Node], bool],
        first_output: float,
    ) -> None:
        self._find = find
        self._unwrap = unwrap
        self._faults = faults
        self._folder = folder
        self._far = far
        self._silent = silent
        self._first_output = first_output
        self._agents: dict[str, NodeAgent] = {}
        self._loop = asyncio.new_event_loop()
        self._sessions: Sessions | None = None
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def listen(self) -> int:
        """Open the websocket's port; nobody is admitted before `serve`."""
        return asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()

    def serve(self, sessions: Sessions) -> None:
        """Admit clients to these sessions from now on."""
        sessions.on_end = lambda session_id: self._call(self._end, session_id)
        self._sessions = sessions

    @property
    def busy(self) -> bool:
        """Whether a client is connected."""
        return any(agent.link is not None for agent in list(self._agents.values()))

    def stop(self) -> None:
        """End every process with all its jobs, at once."""
        for agent in list(self._agents.values()):
            if agent.duty is not None:
                agent.duty.kill()

    def disturb(self, session_id: str, what: str, options: Mapping[str, str]) -> bool:
        """See levers.Disturber."""
        return asyncio.run_coroutine_threadsafe(self._disturb(session_id, what, options), self._loop).result(
            _DISTURB_LIMIT
        )

    def quiet(self) -> None:
        """See levers.Disturber."""
        for agent in list(self._agents.values()):
            agent.mischief.stop()

    def facts(self, session_id: str) -> Mapping[str, Any]:
        """See levers.Disturber."""
        agent = self._agents.get(session_id)
        if agent is None:
            return {"connected": False, "shell": None}
        return {"connected": agent.link is not None, "shell": agent.duty.pid if agent.duty else None}

    def _call(self, function: Callable[[str], None], argument: str) -> None:
        self._loop.call_soon_threadsafe(function, argument)

    # on the event loop

    async def _listen(self) -> int:
        server: Server = await serve(
            self._serve,
            "127.0.0.1",
            0,
            process_request=self._admit,
            compression=None,  # neither the service nor the plugin has it
            max_size=1 << 20,
            max_queue=256,
            write_limit=1 << 18,
            ping_interval=54,  # amazon-ssm-agent 3.3.0.0
            ping_timeout=60,
            close_timeout=2,
        )
        return int(next(iter(server.sockets)).getsockname()[1])

    async def _admit(self, connection: ServerConnection, upgrade: Upgrade) -> Response | None:
        path, _, query = upgrade.path.partition("?")
        headers = {name.lower(): value for name, value in upgrade.headers.raw_items()}
        request = Request("GET", path, query, headers, decoded_query=True)
        try:
            service = verify(request, find=self._find, now=time.time()).service
        except BadSignature as error:
            if error.fault is not Fault.MISSING or not headers.get("user-agent", "").startswith(_UNSIGNED_CLIENT):
                return connection.respond(HTTPStatus.FORBIDDEN, f"{error}\n")
            service = "ssmmessages"
        if service != "ssmmessages" or not path.startswith(_PATH):
            return connection.respond(HTTPStatus.FORBIDDEN, "not a data channel\n")
        fault = self._faults.next("OpenDataChannel")
        if fault is not None:
            await asyncio.sleep(fault.delay)
            if fault.refusal is not None:
                return connection.respond(HTTPStatus(fault.refusal.status), f"{fault.refusal.message}\n")
        return None

    async def _serve(self, connection: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            session = await self._session(connection)
            if session is None or self._sessions is None:
                await connection.close(1008, "Request is not authenticated.")
                return
            agent = self._agents.get(session.id)
            if agent is None:
                agent = self._agents[session.id] = NodeAgent(
                    session,
                    self._sessions,
                    folder=self._folder,
                    far=self._far,
                    silent=self._silent,
                    unwrap=self._unwrap_for_node,
                    first_output=self._first_output,
                )
            try:
                await agent.serve(connection)
            finally:
                if not session.active:
                    self._forget(session.id)

    async def _session(self, connection: ServerConnection) -> Session | None:
        """The session that the client's first frame opens; it is the only one in text."""
        try:
            first = await asyncio.wait_for(connection.recv(), _TOKEN_LIMIT)
            body = json.loads(first) if isinstance(first, str) else None
        except (TimeoutError, ValueError):
            return None
        if not isinstance(body, dict) or connection.request is None or self._sessions is None:
            return None
        if "authorization" not in connection.request.headers and not _is_old(body.get("ClientVersion")):
            return None
        token = body.get("TokenValue")
        session_id = connection.request.path.partition("?")[0].removeprefix(_PATH)
        return self._sessions.admit(session_id, token) if isinstance(token, str) else None

    def _unwrap_for_node(self, session: Session, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        fault = self._faults.next("Decrypt")  # a node's call: nothing of it passes the gate
        if fault is not None and fault.refusal is not None:
            raise Undecryptable(f"{fault.refusal.code}: {fault.refusal.message}")
        return self._unwrap(session, wrapped, context)

    def _end(self, session_id: str) -> None:
        agent = self._agents.get(session_id)
        if agent is not None:
            agent.end("")
            self._forget(session_id)

    def _forget(self, session_id: str) -> None:
        """Later: until its shell is dead, `stop` must know of it."""
        self._loop.call_later(_FORGET, self._agents.pop, session_id, None)

    async def _disturb(self, session_id: str, what: str, options: Mapping[str, str]) -> bool:
        agent = self._agents.get(session_id)
        if agent is None:
            return False
        if agent.mischief.order(what, options):
            return True
        link = agent.link
        if link is None:
            return False
        match what:
            case "cut":
                link.transport.abort()
            case "bye":
                await link.close(1000, "Bye")
            case "garbage":
                await link.send(os.urandom(200))
            case "pause" | "start":
                agent.pause(on=what == "pause")
                paused = MessageType.PAUSE_PUBLICATION
                await link.send(notice(paused if what == "pause" else MessageType.START_PUBLICATION))
            case "close":
                agent.end(options.get("output", ""))
                self._mark_ended(session_id)
            case _:
                return False
        return True

    def _mark_ended(self, session_id: str) -> None:
        if self._sessions is not None:
            self._sessions.mark(session_id, Status.TERMINATED)


def _is_old(version: object) -> bool:
    """Whether a plugin of this version signs nothing; the oldest do not tell their version."""
    parts = str(version or "0").split(".")
    return all(part.isdecimal() for part in parts) and tuple(map(int, parts)) < _FIRST_TO_SIGN
