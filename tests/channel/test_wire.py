import pytest

from ssmx.channel.channel import Channel
from ssmx.channel.events import Closed, Output
from ssmx.channel.frame import MessageType, decode, encode
from ssmx.channel.payload import PayloadType
from tests.channel.ids import counted
from tests.channel.wire import recording

RECORDINGS = ["shell", "interactive-command"]


def meaning(frame):
    """A message without what differs from run to run: its id and its date."""
    message = decode(frame)
    return message.type, message.sequence, message.flags, message.payload_type, message.payload


def official(lines):
    """What the official client sent, resends removed."""
    return [line.frame for line in lines if line.direction == "client>agent"]


def replay(lines, *, copies=1):
    """Our answers to the recorded agent, with the recorded user at the keyboard, and the events on the way."""
    channel = Channel(token="token", ids=counted(), epoch=1.7e9, now=0.0)
    channel.resize(80, 24)
    answers, events = [], []
    for line in lines:
        if line.direction in ("agent>client", "service>client"):
            for _ in range(copies if decode(line.frame).type == MessageType.OUTPUT else 1):
                events += channel.receive(line.frame, now=line.at)
        elif line.direction == "client>agent" and typed(line.frame):
            channel.send(typed(line.frame))
        answers += [each for each in channel.outgoing(now=line.at) if isinstance(each, bytes)]
    return answers, events


def typed(frame):
    message = decode(frame)
    return message.payload if message.payload_type == PayloadType.OUTPUT else b""


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_recorded_frame_is_decoded_and_encoded_to_the_same_bytes(name):
    frames = [line.frame for line in recording(name)]
    assert len(frames) > 5
    for frame in frames:
        assert encode(decode(frame)) == frame


@pytest.mark.parametrize("name", RECORDINGS)
def test_our_answers_are_those_of_the_official_client(name):
    lines = recording(name)
    answers, _ = replay(lines)
    assert {meaning(frame) for frame in answers} == {meaning(frame) for frame in official(lines)}
    assert len(answers) == len({meaning(frame) for frame in answers})


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_duplicate_is_acknowledged_once_more(name):
    """The official client is silent here, and the agent then repeats the message for ever."""
    lines = recording(name)
    once, _ = replay(lines)
    twice, events = replay(lines, copies=2)
    acks = [meaning(frame) for frame in once if decode(frame).type == MessageType.ACKNOWLEDGE]
    others = [meaning(frame) for frame in once if decode(frame).type != MessageType.ACKNOWLEDGE]
    assert sorted(map(meaning, twice)) == sorted([*others, *acks, *acks])
    assert sum(isinstance(event, Output) for event in events) == len(acks)


def test_the_recorded_shell_is_shown_whole_and_ends_normally():
    _, events = replay(recording("shell"))
    shown = b"".join(event.data for event in events if isinstance(event, Output))
    assert shown == b"$ echo hello; stty size\r\nhello\r\n24 80\r\n$ exit\r\n"
    assert events[-1] == Closed("")
