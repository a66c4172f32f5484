"""The native client in this process, against the rig: a service and an agent that share no code with it."""

import asyncio
import base64
import hashlib
import json
import os
import struct
import urllib.error
import urllib.request
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import replace

import pytest

from ssmx.channel.cipher import SessionCipher
from ssmx.errors import AccessDenied, TryLater
from ssmx.model.plan import plan_forward
from ssmx.model.session import Session
from ssmx.model.target import Target
from ssmx.signals import Signals
from ssmx.transport.native.support import Support
from ssmx.transport.native.transport import NativeTransport
from ssmx.tunnel.listener import Listener
from tests.bench.rig.control import TARGET


class Client:
    """Opens links through one rig, and remembers what the user was told."""

    def __init__(self, rig):
        self.rig = rig
        self.notes = []
        self.support = Support(
            sign=lambda _: {},
            authorities=lambda: "",
            resume=self.resume,
            resume_seconds=20.0,
            escapes=True,
            session_key=self.session_key,
            asked_here=lambda _: nullcontext(),
            note=self.notes.append,
            detail=lambda _: None,
        )

    def resume(self, session_id):
        """ResumeSession, with the errors that ssmx makes of its answers."""
        try:
            answer = self.rig.call("ResumeSession", SessionId=session_id)
        except urllib.error.HTTPError as error:
            kind = json.load(error)["__type"]
            if kind == "DoesNotExistException":
                return None
            raise (AccessDenied if kind == "AccessDeniedException" else TryLater)(kind) from error
        return Session(session_id, answer["StreamUrl"], answer["TokenValue"]) if "TokenValue" in answer else None

    def session_key(self, key_id, context):
        """GenerateDataKey of the rig's own KMS."""
        answer = self.rig.call("GenerateDataKey", KeyId=key_id, NumberOfBytes=64, EncryptionContext=context)
        plaintext, wrapped = (base64.b64decode(answer[each]) for each in ("Plaintext", "CiphertextBlob"))
        return SessionCipher(plaintext, random=os.urandom), wrapped

    @asynccontextmanager
    async def link(self, port, **changed):
        """A link to a far port on this machine, and its session's id."""
        _, answer = self.rig.start("AWS-StartPortForwardingSession", portNumber=port)
        session = Session(answer["SessionId"], answer["StreamUrl"], answer["TokenValue"])
        transport = NativeTransport(replace(self.support, **changed), signals=Signals(print))
        link = await transport.open(session, plan_forward(Target(TARGET, "us-east-1"), port=port))
        try:
            yield link, session.id
        finally:
            await link.close()

    @asynccontextmanager
    async def tunnel(self, port, *, refused=lambda: None, **changed):
        """The same behind a local port; gives the port, the session's id and the link."""
        async with AsyncExitStack() as stack:
            link, session_id = await stack.enter_async_context(self.link(port, **changed))
            listener = Listener(link, refused=lambda _stream: bool(refused()))
            stack.push_async_callback(listener.close)
            yield await listener.start(), session_id, link

    async def order(self, session_id, what, **options):
        return await asyncio.to_thread(self.rig.order, session_id, what, **options)


@pytest.fixture
def client(rig):
    return Client(rig)


@pytest.fixture
def paced_client(paced_rig):
    return Client(paced_rig)


@pytest.fixture
def old_client(old_rig):
    return Client(old_rig)


def within(seconds, doing):
    """Run a coroutine, which is not to take longer."""
    return asyncio.run(asyncio.wait_for(doing, seconds))


async def connect(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    return reader, writer


async def echoed(port, data):
    """Send data to the far echo and read it back; what came."""
    reader, writer = await connect(port)
    writer.write(b"E" + data)
    came = await reader.readexactly(len(data))
    writer.close()
    return came


async def upload(port, size):
    """Send random bytes; whether the far side got just them."""
    reader, writer = await connect(port)
    writer.write(b"U" + struct.pack(">Q", size))
    digest = hashlib.sha256()
    while size:
        block = os.urandom(min(size, 1 << 16))
        digest.update(block)
        size -= len(block)
        writer.write(block)
        await writer.drain()
    try:
        return await reader.readexactly(32) == digest.digest()
    finally:
        writer.close()


async def mirrored(port, size):
    """Send random bytes to the far echo while reading them back; whether the same came, in order, once."""
    reader, writer = await connect(port)
    there, back = hashlib.sha256(), hashlib.sha256()

    async def send():
        left = size
        writer.write(b"E")
        while left:
            block = os.urandom(min(left, 1 << 15))
            there.update(block)
            left -= len(block)
            writer.write(block)
            await writer.drain()

    sending = asyncio.create_task(send())
    left = size
    while left:
        block = await reader.read(min(left, 1 << 16))
        assert block, f"it ended with {left} bytes to come"
        back.update(block)
        left -= len(block)
    await sending
    writer.close()
    return there.digest() == back.digest()
