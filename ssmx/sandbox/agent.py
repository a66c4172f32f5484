"""The agent of one session: it serves the node's shell to a client over the data channel.

Everything here runs on the event loop of the websocket server. The behaviour is that of amazon-ssm-agent 3.3.0.0
in front of a stand-in service; what the service itself does (buffering, close codes) is this file's choice.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections import deque
from contextlib import suppress
from pathlib import Path

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from ssmx.channel import payload
from ssmx.channel.frame import SYN, SYN_FIN, Message, MessageType, decode, encode
from ssmx.channel.payload import Flag, PayloadType
from ssmx.channel.reliable import WINDOW, Inbox, Outbox
from ssmx.errors import ProtocolError
from ssmx.sandbox import greeting
from ssmx.sandbox.mischief import Mischief
from ssmx.sandbox.sessions import Session, Sessions, Status
from ssmx.sandbox.shell import Shell
from ssmx.sandbox.utf8 import Cutter

_DRAIN = 2.0  # seconds the agent waits for acknowledgements at the end
_AHEAD = 2 * WINDOW  # messages read from the shell before the client has acknowledged them
_LATE = 0.05  # seconds a message that is to be overtaken waits for another
_PASTED = 64 * 1024  # bytes read at a turn, so that acknowledgements get theirs


class NodeAgent:
    """One session. A client may come, go and come again; the shell waits in between."""

    def __init__(self, session: Session, sessions: Sessions, *, home: Path, first_output: float) -> None:
        self.mischief = Mischief()
        self.shell: Shell | None = None
        self.link: ServerConnection | None = None
        self._session = session
        self._sessions = sessions
        self._home = home
        self._first_output = first_output
        self._loop = asyncio.get_running_loop()
        epoch = time.time() - time.monotonic()
        self._outbox = Outbox(MessageType.OUTPUT, ids=uuid.uuid4, epoch=epoch, first_flags=SYN)
        self._inbox: Inbox[Message] = Inbox()
        self._cutter = Cutter()
        self._typed: deque[tuple[Message, bytes]] = deque()  # not yet taken by the terminal
        self._replies: list[bytes] = []
        self._work = asyncio.Event()
        self._begun = self._shaking = self._speaks = self._reading = self._paused = False
        self._goodbye: str | None = None
        self._drain_until = 0.0

    async def serve(self, link: ServerConnection) -> None:
        """Serve one connection of the client until it ends."""
        before, self.link = self.link, link
        if before is not None:
            before.transport.abort()
        self._sessions.mark(self._session.id, Status.CONNECTED)
        self._paused = False
        self._drain_until = time.monotonic() + _DRAIN
        self._outbox.repeat_all(time.monotonic())
        if not self._begun:
            self._begin()
        self._attend()  # what was printed while nobody was there, where nothing is due that would be acknowledged
        sender = asyncio.create_task(self._send(link))
        try:
            async for frame in link:
                if isinstance(frame, bytes):
                    for arrived in self.mischief.inward.take(frame):
                        self._take(arrived)
        finally:
            sender.cancel()
            with suppress(asyncio.CancelledError, ConnectionClosed):
                await sender
            if self.link is link:
                self.link = None
                self._sessions.mark(self._session.id, Status.DISCONNECTED)
                self._attend()

    def end(self, output: str, *, drain: bool = False) -> None:
        """The session is over: tell the client, after the last output where it is to be drained."""
        if self._goodbye is None or not drain:
            self._goodbye = output
            self._drain_until = time.monotonic() + (_DRAIN if drain else 0.0)
        if not drain:
            self._close_shell()
        self._work.set()

    def fail(self, text: str) -> None:
        """End with an error of the agent."""
        self.end(f"\n----------ERROR-------\n{text}", drain=True)

    def pause(self, *, on: bool) -> None:
        """pause_publication: send and read nothing until start_publication, input or an acknowledgement."""
        self._paused = on
        self._attend()
        self._work.set()

    def _begin(self) -> None:
        self._begun = True
        work, node = self._session.work, self._session.node
        refusal = greeting.refused(work, node.agent)
        if refusal:
            self.fail(refusal)
        elif greeting.wanted(work):
            self._shaking = True
            self._outbox.put(PayloadType.HANDSHAKE_REQUEST, greeting.request(work, node.agent))
            self._loop.call_later(greeting.LIMIT, self._shaken_too_late)
        else:
            self.shell = Shell(
                home=self._home,
                host=node.host,
                command=work.command if work.kind == "InteractiveCommands" else "",
                on_exit=self._shell_ended_elsewhere,
            )
            if work.profile:
                self.shell.write(work.profile.encode() + b"\n")
            self._loop.call_later(self._first_output, self._speak)

    def _shaken_too_late(self) -> None:
        if self._shaking:
            self.fail(greeting.TIMED_OUT)

    def _speak(self) -> None:
        self._speaks = True
        self._attend()

    # from the shell to the client

    def _attend(self) -> None:
        """Read the shell exactly while somebody listens who keeps up."""
        if self.shell is None or self.shell.master < 0:
            return
        listens = self._speaks and self.link is not None and not self._paused
        wanted = listens and self._outbox.backlog < _AHEAD
        if wanted and not self._reading:
            self._loop.add_reader(self.shell.master, self._printed)
        elif self._reading and not wanted:
            self._loop.remove_reader(self.shell.master)
        self._reading = wanted

    def _printed(self, most: int = _PASTED) -> None:
        while self.shell is not None and most > 0 and (data := self.shell.read(most)):
            most -= len(data)
            for piece in self._cutter.cut(data):
                self._outbox.put(PayloadType.OUTPUT, piece)
        self._sessions.touch(self._session)
        self._work.set()
        self._attend()

    def _shell_ended_elsewhere(self) -> None:
        with suppress(RuntimeError):  # the loop is gone: so is the sandbox
            self._loop.call_soon_threadsafe(self._shell_ended)

    def _shell_ended(self) -> None:
        if self._goodbye is None:
            self._printed(most=1 << 30)
            self._close_shell()
            self.end("", drain=True)

    def _close_shell(self) -> None:
        if self.shell is not None and self.shell.master >= 0:
            self._loop.remove_reader(self.shell.master)
            self._loop.remove_writer(self.shell.master)
            self._reading = False
            self.shell.close()

    async def _send(self, link: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            while True:
                self._work.clear()
                frames, self._replies = self._replies, []
                now = time.monotonic()
                if not self._paused:
                    frames += self._outbox.transmit(now)
                for frame in frames:
                    for leaving in self.mischief.outward.take(frame):
                        await link.send(leaving)
                if self._goodbye is not None and (not self._outbox.backlog or now >= self._drain_until):
                    await self._say_goodbye(link, self._goodbye)
                    return
                if not self._work.is_set():
                    await self._rest(link)

    async def _rest(self, link: ServerConnection) -> None:
        """Wait for work, or for the moment when something is due."""
        due = [moment for moment in (self._outbox.next_deadline(),) if moment is not None and not self._paused]
        due += [self._drain_until] if self._goodbye is not None else []
        late = self.mischief.inward.late or self.mischief.outward.late
        due += [time.monotonic() + _LATE] if late else []
        with suppress(TimeoutError):
            await asyncio.wait_for(self._work.wait(), min(due) - time.monotonic() if due else None)
            return
        for frame in self.mischief.inward.release():
            self._take(frame)
        for frame in self.mischief.outward.release():
            await link.send(frame)

    async def _say_goodbye(self, link: ServerConnection, output: str) -> None:
        body = {
            "MessageId": str(uuid.uuid4()),
            "CreatedDate": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
            "DestinationId": self._session.id,
            "SessionId": self._session.id,
            "MessageType": "channel_closed",
            "SchemaVersion": 1,
            "Output": output,
        }
        self._sessions.mark(self._session.id, Status.TERMINATED)
        await link.send(notice(MessageType.CHANNEL_CLOSED, json.dumps(body).encode()))
        await link.close(1000, "Bye")

    # from the client to the shell

    def _take(self, frame: bytes) -> None:
        try:
            message = decode(frame)
            if message.type == MessageType.ACKNOWLEDGE:
                acknowledged = payload.parse_acknowledge(message.payload)
                self._outbox.acknowledged(acknowledged.sequence, time.monotonic())
            elif message.type == MessageType.INPUT:
                self._input(message)
            else:
                return
        except ProtocolError:
            return  # as the agent does: dropped, and so sent again
        self._paused = False
        self._work.set()
        self._attend()

    def _input(self, message: Message) -> None:
        ready, acknowledge = self._inbox.accept(message.sequence, message)
        self._sessions.touch(self._session)
        waits = any(message.sequence == typed.sequence for typed, _ in self._typed)
        if acknowledge and message not in ready and not waits:
            self._acknowledge(message)
        for each in ready:
            self._handle(each)

    def _handle(self, message: Message) -> None:
        if message.payload_type == PayloadType.OUTPUT and self.shell is not None and not self._shaking:
            self._typed.append((message, message.payload))
            self._type()
            return
        self._acknowledge(message)
        if message.payload_type == PayloadType.HANDSHAKE_RESPONSE and self._shaking:
            self._shaking = False
            self.fail(greeting.verdict(self._session.work, message.payload))
        elif message.payload_type == PayloadType.SIZE and self.shell is not None:
            self.shell.resize(*payload.parse_size(message.payload))
        elif (
            message.payload_type == PayloadType.FLAG
            and payload.parse_flag(message.payload) == Flag.TERMINATE_SESSION
        ):
            self.end("")

    def _type(self) -> None:
        """Give the terminal what was typed; a message is acknowledged when all of it is there."""
        while self._typed and self.shell is not None and self.shell.master >= 0:
            message, rest = self._typed[0]
            rest = rest[self.shell.write(rest) :]
            if rest:
                self._typed[0] = (message, rest)
                self._loop.add_writer(self.shell.master, self._type)
                return
            self._typed.popleft()
            self._acknowledge(message)
            self._loop.remove_writer(self.shell.master)

    def _acknowledge(self, message: Message) -> None:
        text = payload.acknowledge(message.type, message.id, message.sequence)
        self._replies.append(notice(MessageType.ACKNOWLEDGE, text))
        self._work.set()


def notice(kind: MessageType, content: bytes = b"") -> bytes:
    """A message outside the two numbered streams."""
    return encode(Message(kind, 0, SYN_FIN, 0, content, uuid.uuid4(), int(time.time() * 1000)))
