"""`python -m tests.bench.far`: the TCP target at the far end. The first byte chooses what it does."""

import asyncio
import hashlib
import json
import os
import struct
import sys

from tests.bench.rig.control import Started, leave_with_parent

BLOCK = os.urandom(1 << 20)
READ_SIZE = 1 << 18


class Far(Started):
    """A target of one's own, at `port`, and at the unix socket `path` where one is given."""

    def __init__(self, path=None):
        super().__init__("tests.bench.far", *(["--socket", path] if path else []))


async def echo(reader, writer):
    """E: give back what comes."""
    while data := await reader.read(READ_SIZE):
        writer.write(data)
        await writer.drain()


async def download(reader, writer):
    """D, size in 8 bytes: send so much."""
    left = await _size(reader)
    while left:
        data = BLOCK[: min(left, len(BLOCK))]
        left -= len(data)
        writer.write(data)
        await writer.drain()
    await reader.read(1)


async def upload(reader, writer):
    """U, size in 8 bytes: swallow so much, answer its sha256."""
    digest = hashlib.sha256()
    await _swallow(reader, await _size(reader), digest)
    await _answer(reader, writer, digest)


async def hear(reader, writer):
    """H: swallow all there is, answer how much it was."""
    writer.write(b"got %d" % len(await reader.read(-1)))
    await writer.drain()


async def pause(reader, writer):
    """P, size in 8 bytes, seconds in one: like U, with a rest after the first MiB."""
    size, digest = await _size(reader), hashlib.sha256()
    seconds = (await reader.readexactly(1))[0]
    first = min(size, len(BLOCK))
    await _swallow(reader, first, digest)
    await asyncio.sleep(seconds)
    await _swallow(reader, size - first, digest)
    await _answer(reader, writer, digest)


async def _size(reader):
    return struct.unpack(">Q", await reader.readexactly(8))[0]


async def _swallow(reader, left, digest):
    while left and (data := await reader.read(min(left, READ_SIZE))):
        left -= len(data)
        digest.update(data)


async def _answer(reader, writer, digest):
    writer.write(digest.digest())
    await writer.drain()
    await reader.read(1)


SERVICES = {b"E": echo, b"D": download, b"U": upload, b"H": hear, b"P": pause}


async def handle(reader, writer):
    try:
        service = SERVICES.get(await reader.readexactly(1))
        if service:
            await service(reader, writer)
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def serve():
    server = await asyncio.start_server(handle, "127.0.0.1", 0, backlog=4096)
    if "--socket" in sys.argv:
        await asyncio.start_unix_server(handle, sys.argv[sys.argv.index("--socket") + 1], backlog=4096)
    print(json.dumps({"port": server.sockets[0].getsockname()[1], "pid": os.getpid()}), flush=True)
    leave = asyncio.Event()
    if "--with-parent" in sys.argv:
        leave_with_parent(leave)
    await leave.wait()


def main():
    try:
        import uvloop
    except ImportError:
        asyncio.run(serve())
    else:
        uvloop.run(serve())


if __name__ == "__main__":
    main()
