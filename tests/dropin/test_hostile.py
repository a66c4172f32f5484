"""The whole drop-in against a peer that says anything: it ends, with 0 or 1, and with no trace of a bug."""

import os
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssmx.channel.frame import MessageType
from ssmx.channel.payload import Action, PayloadType
from tests.carried import DROPIN, NOWHERE, environment, words
from tests.transport.native.test_garbage import request, said
from tests.transport.node import closed, node

COMPLETE = b'{"HandshakeTimeToComplete":1,"CustomerMessage":""}'
KINDS = [
    [],
    *(
        [request(Action("SessionType", {"SessionType": kind, "Properties": properties}))]
        for kind, properties in (
            ("Standard_Stream", None),
            ("NonInteractiveCommands", None),
            ("InteractiveCommands", None),
            ("Port", {"portNumber": "22"}),
            ("Port", {"portNumber": "22", "type": "LocalPortForwarding", "localPortNumber": "0"}),
            ("Port", {"portNumber": "x", "type": "LocalPortForwarding", "localPortNumber": "99999999"}),
            (
                "Port",
                {"type": "LocalPortForwarding", "localConnectionType": "unix", "localUnixSocket": "/nowhere/s"},
            ),
            ("Port", []),
            ("Bogus", None),
        )
    ),
    [
        request(
            Action("SessionType", {"SessionType": "Standard_Stream"}), Action("KMSEncryption", {"KMSKeyId": "k"})
        )
    ],
    [request(Action("KMSEncryption", {})), said(1, PayloadType.CHALLENGE_REQUEST, b"{}")],
    [request(Action("SessionType", {"SessionType": "Port"}), version="0.0.0.0")],
]
CONTENT = st.binary(max_size=200) | st.sampled_from(
    [
        COMPLETE,
        b"EXIT_CODE: 5",
        b"EXIT_CODE: x",
        b"\0\0\0\x03",
        b'{"Challenge":"aa"}',
        b"\x01\x02\xff\xff\x03\0\0\0",
    ]
)


TYPED = st.sampled_from([b"", b"typed\n"])


@st.composite
def sessions(draw):
    """Frames of a session: a beginning that makes sense or none, then anything, in order or not."""
    frames = list(draw(st.sampled_from(KINDS)))
    if frames and draw(st.booleans()):
        frames.append(said(len(frames), PayloadType.HANDSHAKE_COMPLETE, COMPLETE))
    for _ in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from([*PayloadType, 0, 99]))
        number = len(frames) + draw(st.sampled_from([0, 0, 0, 0, 1, -1]))
        types = [*[MessageType.OUTPUT] * 6, *MessageType, "agent_session_state"]
        frames.append(said(number, kind, draw(CONTENT), message_type=draw(st.sampled_from(types))))
    if draw(st.integers(0, 4)) == 0:
        frames.append(draw(st.binary(max_size=300) | st.text(max_size=50)))
    return frames


def plays(frames):
    return [*frames, closed("over")]


@settings(max_examples=4)
@given(sessions(), TYPED)
def test_whatever_a_peer_says_it_ends(frames, typed):
    ends(frames, typed)


@pytest.mark.long
@settings(max_examples=100)
@given(sessions(), TYPED)
def test_it_ends_of_many_peers(frames, typed):
    ends(frames, typed)


def ends(frames, typed):
    def play(socket):
        socket.recv()
        for frame in plays(frames):
            socket.send(frame)
        for _ in socket:
            pass

    with node(play) as port:
        answer = {"SessionId": "s-1", "TokenValue": "hush", "StreamUrl": f"ws://127.0.0.1:{port}/v1/data-channel/s"}
        env = {**environment(answer), "AWS_MAX_ATTEMPTS": "1", "SSMX_RESUME_TIMEOUT": "0", "TMPDIR": os.devnull}
        done = subprocess.run(
            [*DROPIN, *words({"Target": "i-1"}, NOWHERE)],
            env=env,
            input=typed,
            capture_output=True,
            timeout=40,
            check=False,
        )
    shown = done.stdout + done.stderr
    assert done.returncode in (0, 1), shown
    assert b"Traceback" not in shown
    assert b"a bug in ssmx" not in shown, shown
    assert b"report" not in done.stderr, shown
    assert b"hush" not in shown
    assert b"config" not in shown  # it got as far as the peer
