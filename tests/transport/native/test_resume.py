"""A session whose connection is lost goes on over another one: nothing lost, nothing doubled, nothing hidden."""

import asyncio
import random
import struct

import pytest

from ssmx.errors import SessionLost
from tests.bench.rig.control import Rig
from tests.transport.native.conftest import Client, connect, mirrored, upload, within


async def cut_now_and_then(client, session_id, ways, pause):
    """Lose the connection in these ways, one after the other; afterwards be still."""
    for way in ways:
        await asyncio.sleep(random.uniform(0.5, 1.5) * pause)
        while not (await asyncio.to_thread(client.rig.status, session_id))["connected"]:
            await asyncio.sleep(0.02)
        await client.order(session_id, way)


@pytest.mark.parametrize("ways", [["drop"] * 6, ["bye"] * 2, ["drop", "bye", "drop"]])
def test_no_byte_is_lost_doubled_or_changed(paced_client, far, ways):
    async def work():
        async with paced_client.tunnel(far.port) as (port, session_id, _):
            cuts = asyncio.create_task(cut_now_and_then(paced_client, session_id, ways, 0.1))
            assert await mirrored(port, 1_500_000)
            await cuts
            assert await mirrored(port, 100_000)
            return paced_client.rig.status(session_id)

    status = within(60, work())
    assert [each["event"] for each in status["events"]].count("resume_session") == len(ways)
    assert paced_client.notes == []  # each took less than a second


def test_the_same_with_an_old_agent(old_client, far):
    async def work():
        async with old_client.tunnel(far.port) as (port, session_id, _):
            cuts = asyncio.create_task(cut_now_and_then(old_client, session_id, ["drop", "bye", "drop"], 0.1))
            assert await mirrored(port, 1_000_000)
            await cuts

    within(60, work())


@pytest.mark.waits
def test_a_black_hole_is_found_and_left(client, far):
    """The connection stands, and nothing goes through it any more: TCP would tell after a quarter of an hour."""

    async def work():
        async with client.tunnel(far.port) as (port, session_id, _):
            reader, writer = await connect(port)
            writer.write(b"Ehello")
            assert await reader.readexactly(5) == b"hello"
            await client.order(session_id, "hole")
            writer.write(b"are you there")
            assert await reader.readexactly(13) == b"are you there"
            writer.close()

    within(30, work())


@pytest.mark.parametrize(
    "faults",
    [
        {"reorder_out": 1},
        {"dup_out": 1},
        {"drop_in": 20},
        {"drop_out": 5},
        {"reorder_out": 1, "dup_out": 1, "drop_in": 9, "drop_out": 3},
    ],
)
def test_messages_lost_doubled_and_out_of_order_do_no_harm(paced_client, far, faults):
    async def work():
        async with paced_client.tunnel(far.port) as (port, session_id, _):
            await paced_client.order(session_id, "fault", **faults)
            assert await mirrored(port, 300_000)

    within(60, work())


def test_a_way_of_a_hundred_milliseconds_is_slower_and_no_worse(far):
    with Rig("--delay-ms", "50") as rig:
        client = Client(rig)

        async def work():
            async with client.tunnel(far.port) as (port, session_id, _):
                cuts = asyncio.create_task(cut_now_and_then(client, session_id, ["drop"], 0.5))
                assert await upload(port, 4_000_000)
                await cuts

        within(30, work())


def test_pause_and_start_do_not_stop_us(paced_client, far):
    async def work():
        async with paced_client.tunnel(far.port) as (port, session_id, _):
            await paced_client.order(session_id, "pause")
            assert await mirrored(port, 300_000)
            await paced_client.order(session_id, "start")
            assert await mirrored(port, 300_000)

    within(30, work())


def test_a_paused_agent_is_waited_for(paced_client, far):
    async def work():
        async with paced_client.tunnel(far.port) as (port, session_id, _):
            assert await mirrored(port, 1000)
            await paced_client.order(session_id, "agent_pause")
            mirror = asyncio.create_task(mirrored(port, 40_000))
            await asyncio.sleep(1.0)
            assert not mirror.done()
            await paced_client.order(session_id, "agent_unpause")
            assert await mirror

    within(30, work())


def test_acknowledgements_that_are_late_or_withheld_or_of_nothing(client, far):
    async def work():
        async with client.tunnel(far.port) as (port, session_id, _):
            await client.order(session_id, "fault", no_ack=1)
            mirror = asyncio.create_task(mirrored(port, 2_000_000))
            await asyncio.sleep(1.0)
            await client.order(session_id, "late_ack", seq=999_999)
            await client.order(session_id, "text", m="hello")
            await client.order(session_id, "fault", no_ack=0)
            assert await mirror

    within(60, work())


def test_resuming_is_tried_again_and_said_once(client, far):
    async def work():
        async with client.tunnel(far.port) as (port, session_id, _):
            reader, writer = await connect(port)
            writer.write(b"Ehello")
            assert await reader.readexactly(5) == b"hello"
            await client.order(session_id, "fault", resume_error=4, refuse_upgrade=2)
            await client.order(session_id, "drop")
            writer.write(b"still there")
            assert await reader.readexactly(11) == b"still there"
            writer.close()
            await asyncio.sleep(0.1)

    within(30, work())
    begun, done = client.notes
    assert "was cut; resuming, for 20 seconds at most" in begun
    assert done.startswith("resumed after")


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ({"resume_error": 1000}, "could not be resumed in 2 seconds: InternalServerError"),
        ({"refuse_upgrade": 1000}, "could not be resumed in 2 seconds: the data channel was refused with HTTP 404"),
        ({"resume_expired": 1}, "cannot be resumed: the session has ended"),
        ({"resume_error": 3, "resume_expired": 1}, "cannot be resumed: the session has ended"),
        ({"resume_gone": 1}, "cannot be resumed: the session has ended"),
        ({"resume_denied": 1}, "cannot be resumed: AccessDeniedException"),
    ],
)
def test_a_session_that_cannot_be_resumed_ends_with_the_reason(client, far, faults, said):
    async def work():
        async with client.tunnel(far.port, resume_seconds=2.0) as (port, session_id, link):
            reader, writer = await connect(port)
            writer.write(b"Ehello")
            assert await reader.readexactly(5) == b"hello"
            await client.order(session_id, "fault", **faults)
            await client.order(session_id, "drop")
            error = await link.ended()
            with pytest.raises(ConnectionResetError):
                await reader.read()
            writer.close()
            return error

    error = within(20, work())
    assert isinstance(error, SessionLost)
    assert error.exit == 74
    assert said in error.message


@pytest.mark.long
@pytest.mark.parametrize("ways", [("drop",), ("bye",), ("hole",), ("drop", "bye", "hole")])
def test_two_hundred_megabytes_each_way_with_twenty_cuts(paced_client, far, ways):
    """A hole in the middle of bulk is believed in after a minute: what is full of data answers late."""
    cuts = 20 if "hole" not in ways else 8 if len(ways) > 1 else 4
    size, pause = 200_000_000, 8.0  # the rig sends it in four minutes

    async def work():
        async with paced_client.tunnel(far.port, resume_seconds=120.0) as (port, session_id, _):
            chosen = [random.choice(ways) for _ in range(cuts)]
            task = asyncio.create_task(cut_now_and_then(paced_client, session_id, chosen, pause))
            assert await mirrored(port, size)
            await task

    within(900, work())


@pytest.mark.long
def test_a_reader_that_rests_for_a_minute_gets_everything(client, far):
    async def work():
        async with client.tunnel(far.port) as (port, _, _):
            reader, writer = await connect(port)
            writer.write(b"D" + struct.pack(">Q", 50_000_000))
            await asyncio.sleep(60)
            assert len(await reader.readexactly(50_000_000)) == 50_000_000
            writer.close()

    within(120, work())
