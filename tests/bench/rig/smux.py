"""The server's side of smux version 1: many TCP connections in one stream of bytes."""

import asyncio
import struct

from tests.bench.rig import wire

SYN, FIN, PUSH, NOP, UPDATE = range(5)
FRAME_LIMIT = 32768
UPDATE_LENGTH = 8
WRITE_LIMIT = 1 << 22  # bytes a target may leave unread before the client is held back
SYNS_TOLD = 3

_HEADER = struct.Struct("<BBHI")


class Stream(asyncio.Protocol):
    """One stream, and the TCP connection it stands for."""

    def __init__(self, mux, number):
        self.mux, self.number = mux, number
        self.transport = None
        self.pending = []  # came before the target answered
        self.finished = False
        self.closed = False
        self.blocked = False

    def connection_made(self, transport):
        self.transport = transport
        transport.set_write_buffer_limits(high=WRITE_LIMIT)
        if self.mux.session.held:
            transport.pause_reading()
        for data in self.pending:
            transport.write(data)
        self.pending = []
        if self.finished:
            transport.close()

    def data_received(self, data):
        self.mux.push(self.number, data)

    def eof_received(self):
        return False

    def pause_writing(self):
        if not self.blocked:
            self.blocked = True
            self.mux.session.target_blocked(+1)

    def resume_writing(self):
        if self.blocked:
            self.blocked = False
            self.mux.session.target_blocked(-1)

    def connection_lost(self, exc):
        self.resume_writing()
        self.close()

    def feed(self, data):
        """Pass on what the client sent."""
        if self.transport:
            self.transport.write(data)
        else:
            self.pending.append(data)

    def finish(self):
        """The client's FIN. The agent has no half-closed connections: it closes both ways."""
        self.finished = True
        if self.transport:
            self.transport.close()

    def pause(self, on):
        """Read no more of the target, or read on."""
        if self.transport and not self.transport.is_closing():
            (self.transport.pause_reading if on else self.transport.resume_reading)()

    def close(self):
        """Tell the client that the target is gone."""
        if not self.closed:
            self.closed = True
            self.mux.send(FIN, self.number)
            self.mux.streams.pop(self.number, None)


class Server:
    """All the streams of a session."""

    def __init__(self, session, version):
        self.session, self.version = session, version
        self.buffer = bytearray()
        self.streams = {}
        self.opened = 0
        self.most = 0
        self.broken = False
        self.dials = set()

    def frame(self, command, number, data=b""):
        return _HEADER.pack(self.version, command, len(data), number) + data

    def send(self, command, number, data=b""):
        self.session.send_output(self.frame(command, number, data))

    def push(self, number, data):
        """Send data of a target, in frames no longer than the agent's."""
        parts = (data[at : at + FRAME_LIMIT] for at in range(0, len(data), FRAME_LIMIT))
        self.session.send_output(b"".join(self.frame(PUSH, number, part) for part in parts))

    def feed(self, data):
        """Take bytes of the client, whose frames may come in pieces."""
        if self.broken:
            return
        buffer = self.buffer
        buffer += data
        at, end = 0, len(buffer)
        while end - at >= _HEADER.size:
            version, command, length, number = _HEADER.unpack_from(buffer, at)
            if version != self.version or command > UPDATE:
                self.session.event("smux_protocol_error", version=version, command=command)
                self.broken = True
                return
            body = {PUSH: length, UPDATE: UPDATE_LENGTH}.get(command, 0)
            start = at + _HEADER.size
            if end - start < body:
                break
            at = start + body
            self.take(command, number, bytes(buffer[start:at]))
        if at:
            del buffer[:at]

    def take(self, command, number, data):
        """Do what one frame says."""
        stream = self.streams.get(number)
        if command == SYN and stream is None:
            self.open(number)
        elif command == PUSH and stream and data:
            stream.feed(data)
        elif command == FIN and stream:
            stream.finish()
        elif command == NOP:
            self.session.event("smux_nop")

    def open(self, number):
        stream = self.streams[number] = Stream(self, number)
        self.opened += 1
        self.most = max(self.most, len(self.streams))
        if self.opened <= SYNS_TOLD:
            self.session.event("smux_syn", stream=number)
        dial = asyncio.get_running_loop().create_task(self.dial(stream))
        self.dials.add(dial)
        dial.add_done_callback(self.dials.discard)

    async def dial(self, stream):
        try:
            await asyncio.get_running_loop().create_connection(lambda: stream, *self.session.target)
        except OSError as error:
            self.session.event("dial_failed", error=str(error))
            self.session.send_stream(wire.FLAG, wire.pack_flag(wire.CONNECT_TO_PORT_ERROR))
            stream.close()

    def close(self):
        """End every connection, without a word to the client."""
        for stream in list(self.streams.values()):
            stream.closed = True
            if stream.transport:
                stream.transport.abort()
