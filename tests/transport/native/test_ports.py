"""Ports over the native client: streams over smux, one after the other with an old agent."""

import asyncio
import socket
import struct
from contextlib import asynccontextmanager, suppress

import pytest

from ssmx.errors import SessionLost
from tests.transport.native.conftest import connect, echoed, mirrored, upload, within


def test_many_connections_at_once(client, far):
    async def work():
        async with client.tunnel(far.port) as (port, _, _):
            said = [f"connection {number}".encode() for number in range(200)]
            assert await asyncio.gather(*(echoed(port, each) for each in said)) == said

    within(20, work())


def test_bytes_are_sacred_both_ways(client, far):
    async def work():
        async with client.tunnel(far.port) as (port, _, _):
            assert await echoed(port, b"\n") == b"\n"  # the plugin makes a CR of it
            for size in (1016, 1017, 1024, 1025, 32_768, 32_769):
                data = b"x" * (size - 1) + b"\n"
                assert await echoed(port, data) == data
            assert await mirrored(port, 3_000_000)

    within(20, work())


def test_one_after_the_other_with_an_old_agent(old_client, far):
    async def work():
        async with old_client.tunnel(far.port) as (port, _, _):
            assert await echoed(port, b"one\n") == b"one\n"
            said = [b"two", b"three", b"four"]
            assert await asyncio.gather(*(echoed(port, each) for each in said)) == said
            assert await mirrored(port, 500_000)

    within(30, work())


@asynccontextmanager
async def server_that_speaks_first():
    """A port whose server greets each connection, and then echoes."""
    writers = []

    async def greet(reader, writer):
        writers.append(writer)
        writer.write(b"220 hello\r\n")
        while data := await reader.read(1000):
            writer.write(data)

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        for writer in writers:
            writer.close()
        await asyncio.sleep(0)


def test_a_server_that_speaks_first_is_heard_by_every_connection_of_an_old_agent(old_client):
    """The plugin hangs at the second: its agent connects only when data comes."""

    async def work():
        async with server_that_speaks_first() as far_port, old_client.tunnel(far_port) as (port, _, _):
            await asyncio.sleep(0.3)  # the greeting comes before there is anybody to hear it
            for _ in range(3):
                reader, writer = await connect(port)
                assert await reader.readline() == b"220 hello\r\n"
                writer.write(b"ping")
                assert await reader.readexactly(4) == b"ping"
                writer.close()

    within(20, work())


def test_the_first_connection_of_an_old_agent_is_not_one_that_its_server_has_given_up(old_client):
    """The agent connects when the session begins, and does not tell that the server has closed since."""
    greeted = []

    async def impatient(reader, writer):
        greeted.append(writer)
        writer.write(b"hello %d\r\n" % len(greeted))
        with suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                while data := await reader.read(100):
                    writer.write(data)
        writer.close()

    async def work():
        server = await asyncio.start_server(impatient, "127.0.0.1", 0)
        async with server, old_client.tunnel(server.sockets[0].getsockname()[1]) as (port, _, _):
            await asyncio.sleep(1.3)
            reader, writer = await connect(port)
            assert await reader.readline() == b"hello 2\r\n"
            writer.close()
            await asyncio.sleep(0.4)

    within(15, work())


def test_who_gives_up_waiting_for_a_turn_does_not_keep_it(old_client, far):
    async def work():
        async with old_client.tunnel(far.port) as (port, _, link):
            reader, writer = await connect(port)
            writer.write(b"E.")
            assert await reader.readexactly(1) == b"."
            waiting = [asyncio.create_task(link.stream(None)) for _ in range(3)]
            await asyncio.sleep(0.1)
            for each in waiting:
                each.cancel()
            writer.close()
            assert await echoed(port, b"still") == b"still"

    within(20, work())


def test_an_answer_is_whole_though_another_waits_for_the_turn(old_client):
    async def slowly(reader, writer):
        if await reader.readline() == b"slowly\n":
            for _ in range(10):
                writer.write(b"x" * 1000)
                await asyncio.sleep(0.15)
        writer.write(b"end")
        writer.close()

    async def work():
        server = await asyncio.start_server(slowly, "127.0.0.1", 0)
        async with server, old_client.tunnel(server.sockets[0].getsockname()[1]) as (port, _, _):
            reader, writer = await connect(port)
            writer.write(b"slowly\n")
            writer.write_eof()
            other = asyncio.create_task(connect(port))
            assert await reader.read() == b"x" * 10_000 + b"end"
            other_reader, other_writer = await other
            other_writer.write(b"now\n")
            assert await other_reader.readexactly(3) == b"end"
            for each in (writer, other_writer):
                each.close()

    within(20, work())


def refusing_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def test_a_refused_port_resets_the_connection_and_the_link_lives(client):
    refusals = []

    async def work():
        async with client.tunnel(refusing_port(), refused=lambda: refusals.append(1)) as (port, _, link):
            for _ in range(2):
                reader, writer = await connect(port)
                with pytest.raises(ConnectionResetError):
                    await reader.read()
                writer.close()
            link.check()

    within(10, work())
    assert len(refusals) == 2


def test_what_the_agent_says_of_a_port_is_the_reason_that_the_link_ended(old_client):
    async def work():
        async with old_client.link(refusing_port()) as (link, _):
            return await link.ended()

    error = within(10, work())
    assert (error.exit, "Unable to connect to specified port" in error.message) == (69, True)


def test_the_answer_to_a_client_that_has_ended_its_input_still_arrives(client):
    """As `echo request | nc -N`: the plugin closes both ways at once, and the answer is lost."""

    async def answer_late(reader, writer):
        assert await reader.readline() == b"request\n"
        await asyncio.sleep(0.3)
        writer.write(b"the whole answer")
        writer.close()

    async def work():
        server = await asyncio.start_server(answer_late, "127.0.0.1", 0)
        async with server, client.tunnel(server.sockets[0].getsockname()[1]) as (port, _, _):
            reader, writer = await connect(port)
            writer.write(b"request\n")
            writer.write_eof()
            assert await reader.read() == b"the whole answer"
            writer.close()

    within(15, work())


@pytest.mark.long
def test_an_answer_that_never_comes_is_not_an_empty_one(client, far):
    """The server waits for the end of input, of which the agent makes the end of both ways."""

    async def work():
        async with client.tunnel(far.port) as (port, _, _):
            reader, writer = await connect(port)
            writer.write(b"H" + b"x" * 100)
            writer.write_eof()
            with pytest.raises(ConnectionResetError):
                await reader.read()
            writer.close()

    within(30, work())


@pytest.mark.waits
def test_who_has_left_is_let_go_however_much_others_have_to_say(client, far):
    """A connection that ends waits for its answer, and not for a moment in which nobody says anything."""

    async def work():
        async with client.tunnel(far.port) as (port, _, link):
            _, busy = await connect(port)
            busy.write(b"E")

            async def talk():
                while True:
                    busy.write(b"x" * 200)
                    await asyncio.sleep(0.01)

            talking = asyncio.create_task(talk())
            for _ in range(30):
                assert await echoed(port, b"bye") == b"bye"
            async with asyncio.timeout(13):
                while len(link._streams) > 1:
                    await asyncio.sleep(0.1)
            talking.cancel()

    within(25, work())


def test_a_client_that_is_gone_closes_its_far_connection(client):
    closed = asyncio.Event()

    async def watch(reader, writer):
        with suppress(ConnectionError):
            await reader.read()
        writer.close()
        closed.set()

    async def work():
        server = await asyncio.start_server(watch, "127.0.0.1", 0)
        async with server, client.tunnel(server.sockets[0].getsockname()[1]) as (port, _, _):
            _, writer = await connect(port)
            writer.write(b"x")
            await asyncio.sleep(0.3)
            # A reset, as of a process that was killed with data unread.
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            await closed.wait()

    within(10, work())


def test_a_slow_reader_does_not_hold_up_the_others(client, far):
    async def work():
        async with client.tunnel(far.port) as (port, _, link):
            _, slow = await connect(port)
            slow.write(b"D" + struct.pack(">Q", 3_000_000))  # nobody reads this
            await asyncio.sleep(0.5)
            assert await echoed(port, b"ping") == b"ping"
            assert not link.full
            slow.close()

    within(15, work())


def test_beyond_four_mebibytes_for_one_all_wait_and_nothing_is_lost_or_reset(client, far):
    size = 24 << 20

    async def work():
        async with client.tunnel(far.port) as (port, _, link):
            reader, writer = await connect(port)
            writer.write(b"D" + struct.pack(">Q", size))
            while not link.full:
                await asyncio.sleep(0.01)
            other = asyncio.create_task(echoed(port, b"ping"))
            await asyncio.sleep(0.5)
            assert not other.done()
            assert len(await reader.readexactly(size)) == size
            assert await other == b"ping"
            writer.close()

    within(30, work())


def test_a_reader_that_stops_stops_the_writer_and_nothing_else_grows(client, far):
    async def work():
        async with client.tunnel(far.port) as (port, session_id, _):
            _, writer = await connect(port)
            writer.transport.set_write_buffer_limits(high=1 << 16)
            size = 64 << 20
            writer.write(b"P" + struct.pack(">QB", size, 2))
            sent = 0
            with suppress(TimeoutError):
                async with asyncio.timeout(1.5):
                    while sent < size:
                        writer.write(b"x" * 65536)
                        sent += 65536
                        await writer.drain()
            taken = client.rig.status(session_id)["counters"]["in_bytes"]
            assert sent - taken < 24 << 20  # what the kernel holds in four sockets, and the window
            assert sent < size
            writer.transport.abort()
            await asyncio.sleep(0)

    within(15, work())


def test_when_the_session_ends_every_connection_is_reset_and_the_reason_told(client, far):
    async def work():
        async with client.tunnel(far.port) as (port, session_id, link):
            reader, writer = await connect(port)
            writer.write(b"Ehello")
            assert await reader.readexactly(5) == b"hello"
            await client.order(session_id, "close", output="Session idle timeout")
            error = await link.ended()
            assert (error.exit, "Session idle timeout" in error.message) == (74, True)
            with pytest.raises(ConnectionResetError):
                await reader.read()
            with pytest.raises(SessionLost):
                link.check()
            writer.close()

    within(15, work())


def test_the_agent_is_told_when_a_link_is_closed(client, far):
    async def work():
        async with client.link(far.port) as (_, session_id):
            pass
        await asyncio.sleep(0.1)
        return [each for each in client.rig.status(session_id)["events"] if each["event"] == "flag"]

    assert [each["flag"] for each in within(10, work())] == [2]


def test_an_upload_is_whole(client, far):
    async def work():
        async with client.tunnel(far.port) as (port, _, _):
            assert await upload(port, 5_000_000)

    within(20, work())
