"""Every byte arrives, in order, once, whatever the network does; the clock is an argument."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssmx.channel.frame import MessageType, decode
from ssmx.channel.reliable import CHUNK, Inbox, Outbox
from ssmx.channel.window import RoundTrip, Window
from tests.channel.ids import counted


class Network:
    """Carries frames with a schedule of faults; each fault is used once, then the network is good."""

    def __init__(self, faults):
        self.faults = list(faults)
        self.flying = []  # (arrival, order, frame)

    def send(self, frame, now):
        fault, delay = self.faults.pop(0) if self.faults else ("pass", 0.01)
        if fault == "drop":
            return
        for _ in range(2 if fault == "duplicate" else 1):
            self.flying.append((now + delay, len(self.flying), frame))

    def arrived(self, now):
        due = sorted(each for each in self.flying if each[0] <= now)
        self.flying = [each for each in self.flying if each[0] > now]
        return [frame for _, _, frame in due]


FAULTS = st.lists(
    st.tuples(st.sampled_from(["pass", "drop", "duplicate"]), st.floats(0.0, 1.5, allow_nan=False)), max_size=60
)


def deliver(chunks, there, back, *, room=10_000):
    outbox = Outbox(MessageType.INPUT, ids=counted(), epoch=0.0)
    inbox = Inbox(room)
    for chunk in chunks:
        outbox.put(1, chunk)
    forth, home, received, now = Network(there), Network(back), [], 0.0
    for _ in range(100_000):
        for frame in outbox.transmit(now):
            forth.send(frame, now)
        for frame in forth.arrived(now):
            message = decode(frame)
            ready, acknowledge = inbox.accept(message.sequence, message)
            received += [each.payload for each in ready]
            if acknowledge:
                home.send(message.sequence, now)
        for number in home.arrived(now):
            outbox.acknowledged(number, now)
        if not outbox.backlog and not forth.flying:
            return received
        times = [each[0] for each in [*forth.flying, *home.flying]] + [outbox.next_deadline() or now]
        later = [at for at in times if at > now]
        now = min(later) if later else now + 0.01
    raise AssertionError("the messages never arrived")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=8), max_size=25), FAULTS, FAULTS)
def test_every_message_arrives_once_and_in_order(chunks, there, back):
    assert deliver(chunks, there, back) == chunks


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=8), min_size=5, max_size=25), FAULTS, FAULTS)
def test_a_receiver_with_little_room_still_gets_everything(chunks, there, back):
    assert deliver(chunks, there, back, room=2) == chunks


def test_nothing_is_repeated_on_a_network_that_loses_nothing():
    outbox = Outbox(MessageType.INPUT, ids=counted(), epoch=0.0)
    for _ in range(100):
        outbox.put(1, b"x")
    sent = outbox.transmit(0.0)
    assert len(sent) == 100
    assert outbox.transmit(0.1) == []


def bulk():
    """An Outbox with more to send than any window lets it."""
    outbox = Outbox(MessageType.INPUT, ids=counted(), epoch=0.0)
    for _ in range(9000):
        outbox.put(1, b"x" * CHUNK)
    return outbox


def test_no_more_than_the_window_is_in_flight():
    outbox = bulk()
    sent = outbox.transmit(0.0)
    size = Window().size
    assert size <= sum(map(len, sent)) < size + 2 * CHUNK
    assert outbox.room < 0
    assert outbox.transmit(0.01) == []
    outbox.acknowledged(2, 0.02)
    assert [decode(frame).sequence for frame in outbox.transmit(0.02)] == [len(sent)]


def test_a_message_put_is_known_to_be_acknowledged_when_it_is():
    outbox = bulk()
    last = outbox.put(1, b"y")
    first = decode(outbox.transmit(0.0)[0]).sequence
    assert not outbox.is_acknowledged(first)
    assert not outbox.is_acknowledged(last)
    outbox.acknowledged(first, 0.01)
    assert outbox.is_acknowledged(first)
    assert not outbox.is_acknowledged(last)


def test_where_nothing_is_taken_a_few_are_repeated_and_not_all():
    outbox = bulk()
    outbox.transmit(0.0)
    repeats = sum(len(outbox.transmit(now / 10)) for now in range(10, 600))
    assert 16 < repeats < 16 * 60


def carried(rate, delay, *, seconds=20.0):
    """Bulk through a way that takes `rate` bytes a second after `delay`: bytes carried, and what queued at last."""
    window, now, busy_until, sent, carried = Window(), 0.0, 0.0, [], 0
    flying = 0
    while now < seconds:
        while flying < window.size:
            flying += 1144
            busy_until = max(busy_until, now) + 1144 / rate
            sent.append((now, busy_until + delay))
        window.full = True
        began, now = sent.pop(0)
        flying -= 1144
        carried += 1144
        window.acknowledged(1144, now - began, now)
    return carried / seconds, busy_until - now


def test_the_window_fills_a_fast_way_and_a_far_one():
    assert carried(20e6, 0.001)[0] > 19e6
    assert carried(10e6, 0.1)[0] > 8e6


def test_little_queues_on_a_slow_way():
    rate, queued = carried(3e6, 0.02)
    assert rate > 2.8e6
    assert queued < 0.15
    assert carried(100e3, 0.02)[1] < 0.8  # the least window, 64 KiB


def test_a_round_trip_that_is_longer_now_and_then_does_not_shrink_the_window():
    window, now = Window(), 0.0
    for number in range(100_000):
        now += 0.0001
        window.full = True
        window.acknowledged(1144, 0.3 if number % 3 else 0.02, now)
    assert window.size == 1 << 22


def test_a_window_that_was_not_needed_does_not_grow_and_a_loss_halves_it():
    window = Window()
    first = window.size
    for number in range(1000):
        window.acknowledged(1144, 0.01, number / 100)
    assert window.size == first
    window.lost(10.0)
    window.lost(10.1)  # the same loss
    assert window.size == first // 2


def test_a_repeated_message_waits_longer_each_time():
    outbox = Outbox(MessageType.INPUT, ids=counted(), epoch=0.0)
    outbox.put(1, b"x")
    outbox.transmit(0.0)
    moments = []
    for _ in range(5):
        now = outbox.next_deadline()
        moments.append(now)
        assert len(outbox.transmit(now)) == 1
    pauses = [later - earlier for earlier, later in zip([0.0, *moments], moments, strict=False)]
    assert pauses == sorted(pauses)
    assert pauses[-1] > 8 * pauses[0] - 1e-9


def test_a_repeated_message_teaches_nothing_about_the_round_trip():
    outbox = Outbox(MessageType.INPUT, ids=counted(), epoch=0.0)
    outbox.put(1, b"x")
    outbox.transmit(0.0)
    outbox.transmit(10.0)
    outbox.acknowledged(0, 10.001)
    outbox.put(1, b"y")
    outbox.transmit(20.0)
    assert outbox.next_deadline() == 20.0 + RoundTrip().timeout(1)


def test_a_new_connection_repeats_what_was_not_acknowledged_at_once():
    outbox = Outbox(MessageType.INPUT, ids=counted(), epoch=0.0)
    for _ in range(3):
        outbox.put(1, b"x")
    outbox.transmit(0.0)
    outbox.acknowledged(0, 0.01)
    assert [decode(frame).sequence for frame in outbox.repeat_all(0.02)] == [1, 2]
    assert outbox.transmit(0.03) == []
    assert outbox.waited(0.12) == pytest.approx(0.1)  # nobody has waited on this connection yet


def test_numbers_go_on_and_dates_are_wall_clock():
    outbox = Outbox(MessageType.INPUT, ids=counted(), epoch=1_700_000_000.0)
    outbox.put(1, b"x")
    (frame,) = outbox.transmit(5.0)
    assert decode(frame).created == 1_700_000_005_000


def test_an_old_number_is_acknowledged_again_and_not_delivered_again():
    inbox = Inbox()
    assert inbox.accept(0, "a") == (["a"], True)
    assert inbox.accept(0, "a") == ([], True)


def test_an_early_number_is_kept_while_there_is_room():
    inbox = Inbox(room=2)
    assert inbox.accept(1, "b") == ([], True)
    assert inbox.accept(2, "c") == ([], True)
    assert inbox.accept(9, "z") == ([], False)
    assert inbox.accept(0, "a") == (["a", "b", "c"], True)


def test_early_messages_are_bounded_in_bytes_too():
    inbox = Inbox()
    assert inbox.accept(1, "b", size=40_000_000) == ([], True)
    assert inbox.accept(2, "c", size=40_000_000) == ([], False)
    assert inbox.accept(0, "a", size=1) == (["a", "b"], True)
    assert inbox.accept(3, "d", size=40_000_000) == ([], True)


def test_what_was_put_before_has_arrived_though_more_is_put_all_the_time():
    outbox = Outbox(MessageType.INPUT, ids=counted(), epoch=0.0)
    assert outbox.have_arrived(outbox.count)
    for _ in range(2):
        outbox.put(1, b"before")
    before = outbox.count
    assert not outbox.have_arrived(before)
    outbox.transmit(0.0)
    outbox.put(1, b"after")
    for number in (1, 0):
        assert not outbox.have_arrived(before)
        outbox.acknowledged(number, 0.1)
    assert outbox.have_arrived(before)
    assert not outbox.have_arrived(outbox.count)
