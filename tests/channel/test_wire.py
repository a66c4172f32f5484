import base64
import json
import re
import struct

import pytest

from ssmx.channel import handshake, payload
from ssmx.channel.channel import Channel
from ssmx.channel.events import Closed, Exited, KeyNeeded, Notice, Output, PortRefused
from ssmx.channel.frame import MessageType, decode, encode
from ssmx.channel.handshake import PORTS, SHELLS
from ssmx.channel.mux import Command, Data, Finished, Mux
from ssmx.channel.payload import PayloadType
from tests.channel.ids import counted
from tests.channel.wire import recording

TERMINALS = ["shell", "interactive-command"]
COMMANDS = ["noninteractive-plain", "noninteractive-separate"]
ENCRYPTED = ["shell-kms", "noninteractive-kms"]
MUXES = ["port-mux", "port-mux-refused", "remote-host", "remote-host-denied"]
STREAMS = ["port-basic-old-agent", "ssh-stdio"]
RECORDINGS = [*TERMINALS, *COMMANDS, *ENCRYPTED, *MUXES, *STREAMS]


def meaning(frame):
    """A message without what differs: its id, its date, the version of the client, and what only newer ones say."""
    message = decode(frame)
    content = message.payload
    if message.payload_type == PayloadType.HANDSHAKE_RESPONSE:
        content = re.sub(rb'"ClientVersion":"[0-9.]+"|,"ChallengeAcknowledgement":true', b"", content)
    return message.type, message.sequence, message.flags, message.payload_type, content


def official(lines):
    """What the official client sent, resends removed."""
    return [line.frame for line in lines if line.direction == "client>agent"]


ALL = (*SHELLS, *handshake.COMMANDS, *PORTS)


class RecordedCipher:
    """A cipher whose key is lost, which the recording knows by heart."""

    def __init__(self, lines):
        proofs = [decode(line.frame) for line in lines if line.direction == "client>agent"]
        response = next(each for each in proofs if each.payload_type == PayloadType.HANDSHAKE_RESPONSE)
        (result,) = [each["ActionResult"] for each in actions(response.payload) if each["ActionResult"]]
        self.wrapped = base64.b64decode(result["KMSCipherTextKey"])
        self._said = [
            payload.parse_challenge(each.payload)
            for each in proofs
            if each.payload_type == PayloadType.CHALLENGE_RESPONSE
        ]
        self._said += [each.payload for each in proofs if each.payload_type == PayloadType.OUTPUT]

    def encrypt(self, data):
        return self._said.pop(0)

    def decrypt(self, data):
        return b"EXIT_CODE: 5" if len(data) == 28 + len(b"EXIT_CODE: 5") else data


def actions(response):
    return json.loads(response)["ProcessedClientActions"]


def replay(name, *, copies=1):
    """Our answers to the recorded agent, with the recorded user in front of us, and the events on the way."""
    lines = recording(name)
    channel = Channel(token="token", ids=counted(), epoch=1.7e9, now=0.0, accepts=ALL)
    if name in (*TERMINALS, *COMMANDS, *ENCRYPTED):
        channel.resize(80, 24)
    mux = Mux(keep_alive=False, now=0.0) if name in MUXES else None
    cipher = RecordedCipher(lines) if name in ENCRYPTED else None
    answers, events = [], []
    for line in lines:
        if line.direction in ("agent>client", "service>client"):
            for _ in range(copies if decode(line.frame).type == MessageType.OUTPUT else 1):
                events += channel.receive(line.frame, now=line.at)
        elif line.direction == "client>agent":
            user(channel, mux, decode(line.frame))
        if events and isinstance(events[-1], KeyNeeded):
            channel.use_key(cipher, cipher.wrapped)
            events.pop()
        if mux is not None:
            for event in [each for each in events if isinstance(each, Output)]:
                events.remove(event)
                events += mux.receive(event.data)
            channel.send(mux.take(1 << 20))
        answers += [each for each in channel.outgoing(now=line.at) if isinstance(each, bytes)]
    return answers, events


def user(channel, mux, message):
    """Do what the recorded user did when the official client sent this."""
    if message.payload_type == PayloadType.FLAG:
        channel.flag(int.from_bytes(message.payload, "big"))
    elif message.payload_type == PayloadType.OUTPUT and mux is None:
        channel.send(message.payload)
    elif message.payload_type == PayloadType.OUTPUT:
        rest = message.payload
        while rest:
            _, command, length, number = struct.unpack("<BBHI", rest[:8])
            body, rest = rest[8 : 8 + length], rest[8 + length :]
            if command == Command.SYN:
                assert mux.open() == number
            elif command == Command.PSH:
                mux.send(number, body)
            else:
                mux.close(number)


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_recorded_frame_is_decoded_and_encoded_to_the_same_bytes(name):
    frames = [line.frame for line in recording(name)]
    assert len(frames) > 5
    for frame in frames:
        assert encode(decode(frame)) == frame


@pytest.mark.parametrize("name", RECORDINGS)
def test_our_answers_are_those_of_the_official_client(name):
    answers, _ = replay(name)
    assert {meaning(frame) for frame in answers} == {meaning(frame) for frame in official(recording(name))}
    if name != "shell-kms":  # whose agent was so slow that both ends repeated themselves
        assert len(answers) == len({meaning(frame) for frame in answers})


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_duplicate_is_acknowledged_once_more(name):
    """The official client is silent here, and the agent then repeats the message for ever."""
    once, told = replay(name)
    twice, events = replay(name, copies=2)
    acks = [meaning(frame) for frame in once if decode(frame).type == MessageType.ACKNOWLEDGE]
    others = [meaning(frame) for frame in once if decode(frame).type != MessageType.ACKNOWLEDGE]
    assert sorted(map(meaning, twice)) == sorted([*others, *acks, *acks])
    assert events == told


def said(events, *, error=False):
    return b"".join(each.data for each in events if isinstance(each, Output) and each.error == error)


def test_the_recorded_shell_is_shown_whole_and_ends_normally():
    _, events = replay("shell")
    assert said(events) == b"$ echo hello; stty size\r\nhello\r\n24 80\r\n$ exit\r\n"
    assert events[-1] == Closed("")


def test_the_recorded_command_is_told_apart_and_with_its_status():
    _, events = replay("noninteractive-separate")
    assert (said(events), said(events, error=True)) == (b"out\n", b"err\n")
    assert Exited(5) in events
    assert events[-1] == Closed("")
    _, events = replay("noninteractive-plain")
    assert said(events) == b"out\nerr\n"
    assert not any(isinstance(each, Exited) for each in events)


def test_the_recorded_encrypted_sessions_are_told_to_be_encrypted():
    for name in ENCRYPTED:
        _, events = replay(name)
        assert Notice("This session is encrypted using AWS KMS.") in events
        assert events[-1] == Closed("")
    assert Exited(5) in events
    assert {each.error for each in events if isinstance(each, Output)} == {False, True}


def test_the_recorded_connections_are_told_apart():
    _, events = replay("port-mux")
    assert [each for each in events if isinstance(each, Data)] == [
        Data(3, b"ping 0"),
        Data(5, b"ping 1"),
    ]
    _, events = replay("remote-host")
    # The second answer came after the official client had closed the stream, and was lost.
    assert [each.data[:6] for each in events if isinstance(each, Data)] == [b"remote", b"remote"]


def test_the_recorded_refusals_are_told_before_their_streams_end():
    _, events = replay("port-mux-refused")
    told = [each for each in events if isinstance(each, PortRefused | Finished)]
    assert told == [PortRefused(), Finished(3), PortRefused(), Finished(5)]
    _, events = replay("remote-host-denied")
    assert isinstance(events[-1], Closed)
    assert "Forwarding to IP address 169.254.169.254 is forbidden." in events[-1].reason


def test_the_recorded_ssh_stream_and_the_basic_port_are_whole():
    assert said(replay("ssh-stdio")[1]) == b"220 the server speaks first\r\nhello\n"
    assert said(replay("port-basic-old-agent")[1]) == b"ping 0ping 1"
