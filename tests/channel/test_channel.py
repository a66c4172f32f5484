import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssmx.channel import payload
from ssmx.channel.channel import GIVE_UP, QUIET_START, Channel
from ssmx.channel.events import Closed, Lost, Notice, Output, Ready, WrongType
from ssmx.channel.frame import Message, MessageType, decode, encode
from ssmx.channel.handshake import MUX_AFTER, PORTS, QUIET_MUX_AFTER, SHELLS, newer
from ssmx.channel.payload import Action, HandshakeRequest, PayloadType
from ssmx.channel.reliable import Inbox, Outbox
from ssmx.channel.state import TRANSITIONS, Input, State, step
from ssmx.errors import ProtocolError
from tests.channel.ids import counted, numbered


class Agent:
    """The other side, made of the same reliable parts: what it heard, and what it says."""

    def __init__(self):
        self.outbox = Outbox(MessageType.OUTPUT, ids=counted(), epoch=0.0, first_flags=1)
        self.inbox = Inbox()
        self.heard = []

    def says(self, kind, content, now=0.0):
        self.outbox.put(kind, content)
        return self.outbox.transmit(now)

    def hears(self, messages, now=0.0):
        """Take the client's messages; gives the acknowledgements."""
        acks = []
        for each in messages:
            if isinstance(each, str):
                continue
            message = decode(each)
            if message.type == MessageType.ACKNOWLEDGE:
                self.outbox.acknowledged(payload.parse_acknowledge(message.payload), now)
                continue
            ready, acknowledge = self.inbox.accept(message.sequence, message)
            self.heard += [(one.payload_type, one.payload) for one in ready]
            if acknowledge:
                content = payload.acknowledge(message.type, message.id, message.sequence)
                acks.append(encode(Message(MessageType.ACKNOWLEDGE, 0, 3, 0, content, numbered(9), 1)))
        return acks


def opened(**about):
    channel = Channel(token="token", ids=counted(), epoch=1.7e9, now=0.0, **about)
    (opening,) = channel.outgoing(now=0.0)
    assert isinstance(opening, str)
    assert json.loads(opening)["TokenValue"] == "token"
    return channel


def acknowledged(frames):
    """The numbers that these frames acknowledge."""
    return [payload.parse_acknowledge(decode(each).payload) for each in frames]


def service(kind, **body):
    return encode(Message(kind, 0, 3, 0, json.dumps(body).encode(), numbered(7), 1))


def test_what_is_typed_early_waits_for_the_first_output_and_follows_the_size():
    channel, agent = opened(), Agent()
    channel.resize(90, 30)
    channel.send(b"early")
    assert channel.outgoing(now=0.1) == []
    (frame,) = agent.says(PayloadType.OUTPUT, b"$ ")
    assert channel.receive(frame, now=1.0) == [Ready("", ""), Output(b"$ ")]
    agent.hears(channel.outgoing(now=1.0))
    assert agent.heard == [(PayloadType.SIZE, b'{"cols":90,"rows":30}'), (PayloadType.OUTPUT, b"early")]


def test_a_silent_command_starts_after_a_while_so_that_it_can_be_typed_to():
    channel, agent = opened(quiet_after=QUIET_START), Agent()
    channel.resize(80, 24)
    assert channel.next_deadline() == QUIET_START
    assert channel.advance(now=QUIET_START) == [Ready("", "")]
    channel.send(b"x")
    acks = agent.hears(channel.outgoing(now=QUIET_START))
    assert [kind for kind, _ in agent.heard] == [PayloadType.SIZE]
    for ack in acks:  # somebody is there, who would have asked for a handshake before that
        channel.receive(ack, now=QUIET_START + 0.1)
    agent.hears(channel.outgoing(now=QUIET_START + 0.1))
    assert agent.heard[1:] == [(PayloadType.OUTPUT, b"x")]


def test_a_session_that_began_without_a_word_can_only_be_one_with_a_terminal():
    channel, agent = opened(quiet_after=QUIET_START, accepts=(*SHELLS, *PORTS)), Agent()
    channel.advance(now=QUIET_START)
    request = HandshakeRequest("3.3.987.0", (Action("SessionType", {"SessionType": "Port"}),))
    (frame,) = agent.says(PayloadType.HANDSHAKE_REQUEST, payload.handshake_request(request))
    assert channel.receive(frame, now=4.0) == [WrongType("Port")]


def test_a_handshake_is_answered_and_nothing_else_is_said_until_it_is_complete():
    channel, agent = opened(), Agent()
    channel.resize(80, 24)
    request = HandshakeRequest("3.3.987.0", (Action("SessionType", {"SessionType": "Standard_Stream"}),))
    (frame,) = agent.says(PayloadType.HANDSHAKE_REQUEST, payload.handshake_request(request))
    assert channel.receive(frame, now=0.1) == []
    channel.send(b"typed")
    agent.hears(channel.outgoing(now=0.1))
    assert [kind for kind, _ in agent.heard] == [PayloadType.HANDSHAKE_RESPONSE]
    (frame,) = agent.says(
        PayloadType.HANDSHAKE_COMPLETE, b'{"HandshakeTimeToComplete":1,"CustomerMessage":"Welcome."}'
    )
    assert channel.receive(frame, now=0.2) == [Ready("Standard_Stream", "3.3.987.0"), Notice("Welcome.")]
    agent.hears(channel.outgoing(now=0.2))
    assert [kind for kind, _ in agent.heard[1:]] == [PayloadType.SIZE, PayloadType.OUTPUT]


def test_a_session_of_another_type_is_refused():
    channel, agent = opened(), Agent()
    request = HandshakeRequest("3.3.987.0", (Action("SessionType", {"SessionType": "Port"}),))
    (frame,) = agent.says(PayloadType.HANDSHAKE_REQUEST, payload.handshake_request(request))
    assert channel.receive(frame, now=0.1) == [WrongType("Port")]
    agent.hears(channel.outgoing(now=0.1))
    ((_, response),) = agent.heard
    assert json.loads(response)["ProcessedClientActions"][0]["ActionStatus"] == 3


def test_keys_are_bytes_and_a_lone_line_feed_stays_one():
    channel, agent = opened(), Agent()
    channel.receive(agent.says(PayloadType.OUTPUT, b"$ ")[0], now=0.0)
    for key in (b"\x03", b"\x1a", b"\x1c", b"\n"):
        channel.send(key)
    agent.hears(channel.outgoing(now=0.1))
    assert b"".join(content for _, content in agent.heard) == b"\x03\x1a\x1c\n"


@pytest.mark.parametrize("kind", [MessageType.PAUSE_PUBLICATION, MessageType.START_PUBLICATION])
def test_a_pause_changes_nothing_because_its_end_may_be_lost(kind):
    channel, agent = opened(), Agent()
    channel.receive(agent.says(PayloadType.OUTPUT, b"$ ")[0], now=0.0)
    assert channel.receive(service(kind), now=1.0) == []
    channel.send(b"ls\r")
    agent.hears(channel.outgoing(now=1.0))
    assert (PayloadType.OUTPUT, b"ls\r") in agent.heard


def test_a_node_is_heard_when_it_acknowledges_or_prints():
    channel, agent = opened(quiet_after=QUIET_START), Agent()
    channel.resize(80, 24)
    channel.advance(now=QUIET_START)
    assert not channel.heard
    (ack,) = agent.hears(channel.outgoing(now=QUIET_START))
    channel.receive(ack, now=QUIET_START)
    assert channel.heard


def test_the_end_carries_its_reason_and_nothing_follows_it():
    channel = opened()
    assert channel.receive(service(MessageType.CHANNEL_CLOSED, Output="Session timed out."), now=1.0) == [
        Closed("Session timed out.")
    ]
    channel.send(b"x")
    assert channel.outgoing(now=1.0) == []
    assert channel.next_deadline() is None


def test_a_node_that_acknowledges_nothing_is_given_up_once():
    channel, agent = opened(), Agent()
    channel.receive(agent.says(PayloadType.OUTPUT, b"$ ")[0], now=0.0)
    channel.send(b"x")
    channel.outgoing(now=0.0)
    assert channel.advance(now=GIVE_UP) == []
    (event,) = channel.advance(now=GIVE_UP + 1)
    assert isinstance(event, Lost)
    assert channel.advance(now=GIVE_UP + 2) == []


def test_the_far_side_of_a_port_may_stop_reading_for_as_long_as_it_likes():
    channel, agent = opened(accepts=PORTS), Agent()
    request = HandshakeRequest("3.3.987.0", (Action("SessionType", {"SessionType": "Port"}),))
    channel.receive(agent.says(PayloadType.HANDSHAKE_REQUEST, payload.handshake_request(request))[0], now=0.0)
    channel.receive(agent.says(PayloadType.HANDSHAKE_COMPLETE, b"{}")[0], now=0.0)
    channel.send(b"x")
    channel.outgoing(now=0.0)
    assert channel.advance(now=10 * GIVE_UP) == []


def test_what_cannot_be_sent_at_once_leaves_no_room():
    channel, agent = opened(), Agent()
    room = channel.room
    channel.send(b"x" * room)  # held until the session is ready
    assert channel.room == 0
    channel.receive(agent.says(PayloadType.OUTPUT, b"$ ")[0], now=0.0)
    sent = channel.outgoing(now=0.0)
    assert channel.room <= 0
    for ack in agent.hears(sent):
        channel.receive(ack, now=0.1)
    assert channel.room > 0


def test_a_probe_is_acknowledged_when_the_agent_takes_it():
    channel, agent = opened(), Agent()
    channel.receive(agent.says(PayloadType.OUTPUT, b"$ ")[0], now=0.0)
    probe = channel.probe()
    sent = channel.outgoing(now=0.0)
    assert not channel.is_acknowledged(probe)
    for ack in agent.hears(sent):
        channel.receive(ack, now=0.1)
    assert channel.is_acknowledged(probe)


@pytest.mark.parametrize(
    ("agent", "than", "is_newer"),
    [
        ("3.0.196.1", MUX_AFTER, True),
        ("3.0.196.0", MUX_AFTER, False),
        ("3.10.0.0", QUIET_MUX_AFTER, True),
        ("3.1.1511.0", QUIET_MUX_AFTER, False),
        ("4.0", MUX_AFTER, False),
        ("4.0.0.0.1", MUX_AFTER, False),
        ("four", MUX_AFTER, False),
        ("", MUX_AFTER, False),
    ],
)
def test_what_an_agent_can_is_decided_by_four_numbers_strictly(agent, than, is_newer):
    assert newer(agent, than) is is_newer


def test_what_was_acknowledged_lately_is_acknowledged_again_on_a_new_connection():
    """The agent may not have read it; and then what is missing waits behind all that is not."""
    channel, agent = opened(), Agent()
    for number in range(10):
        channel.receive(agent.says(PayloadType.OUTPUT, b"%d" % number)[0], now=3.0 * number)
        channel.outgoing(now=3.0 * number)
    channel.reconnected("new", now=300.0)  # however long it took to see that nothing comes any more
    opening, *acks = channel.outgoing(now=300.0)
    assert json.loads(opening)["TokenValue"] == "new"
    assert acknowledged(acks) == [6, 7, 8, 9]
    channel.reconnected("newer", now=300.1)
    assert acknowledged(channel.outgoing(now=300.1)[1:]) == [6, 7, 8, 9]


def test_what_was_acknowledged_since_the_agent_reads_no_more_is_acknowledged_again():
    """However long that is; it reads in order, and has not acknowledged what we said before."""
    channel, agent = opened(), Agent()
    for number in range(10):
        channel.receive(agent.says(PayloadType.OUTPUT, b"%d" % number)[0], now=100.0 * number)
        sent = channel.outgoing(now=100.0 * number)
        for ack in agent.hears(sent) if number < 3 else ():
            channel.receive(ack, now=100.0 * number)
        channel.send(b"x")
        channel.outgoing(now=100.0 * number)
    channel.reconnected("new", now=1000.0)
    again = [each for each in channel.outgoing(now=1000.0)[1:] if decode(each).type == MessageType.ACKNOWLEDGE]
    assert acknowledged(again) == [2, 3, 4, 5, 6, 7, 8, 9]


def test_many_acknowledgements_that_are_given_again_do_not_keep_a_key_waiting():
    channel, agent = opened(), Agent()
    for number in range(1000):
        channel.receive(agent.says(PayloadType.OUTPUT, b"%d" % number)[0], now=1.0)
        channel.outgoing(now=1.0)
    channel.reconnected("new", now=2.0)
    channel.send(b"k")
    first = channel.outgoing(now=2.0)
    assert len(first) < 300
    assert b"k" in [decode(each).payload for each in first[1:]]
    acks = []
    while channel.next_deadline() == 0.0:
        acks += channel.outgoing(now=2.0)
    assert sorted(acknowledged([each for each in acks + first[1:] if decode(each).payload != b"k"])) == [
        *range(1000)
    ]


def test_text_frames_and_unknown_types_are_ignored():
    channel = opened()
    assert channel.receive("hello", now=0.0) == []
    assert channel.receive(service("agent_session_state"), now=0.0) == []


def test_a_damaged_message_is_not_acknowledged():
    channel, agent = opened(), Agent()
    (frame,) = agent.says(PayloadType.OUTPUT, b"$ ")
    assert channel.receive(frame[:-1] + b"!", now=0.0) == []
    assert channel.outgoing(now=0.0) == []
    assert channel.receive(frame, now=0.1) == [Ready("", ""), Output(b"$ ")]


def test_a_reconnected_channel_opens_with_the_new_token_and_repeats_what_is_missing():
    channel, agent = opened(), Agent()
    channel.receive(agent.says(PayloadType.OUTPUT, b"$ ")[0], now=0.0)
    channel.send(b"lost")
    channel.outgoing(now=0.0)
    channel.reconnected("second", now=5.0)
    opening, repeated, acknowledged = channel.outgoing(now=5.0)
    assert json.loads(opening)["TokenValue"] == "second"
    assert decode(acknowledged).type == MessageType.ACKNOWLEDGE
    assert decode(repeated).payload == b"lost"


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("given_input", list(Input))
def test_every_step_is_in_the_table_or_a_protocol_error(state, given_input):
    if (state, given_input) in TRANSITIONS:
        assert step(state, given_input) is TRANSITIONS[state, given_input]
    else:
        with pytest.raises(ProtocolError):
            step(state, given_input)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*MessageType, "something_new"]),
            st.integers(0, 6),
            st.sampled_from([*PayloadType, 99]),
            st.binary(max_size=40) | st.sampled_from([b"{}", b"[]", b'{"RequestedClientActions":[{}]}']),
        ),
        max_size=12,
    )
)
def test_a_hostile_peer_causes_events_or_a_protocol_error(messages):
    channel = opened(quiet_after=QUIET_START)
    try:
        for at, (kind, number, payload_type, content) in enumerate(messages):
            channel.receive(encode(Message(kind, number, 0, payload_type, content, numbered(at), 1)), now=float(at))
            channel.advance(now=float(at))
            channel.send(b"x")
            channel.outgoing(now=float(at))
    except ProtocolError:
        pass


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.binary(min_size=1, max_size=3000), max_size=8),
    st.lists(st.binary(min_size=1, max_size=30), min_size=1, max_size=12),
    st.integers(0, 2**32),
)
def test_both_directions_survive_a_network_that_loses_doubles_and_reorders(typed, shown, seed):
    dice = Random(seed)
    channel, agent = opened(), Agent()
    got, now, patience = bytearray(), 0.0, 4000
    for data in shown:
        agent.outbox.put(PayloadType.OUTPUT, data)
    for data in typed:
        channel.send(data)
    to_client, to_agent = [], []
    while patience and (agent.outbox.backlog or channel.backlog):
        patience -= 1
        now += 0.05
        to_client += agent.outbox.transmit(now)
        to_agent += channel.outgoing(now=now)
        for queue in (to_client, to_agent):
            dice.shuffle(queue)
            fate = dice.random()
            if queue and fate < 0.2:
                queue.pop()
            elif queue and fate < 0.4:
                queue.append(queue[0])
        for frame in to_client[: dice.randint(0, 6)]:
            to_client.remove(frame)
            got += b"".join(e.data for e in channel.receive(frame, now=now) if isinstance(e, Output))
        for frame in to_agent[: dice.randint(0, 6)]:
            to_agent.remove(frame)
            to_client += agent.hears([frame], now)
    assert patience, "the bytes never arrived"
    assert bytes(got) == b"".join(shown)
    assert b"".join(content for kind, content in agent.heard if kind == PayloadType.OUTPUT) == b"".join(typed)
