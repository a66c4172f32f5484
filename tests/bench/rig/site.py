"""All sessions of a rig: the API calls and the control routes."""

import asyncio
import os
import secrets
import struct
from dataclasses import dataclass, field

from tests.bench.rig import ends, kms, wire
from tests.bench.rig.session import Session

TEXT, CLOSE = 1, 8
NORMAL = 1000
BYE_TIME = 0.05


@dataclass
class Site:
    """What all connections share."""

    options: object
    port: int = 0
    # In the path of the API: a session runs commands, and other users of this machine can reach the port.
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    sessions: dict = field(default_factory=dict)

    def start(self, request):
        session = Session(request, self.options)
        self.sessions[session.id] = session
        return self.started(session)

    def started(self, session):
        """The answer to StartSession and ResumeSession."""
        url = f"ws://{self.options.host}:{self.port}/v1/data-channel/{session.id}?role=publish_subscribe"
        if self.options.cell_number:
            url += f"&cell-number={self.options.cell_number}"
        return {"SessionId": session.id, "TokenValue": session.token, "StreamUrl": url}

    def call(self, operation, request):
        """The status and the answer of an API call."""
        if operation == "StartSession":
            return 200, self.start(request)
        if operation == "GenerateDataKey":
            known = self.sessions.get((request.get("EncryptionContext") or {}).get("aws:ssm:SessionId"))
            if known:
                known.event("kms_generate_data_key", req=request)
            return 200, kms.generate(request)
        if operation not in ("ResumeSession", "TerminateSession"):
            return 400, {"__type": "UnknownOperationException", "message": operation}
        session = self.sessions[request["SessionId"]]
        if operation == "TerminateSession":
            session.event("terminate_session")
            session.spawn(session.finish(""))
            return 200, {"SessionId": session.id}
        return self.resume(session)

    def resume(self, session):
        session.event("resume_session")
        if session.faults.get("resume_gone"):
            return 400, {"__type": "DoesNotExistException", "message": "fault"}
        if session.faults.get("resume_denied"):
            return 400, {"__type": "AccessDeniedException", "message": "ssm:ResumeSession"}
        if session.faults.get("resume_error", 0) > 0:
            session.faults["resume_error"] -= 1
            return 500, {"__type": "InternalServerError", "message": "fault"}
        if session.faults.get("resume_expired") or session.closing:
            return 200, {"SessionId": session.id}  # no token: timed out
        session.renew()
        return 200, self.started(session)

    def control(self, parts, query):
        """Do what a control route says."""
        if not parts:
            return sorted(self.sessions)
        if parts[0] == "new":
            document, target = query.pop("DocumentName", None), query.pop("Target", "i-0fake")
            parameters = {name: [value] for name, value in query.items()}
            return self.start({"Target": target, "DocumentName": document, "Parameters": parameters})
        session = self.sessions[parts[0]]
        what = parts[1] if len(parts) > 1 else "status"
        if what == "status":
            return status(session)
        order(session, what, query)
        return {"ok": what}


def status(session):
    """What there is to know of a session."""
    mux = session.end.server if isinstance(session.end, ends.Mux) else None
    return {
        "counters": session.counters,
        "unacked": len(session.unacknowledged),
        "in_seq": session.in_sequence,
        "out_seq": session.out_sequence,
        "rto": session.retry_after,
        "srtt": session.round_trip,
        "connected": session.connection is not None,
        "closing": session.closing,
        "client_version": session.client_version,
        "plugin": type(session.end).__name__,
        "streams": (len(mux.streams), mux.most, mux.opened) if mux else None,
        "events": session.events,
    }


def order(session, what, query):
    """Do something to a session, or to its connection if it has one."""
    connection = session.connection
    if what == "fault":
        session.faults.update({name: int(value) for name, value in query.items()})
    elif what in ("agent_pause", "agent_unpause"):
        session.paused = what == "agent_pause"
        session.faults["stay_paused"] = int(session.paused)
        session.hold("paused", session.paused)
    elif what == "close":
        session.spawn(session.finish(query.get("output", "")))
    elif what == "late_ack":
        late = wire.Message("input_stream_data", 1, int(query.get("seq", 0)), 0, os.urandom(16), b"", 0, 0, b"")
        session.acknowledge(late)
    elif what not in ("drop", "bye", "hole", "pause", "start", "text"):
        raise ValueError(what)
    elif connection:
        disturb(connection, what, query)


def disturb(connection, what, query):
    """Do something to a connection."""
    if what == "drop":
        connection.transport.abort()
    elif what == "bye":  # what the service does about once an hour
        connection.send([struct.pack(">H", NORMAL) + b"Bye"], CLOSE)
        connection.session.detach(connection)
        asyncio.get_running_loop().call_later(BYE_TIME, connection.transport.close)
    elif what == "hole":
        connection.hole = True
        connection.session.hold("connection", True)
    elif what == "text":
        connection.send([query.get("m", "hello").encode()], TEXT)
    else:
        connection.send([wire.pack(f"{what}_publication", 0, 0, 0, b"")])
