"""What a peer may say in a port session that no node says: an error of status 76, or ignored."""

import json
import time
from contextlib import nullcontext, suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssmx.channel.frame import Message, MessageType, encode
from ssmx.channel.payload import Action, HandshakeRequest, PayloadType, handshake_request
from ssmx.errors import ProtocolError, SsmxError
from ssmx.model.plan import plan_forward
from ssmx.model.session import Session
from ssmx.model.target import Target
from ssmx.sandbox import smux
from ssmx.signals import Signals
from ssmx.transport.native.support import Support
from ssmx.transport.native.transport import NativeTransport
from tests.channel.ids import numbered
from tests.transport.native.conftest import within
from tests.transport.node import closed, node

PORT = Action(
    "SessionType", {"SessionType": "Port", "Properties": {"type": "LocalPortForwarding", "portNumber": "1"}}
)


def said(number, kind, content, *, message_type=MessageType.OUTPUT):
    return encode(Message(message_type, number, 1 if number == 0 else 0, kind, content, numbered(1), 1))


def request(*actions, version="3.3.987.0"):
    return said(0, PayloadType.HANDSHAKE_REQUEST, handshake_request(HandshakeRequest(version, actions)))


BEGIN = [request(PORT), said(1, PayloadType.HANDSHAKE_COMPLETE, b'{"CustomerMessage":""}')]


def data(number, content):
    return said(number, PayloadType.OUTPUT, content)


class Heard:
    """The receiver of a stream."""

    def __init__(self):
        self.data = b""
        self.told = []

    def arrived(self, data):
        self.data += data

    def finished(self, *, refused):
        self.told.append("refused" if refused else "finished")

    def failed(self, error):
        self.told.append("failed")

    def writable(self):
        pass


SUPPORT = Support(
    sign=lambda _: {},
    authorities=lambda: "",
    resume=lambda _: None,
    resume_seconds=1.0,
    escapes=True,
    session_key=lambda *_: None,
    asked_here=lambda _: nullcontext(),
    note=lambda _: None,
    detail=lambda _: None,
)


async def listens(link):
    """Open a stream and take what comes; gives its receiver."""
    heard = Heard()
    (await link.stream(heard)).listen(on=True)
    return heard


def told(frames, *, does=listens, streams=1):
    """Open a link to a node that says this, and do something with it.

    Gives the error it ends with, and the receiver that was used.
    """

    def play(socket):
        assert json.loads(socket.recv())["TokenValue"] == "token"
        for frame in frames[:2]:
            socket.send(frame)
        with suppress(TimeoutError):
            while not socket.recv(timeout=0.3).endswith(smux.frame(smux.SYN, 1 + 2 * streams)):
                pass
        for frame in frames[2:]:
            socket.send(frame)
        for _ in socket:
            pass

    async def work(port):
        session = Session("ravi-1", f"ws://127.0.0.1:{port}/v1/data-channel/ravi-1", "token")
        transport = NativeTransport(SUPPORT, signals=Signals(print))
        link = await transport.open(session, plan_forward(Target("i-0123456789abcdef0", "eu-west-1"), port=1))
        try:
            heard = await does(link)
            return await link.ended(), heard
        finally:
            await link.close()

    with node(play) as port:
        try:
            return within(15, work(port))
        except SsmxError as error:
            return error, Heard()


@pytest.mark.parametrize(
    "frames",
    [
        [b"\x00" * 200],
        [b"short"],
        [data(2, b"\x02\x00\x00\x00\x03\x00\x00\x00")],  # smux, version 2
        [data(2, b"\x01\x09\x00\x00\x03\x00\x00\x00")],  # a command that smux has not
        [said(2, PayloadType.FLAG, b"\x00\x00")],
        [said(2, PayloadType.EXIT_CODE, b"EXIT_CODE: lots")],
        [said(2, PayloadType.HANDSHAKE_COMPLETE, b"{}")],
        [said(0, 0, b"not JSON", message_type=MessageType.CHANNEL_CLOSED)],
        [said(0, 0, b'{"no":"number"}', message_type=MessageType.ACKNOWLEDGE)],
        [data(2, b"x" * (2 << 20))],  # more than a message may have
    ],
)
def test_garbage_ends_the_link_with_76(frames):
    error, _ = told([*BEGIN, *frames])
    assert isinstance(error, ProtocolError), error
    assert error.exit == 76


def test_what_the_protocol_lets_pass_is_ignored():
    whole = data(2, smux.frame(smux.PSH, 3, b"hello"))
    frames = [
        "a text frame",
        said(7, 1, b"", message_type="some_future_type"),
        said(0, 0, b"", message_type=MessageType.PAUSE_PUBLICATION),
        whole[:-1] + b"!",  # a wrong digest: dropped, and so repeated
        whole,
        whole,
        said(3, 99, b"a payload of a future kind"),
        said(4, PayloadType.FLAG, (77).to_bytes(4, "big")),
        data(5, smux.frame(smux.NOP, 0) + smux.frame(smux.PSH, 99, b"of no stream of ours")),
        data(6, smux.frame(smux.PSH, 3, b" again")),
        closed("the reason"),
    ]
    error, heard = told([*BEGIN, *frames])
    assert heard.data == b"hello again"
    assert (error.exit, "the reason" in error.message) == (74, True)


@pytest.mark.parametrize("actions", [[Action("Dance", {}), PORT], [PORT, Action("Dance", {})]])
def test_an_unknown_action_is_refused_and_the_node_says_what_it_makes_of_that(actions):
    error, _ = told([request(*actions), closed("Encountered error while initiating handshake.")])
    assert error.exit == 69
    assert "initiating handshake" in error.message


@pytest.mark.parametrize(
    ("frames", "status"),
    [
        ([request(Action("SessionType", {"SessionType": "Standard_Stream"}))], 2),
        ([data(0, b"output before any handshake")], 76),
        ([closed("no such session")], 69),
        ([closed()], 74),
    ],
)
def test_a_session_that_does_not_begin_ends_with_its_reason(frames, status):
    error, _ = told([*frames, closed("over")])
    assert error.exit == status, error


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.binary(max_size=300)
        | st.text(max_size=30)
        | st.builds(said, st.integers(0, 4), st.integers(0, 13), st.binary(max_size=60)),
        max_size=6,
    )
)
def test_a_hostile_peer_ends_in_an_error_and_never_in_a_crash_or_a_hang(frames):
    error, _ = told([*BEGIN, *frames, closed("over")])
    assert error.exit in (69, 74, 76), error


def test_a_refusal_of_a_stream_that_we_have_left_is_not_the_next_ones():
    async def leaves_one(link):
        first = await link.stream(Heard())
        first.listen(on=True)
        first.close()
        return await listens(link)

    frames = [
        said(2, PayloadType.FLAG, (3).to_bytes(4, "big")),
        data(3, smux.frame(smux.FIN, 3) + smux.frame(smux.FIN, 5)),
        closed("over"),
    ]
    _, heard = told([*BEGIN, *frames], does=leaves_one, streams=2)
    assert heard.told == ["finished"]


def test_a_stream_that_has_answered_is_never_a_refusal():
    frames = [
        said(2, PayloadType.FLAG, (3).to_bytes(4, "big")),
        data(3, smux.frame(smux.PSH, 3, b"answer") + smux.frame(smux.FIN, 3)),
        closed("over"),
    ]
    _, heard = told([*BEGIN, *frames])
    assert (heard.data, heard.told) == (b"answer", ["finished"])


def test_a_complete_stream_is_handed_over_whole_though_the_link_has_ended():
    async def looks_away_and_back(link):
        heard = Heard()
        stream = await link.stream(heard)
        stream.listen(on=False)
        await link.ended()
        assert (heard.data, heard.told) == (b"", [])
        stream.listen(on=True)
        return heard

    frames = [data(2, smux.frame(smux.PSH, 3, b"all of it") + smux.frame(smux.FIN, 3)), closed("over")]
    _, heard = told([*BEGIN, *frames], does=looks_away_and_back)
    assert (heard.data, heard.told) == (b"all of it", ["finished"])


def test_a_stream_that_is_not_complete_fails_with_the_link():
    _, heard = told([*BEGIN, data(2, smux.frame(smux.PSH, 3, b"some of it")), closed("over")])
    assert (heard.data, heard.told) == (b"some of it", ["failed"])


def test_a_service_that_takes_each_connection_and_drops_it_is_given_up():
    """Each loss alone would be resumed at once, for ever."""
    resumed = []

    def play(socket):
        socket.recv()
        if not resumed:
            for frame in BEGIN:
                socket.send(frame)
            socket.recv(timeout=1)

    async def work(port):
        session = Session("ravi-1", f"ws://127.0.0.1:{port}/v1/data-channel/ravi-1", "token")

        def resume(_):
            resumed.append(time.monotonic())
            return session

        support = replace(SUPPORT, resume=resume, resume_seconds=2.0)
        transport = NativeTransport(support, signals=Signals(print))
        link = await transport.open(session, plan_forward(Target("i-0123456789abcdef0", "eu-west-1"), port=1))
        return await link.ended()

    with node(play) as port:
        error = within(15, work(port))
    assert error.exit == 74
    assert "could not be resumed in 2 seconds" in error.message
    assert len(resumed) < 20
