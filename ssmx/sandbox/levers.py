"""The control routes under /_sandbox: what tests ask of the sandbox that no AWS would do.

POST fault, POST reset, GET requests, GET sessions, POST session/<id>/<what>, POST node/<id>. Only with the secret
key as bearer, which the gate has checked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qsl

from ssmx.sandbox.calls import Faults, Log
from ssmx.sandbox.nodes import CONNECTION_LOST, ONLINE, Nodes
from ssmx.sandbox.refusal import Answer
from ssmx.sandbox.sessions import Sessions

PREFIX = "/_sandbox/"


class Disturber(Protocol):
    """Who can disturb a live session: the agents, from another thread."""

    def disturb(self, session_id: str, what: str, options: Mapping[str, str]) -> bool:
        """Do it; whether there was such a session and such a disturbance. Raises ValueError."""

    def quiet(self) -> None:
        """End all disturbances that last."""

    def facts(self, session_id: str) -> Mapping[str, Any]:
        """What the agent knows of a session."""


@dataclass(frozen=True, slots=True)
class Levers:
    """What the control routes move."""

    sessions: Sessions
    nodes: Nodes
    log: Log
    faults: Faults
    agents: Disturber

    def pull(self, method: str, path: str, query: str, body: bytes) -> Answer:
        """Do what the route says."""
        options = dict(parse_qsl(query, keep_blank_values=True))
        try:
            return self._pull(method, path.removeprefix(PREFIX).split("/"), options, body)
        except (ValueError, KeyError, TypeError) as error:
            return _answer(400, {"error": f"{type(error).__name__}: {error}"})

    def _pull(self, method: str, parts: list[str], options: Mapping[str, str], body: bytes) -> Answer:
        match method, parts:
            case "GET", ["requests"]:
                return _answer(200, {"requests": self.log.entries()})
            case "GET", ["sessions"]:
                return _answer(200, {"sessions": [self._session(each.id) for each in self.sessions.every()]})
            case "POST", ["fault"]:
                self.faults.order(json.loads(body))
            case "POST", ["reset"]:
                self.faults.clear()
                self.log.clear()
                self.nodes.restore()
                self.agents.quiet()
            case "POST", ["session", session_id, what]:
                if not self.agents.disturb(session_id, what, options):
                    return _answer(404, {"error": f"no open session {session_id}, or no such thing as {what}"})
            case "POST", ["node", node_id]:
                self._node(node_id, json.loads(body))
            case _:
                return _answer(404, {"error": "no such route"})
        return _answer(200, {})

    def _session(self, session_id: str) -> dict[str, Any]:
        session = next(each for each in self.sessions.every() if each.id == session_id)
        return {
            "id": session.id,
            "target": session.node.id,
            "token": session.token,
            "status": session.status.value,
            "owner": session.owner,
            "document": session.work.document,
            **self.agents.facts(session_id),
        }

    def _node(self, node_id: str, body: Mapping[str, Any]) -> None:
        agent = self.nodes.agent(node_id)
        if "ping" in body:
            if body["ping"] not in (ONLINE, CONNECTION_LOST):
                raise ValueError(f"ping is {ONLINE} or {CONNECTION_LOST}")
            agent.ping = body["ping"]
        if "agent_version" in body:
            agent.version = str(body["agent_version"])
        for what in {"barred", "silent"} & body.keys():
            if body[what] not in (True, False):
                raise ValueError(f"{what} is true or false")
            setattr(agent, what, body[what])


def _answer(status: int, body: Mapping[str, Any]) -> Answer:
    return Answer(status, [("Content-Type", "application/json")], json.dumps(body).encode())
