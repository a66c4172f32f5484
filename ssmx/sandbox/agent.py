"""The agent of one session: it does its duty for a client at the other end of the data channel.

Everything here runs on the event loop of the websocket server. The behaviour is that of amazon-ssm-agent 3.3.0.0
in front of a stand-in service; what the service itself does (buffering, close codes) is this file's choice.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from ssmx.channel import payload
from ssmx.channel.encryption import FROM_AGENT, FROM_CLIENT
from ssmx.channel.frame import SYN, SYN_FIN, Message, MessageType, decode, encode, message_ids
from ssmx.channel.payload import PayloadType
from ssmx.channel.reliable import Inbox, Outbox
from ssmx.errors import ProtocolError
from ssmx.sandbox import greeting
from ssmx.sandbox.command import Command
from ssmx.sandbox.duty import Duty, Post
from ssmx.sandbox.encryption import Encryption, Unwrap
from ssmx.sandbox.far import Address, Far
from ssmx.sandbox.mischief import Mischief
from ssmx.sandbox.nodes import Node
from ssmx.sandbox.ports import Basic, Multiplexed
from ssmx.sandbox.sessions import Session, Sessions, Status
from ssmx.sandbox.terminal import Terminal

_DRAIN = 2.0  # seconds the agent waits for acknowledgements at the end
_LOOK_UP = 0.15  # seconds an agent looks for a host's address; the official plugin misses an earlier end
_LISTEN = 0.1  # seconds between two looks whether a silent node speaks again
_LATE = 0.05  # seconds a message that is to be overtaken waits for another

_new_id = message_ids(os.urandom)


class NodeAgent:
    """One session. A client may come, go and come again; its duty waits in between.

    `folder` is the sandbox's. While its node is `silent`, nothing is taken from the client and nothing is sent.
    """

    def __init__(
        self,
        session: Session,
        sessions: Sessions,
        *,
        folder: Path,
        far: Far,
        unwrap: Unwrap,
        silent: Callable[[Node], bool],
        first_output: float,
    ) -> None:
        self.mischief = Mischief()
        self.duty: Duty | None = None
        self.link: ServerConnection | None = None
        self._session = session
        self._sessions = sessions
        self._folder = folder
        self._far = far
        self._silent = silent
        self._first_output = first_output
        self._loop = asyncio.get_running_loop()
        epoch = time.time() - time.monotonic()
        self._outbox = Outbox(MessageType.OUTPUT, ids=_new_id, epoch=epoch, first_flags=SYN)
        self._inbox: Inbox[Message] = Inbox()
        self._untaken: set[int] = set()  # numbers that its duty has, and has not taken yet
        self._replies: list[bytes] = []
        self._work = asyncio.Event()
        self._encryption = Encryption(session, unwrap=unwrap) if session.work.kms_key else None
        self._response = b""  # the client's, to the handshake
        self._begun = self._shaking = self._paused = False
        self._goodbye: str | None = None
        self._draining = False
        self._drain_until = 0.0

    async def serve(self, link: ServerConnection) -> None:
        """Serve one connection of the client until it ends."""
        before, self.link = self.link, link
        if before is not None:
            before.transport.abort()
        self._sessions.mark(self._session.id, Status.CONNECTED)
        self._paused = False
        self._drain_until = time.monotonic() + _DRAIN
        self._replies = self._outbox.repeat_all(time.monotonic())
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
            self._draining = drain
            self._drain_until = time.monotonic() + (_DRAIN if drain else 0.0)
        if not drain and self.duty is not None:
            self.duty.close()
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
            challenge = self._encryption.challenge if self._encryption is not None else ""
            self._outbox.put(PayloadType.HANDSHAKE_REQUEST, greeting.request(work, node.agent, challenge))
            self._loop.call_later(greeting.LIMIT, self._shaken_too_late)
        else:
            self._begin_duty(client="")

    def _shaken_too_late(self) -> None:
        if self._shaking:
            self.fail(greeting.UNPROVEN if self._response else greeting.TIMED_OUT)

    def _answered(self, response: bytes) -> None:
        """The client has answered the handshake; where it has sent a key, it has to prove that it has it too."""
        self._response = response
        refusal = greeting.verdict(response)
        if not refusal and self._encryption is not None:
            refusal = self._encryption.take_key(response)
        if refusal:
            self._shaking = False
            self.fail(refusal)
        elif self._encryption is not None:
            self._outbox.put(PayloadType.CHALLENGE_REQUEST, self._encryption.question())
        else:
            self._shaken()

    def _proven(self, answer: bytes) -> None:
        assert self._encryption is not None
        if self._encryption.proves(answer):
            self._shaken()
        else:
            self._shaking = False
            self.fail("Encryption challenge does not match.")

    def _shaken(self) -> None:
        self._shaking = False
        work = self._session.work
        self._outbox.put(PayloadType.HANDSHAKE_COMPLETE, greeting.complete(encrypted=self._encryption is not None))
        if refusal := greeting.forbidden(work):
            self._loop.call_later(_LOOK_UP, lambda: self.end(refusal, drain=True))
            return
        self._begin_duty(client=greeting.client_version(self._response))

    def _begin_duty(self, *, client: str) -> None:
        work, node = self._session.work, self._session.node
        home = self._folder / "nodes" / node.id
        post = Post(
            say=self._say,
            listens=lambda: self.link is not None and not self._paused and self._outbox.room > 0,
            acknowledge=self._acknowledge,
            end=self._end_duty,
            fail=self.fail,
            far=self._far,
        )
        match work.kind:
            case "Port":
                where = Address(node.id, node.tags.get("Name", ""), node.host, node.address, work.port, work.host)
                if greeting.multiplexes(work, node.agent, client):
                    self.duty = Multiplexed(post, where, keep_alive=greeting.keeps_alive(node.agent, client))
                else:
                    self.duty = Basic(post, where, ssh=not work.forwards)
            case "NonInteractiveCommands":
                separate = work.separate and greeting.tells_status(node.agent)
                self.duty = Command(post, home=home, host=node.host, command=work.command, separate=separate)
            case kind:
                self.duty = Terminal(
                    post,
                    home=home,
                    host=node.host,
                    command=work.command if kind == "InteractiveCommands" else "",
                    profile=work.profile,
                    first_output=self._first_output,
                )
        self.duty.begin()

    # from its duty to the client

    def _say(self, kind: PayloadType, content: bytes) -> None:
        if self._encryption is not None and self._encryption.cipher is not None and kind in FROM_AGENT:
            content = self._encryption.cipher.encrypt(content)
        self._outbox.put(kind, content)
        self._sessions.touch(self._session)
        self._work.set()

    def _end_duty(self, output: str) -> None:
        self.end(output, drain=True)

    def _attend(self) -> None:
        if self.duty is not None:
            self.duty.attend()

    async def _send(self, link: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            while True:
                self._work.clear()
                if self._silent(self._session.node):
                    self._replies.clear()
                    if self._goodbye is not None and not self._draining:  # the service ends it, not the node
                        await self._say_goodbye(link, self._goodbye)
                        return
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._work.wait(), _LISTEN)
                    continue
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
        if self.duty is not None:
            self.duty.close()
        await link.send(notice(MessageType.CHANNEL_CLOSED, json.dumps(body).encode()))
        await link.close(1000, "Bye")

    # from the client to its duty

    def _take(self, frame: bytes) -> None:
        if self._silent(self._session.node):
            return
        try:
            message = decode(frame)
            if message.type == MessageType.ACKNOWLEDGE:
                self._outbox.acknowledged(payload.parse_acknowledge(message.payload), time.monotonic())
                if self._draining:  # an agent waits only when it has sent everything, and has no window
                    self._drain_until = time.monotonic() + _DRAIN
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
        if acknowledge and message not in ready and message.sequence not in self._untaken:
            self._acknowledge(message)
        for each in ready:
            self._handle(each)

    def _handle(self, message: Message) -> None:
        if message.payload_type == PayloadType.HANDSHAKE_RESPONSE and self._shaking:
            self._acknowledge(message)
            if not self._response:
                self._answered(message.payload)
        elif message.payload_type == PayloadType.CHALLENGE_RESPONSE and self._shaking and self._response:
            self._acknowledge(message)
            self._proven(message.payload)
        elif self.duty is None or self._shaking:
            self._acknowledge(message)  # and thrown away
        else:
            message = self._decrypted(message)
            self._untaken.add(message.sequence)
            self.duty.take(message)

    def _decrypted(self, message: Message) -> Message:
        """The message in clear; ProtocolError, and so nothing, where it is not encrypted as it should be."""
        cipher = self._encryption.cipher if self._encryption is not None else None
        if cipher is None or message.payload_type not in FROM_CLIENT:
            return message
        return message._replace(payload=cipher.decrypt(message.payload))

    def _acknowledge(self, message: Message) -> None:
        self._untaken.discard(message.sequence)
        text = payload.acknowledge(message.type, message.id, message.sequence)
        self._replies.append(notice(MessageType.ACKNOWLEDGE, text))
        self._work.set()


def notice(kind: MessageType, content: bytes = b"") -> bytes:
    """A message outside the two numbered streams."""
    return encode(Message(kind, 0, SYN_FIN, 0, content, _new_id(), int(time.time() * 1000)))
