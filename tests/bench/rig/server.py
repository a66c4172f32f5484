"""One TCP port for everything: the API, the websocket of each session, and the control routes."""

import asyncio
import base64
import hashlib
import hmac
import http
import json
import re
import socket
import struct
from urllib.parse import parse_qs, urlsplit

try:
    from websockets.speedups import apply_mask
except ImportError:

    def apply_mask(data, mask):
        """The same, slowly."""
        key = int.from_bytes((mask * (len(data) // 4 + 1))[: len(data)], "little")
        return (int.from_bytes(data, "little") ^ key).to_bytes(len(data), "little")


WEBSOCKET_KEY = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
FINAL, MASKED = 0x80, 0x80
REFUSED = 1008
BYE_TIME = 0.05
AMAZON, PLAIN = "application/x-amz-json-1.1", "application/json"


class Connection(asyncio.Protocol):
    """One TCP connection, which may become a websocket."""

    def __init__(self, site):
        self.site = site
        self.delay = site.options.delay_ms / 1000
        self.buffer = bytearray()
        self.session = None  # of the websocket
        self.fragments = None
        self.outgoing = []
        self.hole = False  # takes nothing in, lets nothing out

    def connection_made(self, transport):
        self.transport = transport
        transport.set_write_buffer_limits(high=1 << 20, low=1 << 18)

    def connection_lost(self, exc):
        if self.session:
            self.session.detach(self)

    def pause_writing(self):
        self.hold(True)

    def resume_writing(self):
        self.hold(False)

    def hold(self, on):
        if self.session and self.session.connection is self and not self.hole:
            self.session.hold("connection", on)

    def pause(self, on):
        """Read no more of the client, or read on."""
        if not self.transport.is_closing():
            (self.transport.pause_reading if on else self.transport.resume_reading)()

    def data_received(self, data):
        if self.session and self.delay:
            asyncio.get_running_loop().call_later(self.delay, self.take, data)
        else:
            self.take(data)

    def take(self, data):
        if self.hole:
            return
        self.buffer += data
        while not self.session and self.take_request():
            pass
        if self.session:
            self.take_frames()

    # The websocket

    def send(self, payloads, opcode=BINARY):
        """Send frames, together with all others of this turn of the loop."""
        if self.hole:
            return
        parts = []
        for payload in payloads:
            size = len(payload)
            if size < 126:
                parts.append(bytes((FINAL | opcode, size)))
            elif size < 65536:
                parts.append(struct.pack(">BBH", FINAL | opcode, 126, size))
            else:
                parts.append(struct.pack(">BBQ", FINAL | opcode, 127, size))
            parts.append(payload)
        data = b"".join(parts)
        loop = asyncio.get_running_loop()
        if self.delay:
            loop.call_later(self.delay, self.write, data)
            return
        if not self.outgoing:
            loop.call_soon(self.flush)
        self.outgoing.append(data)

    def flush(self):
        data, self.outgoing = b"".join(self.outgoing), []
        self.write(data)

    def write(self, data):
        if not self.hole and not self.transport.is_closing():
            self.transport.write(data)

    def take_frames(self):
        buffer, at = self.buffer, 0
        while len(buffer) - at >= 2 and not self.hole:
            first, second = buffer[at], buffer[at + 1]
            size, head = second & 0x7F, 2
            if size >= 126:
                head = 4 if size == 126 else 10
                if len(buffer) - at < head:
                    break
                size = int.from_bytes(buffer[at + 2 : at + head], "big")
            head += 4 if second & MASKED else 0
            start = at + head
            if len(buffer) < start + size:
                break
            payload = bytes(buffer[start : start + size])
            if second & MASKED:
                payload = apply_mask(payload, bytes(buffer[start - 4 : start]))
            at = start + size
            self.join(first & 0x0F, payload, final=bool(first & FINAL))
        del buffer[:at]

    def join(self, opcode, payload, *, final):
        """Put a message's fragments together."""
        if opcode == CONTINUATION and self.fragments:
            self.fragments[1] += payload
            if final:
                (opcode, payload), self.fragments = self.fragments, None
                self.frame(opcode, bytes(payload))
        elif not final and opcode in (TEXT, BINARY):
            self.fragments = [opcode, bytearray(payload)]
        else:
            self.frame(opcode, payload)

    def frame(self, opcode, payload):
        session = self.session
        if opcode == PING:
            session.counters["pings"] += 1
            if session.counters["pings"] == 1:
                session.event("ping", payload=payload.decode("latin-1"))
            self.send([payload], PONG)
        elif opcode == CLOSE:
            session.event("client_close_frame", payload=payload.hex())
            self.send([payload], CLOSE)
        elif opcode == TEXT:
            self.open(payload)
        elif opcode == BINARY and session.connection is self:
            session.receive(payload)

    def open(self, payload):
        """The client's open-data-channel message."""
        session = self.session
        try:
            body = json.loads(payload)
        except ValueError:
            session.event("bad_text", text=payload[:200].decode("latin-1"))
            return
        right = body.get("TokenValue") == session.token
        session.event("open_data_channel", body={**body, "TokenValue": "<matches>" if right else "<WRONG>"})
        if right:
            session.attach(self)
            return
        session.event("bad_token")
        self.send([struct.pack(">H", REFUSED) + b"bad token"], CLOSE)
        asyncio.get_running_loop().call_later(self.delay + BYE_TIME, self.transport.close)

    # HTTP

    def take_request(self):
        """Answer one request; whether there was one."""
        head, found, rest = bytes(self.buffer).partition(b"\r\n\r\n")
        if not found:
            return False
        first, *lines = head.decode("latin-1").split("\r\n")
        path = first.split(" ")[1]
        headers = {name.strip().lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
        size = int(headers.get("content-length") or 0)
        if len(rest) < size:
            return False
        del self.buffer[: len(head) + 4 + size]
        if headers.get("upgrade", "").lower() == "websocket":
            self.upgrade(path, headers)
            return False
        try:
            status, answer, kind = self.route(path, headers, rest[:size])
        except Exception as error:
            status, answer, kind = 500, {"__type": "InternalError", "message": repr(error)}, PLAIN
        data = json.dumps(answer).encode()
        lines = f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}\r\nContent-Type: {kind}\r\n"
        lines += f"Content-Length: {len(data)}\r\nConnection: keep-alive\r\n\r\n"
        self.transport.write(lines.encode() + data)
        return True

    def route(self, path, headers, body):
        parts = urlsplit(path)
        secret, *words = [word for word in parts.path.split("/") if word] or [""]
        if not hmac.compare_digest(secret.encode(), self.site.secret.encode()):
            return 403, {"message": "not for you"}, PLAIN
        if operation := headers.get("x-amz-target"):
            return *self.site.call(operation.split(".")[-1], json.loads(body or b"{}")), AMAZON
        if words[:1] != ["_ctl"]:
            return 404, {"message": "no"}, PLAIN
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return 200, self.site.control(words[1:], query), PLAIN

    def upgrade(self, path, headers):
        parts = urlsplit(path)
        match = re.match(r"/v1/data-channel/([^/?]+)$", parts.path)
        session = self.site.sessions.get(match.group(1)) if match else None
        refused = session is not None and session.faults.get("refuse_upgrade", 0) > 0
        if session is None or refused:
            if refused:
                session.faults["refuse_upgrade"] -= 1
                session.event("upgrade_refused")
            self.transport.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            self.transport.close()
            return
        accept = base64.b64encode(
            hashlib.sha1(headers["sec-websocket-key"].encode() + WEBSOCKET_KEY).digest()
        ).decode()
        lines = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        self.transport.write(f"{lines}Sec-WebSocket-Accept: {accept}\r\n\r\n".encode())
        self.session = session
        shown = {name: value for name, value in headers.items() if name != "sec-websocket-key"}
        session.event("upgrade", query=parts.query, headers=shown)
        raw = self.transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
