"""smux, version 1: the bytes are the official client's, no byte is lost between streams, none waits for bulk."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssmx.channel.mux import KEEP_ALIVE, Data, Finished, Mux
from ssmx.errors import ProtocolError
from ssmx.sandbox import smux

ALL = 1 << 30


def mux(**about):
    return Mux(**{"keep_alive": False, "now": 0.0, **about})


def test_the_bytes_are_those_of_the_official_client():
    """Recorded: connection 1 sends E, hi, and closes; connection 2 opens and closes."""
    ours = mux()
    first = ours.open()
    said = ours.take(ALL)
    ours.send(first, b"Ehi")
    said += ours.take(ALL)
    ours.close(first)
    said += ours.take(ALL)
    second = ours.open()
    ours.close(second)
    said += ours.take(ALL)
    assert (first, second) == (3, 5)
    recorded = "0100000003000000 0102030003000000 456869 0101000003000000 0100000005000000 0101000005000000"
    assert said == bytes.fromhex(recorded)


def test_an_old_agent_hears_of_us_every_ten_seconds():
    ours = mux(keep_alive=True)
    assert ours.next_deadline() == KEEP_ALIVE == 10.0
    ours.advance(9.9)
    assert not ours.pending
    ours.advance(10.0)
    assert ours.take(ALL) == bytes.fromhex("0103000000000000")
    assert ours.next_deadline() == 20.0
    assert not ours.pending
    assert mux().next_deadline() is None


def agent_says(*frames):
    return b"".join(smux.frame(*each) for each in frames)


@given(st.lists(st.integers(1, 40), max_size=60), st.data())
def test_what_the_agent_says_is_understood_wherever_it_is_cut(cuts, data):
    ours = mux()
    one, two = ours.open(), ours.open()
    said = agent_says(
        (smux.PSH, one, b"a" * 100),
        (smux.NOP, 0),
        (smux.PSH, two, b"b" * 30),
        (smux.FIN, one),
        (smux.PSH, two, b"c"),
    )
    events, at = [], 0
    for cut in [*cuts, len(said)]:
        events += ours.receive(said[at : at + cut])
        at += cut
    heard = {
        number: b"".join(e.data for e in events if isinstance(e, Data) and e.stream == number)
        for number in (one, two)
    }
    assert heard == {one: b"a" * 100, two: b"b" * 30 + b"c"}
    assert [each for each in events if isinstance(each, Finished)] == [Finished(one)]


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 3), st.binary(max_size=5000)), max_size=30), st.integers(1, 4000))
def test_every_byte_of_every_stream_arrives_in_order_and_its_end_last(writes, most):
    ours, reader = mux(), smux.Reader()
    numbers = [ours.open() for _ in range(4)]
    wanted = dict.fromkeys(numbers, b"")
    for which, data in writes:
        ours.send(numbers[which], data)
        wanted[numbers[which]] += data
    for number in numbers:
        ours.close(number)
    got, opened, finished = dict.fromkeys(numbers, b""), [], []
    while ours.pending:
        for command, number, body in reader.frames(ours.take(most)):
            if command == smux.SYN:
                opened.append(number)
            elif command == smux.PSH:
                assert number in opened
                assert number not in finished
                got[number] += body
            else:
                finished.append(number)
    assert got == wanted
    assert sorted(opened) == sorted(finished) == numbers


def test_a_key_does_not_wait_behind_bulk():
    ours, reader = mux(), smux.Reader()
    bulk, keys = ours.open(), ours.open()
    ours.send(bulk, b"x" * 10_000_000)
    ours.take(100_000)
    ours.send(keys, b"k")
    frames = list(reader.frames(ours.take(4096)))
    assert (smux.PSH, keys, b"k") in frames


def test_what_comes_for_a_closed_stream_is_dropped():
    ours = mux()
    number = ours.open()
    ours.close(number)
    ours.take(ALL)
    assert ours.receive(agent_says((smux.PSH, number, b"late"), (smux.FIN, number))) == [Finished(number)]


def test_the_end_of_the_far_side_is_answered_with_ours_and_what_waits_is_dropped():
    ours = mux()
    number = ours.open()
    ours.take(ALL)
    ours.send(number, b"nobody reads this")
    assert ours.receive(agent_says((smux.FIN, number))) == [Finished(number)]
    assert ours.waiting(number) == 0
    assert ours.take(ALL) == smux.frame(smux.FIN, number)
    ours.send(number, b"nor this")
    ours.close(number)
    assert not ours.pending


@pytest.mark.parametrize("head", [(2, 0, 0, 3), (1, 4, 8, 3), (1, 255, 0, 0), (0, 0, 0, 0)])
def test_another_version_and_an_unknown_command_are_refused(head):
    ours = mux()
    ours.open()
    with pytest.raises(ProtocolError, match="smux"):
        ours.receive(struct.pack("<BBHI", *head))


@given(st.lists(st.binary(max_size=200), max_size=10))
def test_garbage_is_refused_and_never_a_crash(pieces):
    ours = mux()
    ours.open()
    try:
        for piece in pieces:
            ours.receive(piece)
    except ProtocolError:
        pass


def test_two_thousand_million_streams_are_enough():
    ours = mux()
    ours._next = 0xFFFF_FFFF
    assert ours.open() == 0xFFFF_FFFF
    with pytest.raises(ProtocolError):
        ours.open()
