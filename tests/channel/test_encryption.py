"""An encrypted channel against an agent made of the same parts, and what it does with one that cheats."""

import base64
import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssmx.channel import encryption, payload
from ssmx.channel.cipher import SessionCipher
from ssmx.channel.events import Exited, KeyNeeded, Notice, Output, Ready, WrongType
from ssmx.channel.payload import Action, HandshakeRequest, PayloadType
from ssmx.channel.state import State
from ssmx.errors import ProtocolError
from tests.channel.test_channel import Agent, opened, service

KEY = bytes(range(64))
COMPLETE = b'{"HandshakeTimeToComplete":1,"CustomerMessage":"This session is encrypted using AWS KMS."}'
ALL = ("Standard_Stream", "NonInteractiveCommands")


def ciphers(key=KEY):
    """The client's, and the agent's."""
    return SessionCipher(key, random=os.urandom), SessionCipher(key, random=os.urandom, agent=True)


def request(*, challenge="Y2hhbGxlbmdl", kind="Standard_Stream"):
    asked = {"KMSKeyId": "arn:key", **({"Challenge": challenge} if challenge else {})}
    actions = (Action("SessionType", {"SessionType": kind}), Action("KMSEncryption", asked))
    return payload.handshake_request(HandshakeRequest("3.3.987.0", actions))


class Pair:
    """A client's channel and its agent. `hear` hands the agent what the client has to say."""

    def __init__(self, **about):
        self.channel, self.agent = opened(accepts=ALL), Agent()
        self.ours, self.theirs = ciphers()
        self.asked = self.tell(PayloadType.HANDSHAKE_REQUEST, request(**about))

    def tell(self, kind, content):
        (frame,) = self.agent.says(kind, content)
        return self.channel.receive(frame, now=0.1)

    def hear(self):
        before = len(self.agent.heard)
        for ack in self.agent.hears(self.channel.outgoing(now=0.2)):
            self.channel.receive(ack, now=0.2)
        return self.agent.heard[before:]

    def complete(self):
        self.channel.use_key(self.ours, b"wrapped")
        self.hear()
        self.tell(PayloadType.CHALLENGE_REQUEST, payload.challenge(self.theirs.encrypt(b"proof")))
        self.hear()
        return self.tell(PayloadType.HANDSHAKE_COMPLETE, COMPLETE)


def test_the_key_is_asked_for_and_nothing_is_answered_before_it_is_there():
    pair = Pair()
    assert pair.asked == [KeyNeeded("arn:key", "Y2hhbGxlbmdl")]
    assert pair.hear() == []
    pair.channel.use_key(pair.ours, b"wrapped")
    ((kind, response),) = pair.hear()
    assert kind == PayloadType.HANDSHAKE_RESPONSE
    session, key = json.loads(response)["ProcessedClientActions"]
    assert (session["ActionStatus"], key["ActionStatus"]) == (1, 1)
    assert key["ActionResult"] == {
        "KMSCipherTextKey": base64.b64encode(b"wrapped").decode(),
        "KMSCipherTextHash": None,
        "ChallengeAcknowledgement": True,
    }


def test_an_older_agent_gets_no_acknowledgement_of_a_challenge():
    pair = Pair(challenge="")
    assert pair.asked == [KeyNeeded("arn:key", "")]
    pair.channel.use_key(pair.ours, b"wrapped")
    ((_, response),) = pair.hear()
    assert "ChallengeAcknowledgement" not in json.loads(response)["ProcessedClientActions"][1]["ActionResult"]


def test_the_context_has_the_challenge_exactly_where_there_is_one():
    known = {"aws:ssm:SessionId": "s", "aws:ssm:TargetId": "i-1"}
    assert encryption.context("s", "i-1", "") == known
    assert encryption.context("s", "i-1", "c") == {**known, "aws:ssm:RandomChallenge": "c"}


def test_the_challenge_is_answered_with_what_it_says_under_our_half_of_the_key():
    pair = Pair()
    pair.channel.use_key(pair.ours, b"wrapped")
    pair.hear()
    assert pair.channel.state is State.PROVING
    assert pair.tell(PayloadType.CHALLENGE_REQUEST, payload.challenge(pair.theirs.encrypt(b"proof"))) == []
    ((kind, answer),) = pair.hear()
    assert kind == PayloadType.CHALLENGE_RESPONSE
    assert pair.theirs.decrypt(payload.parse_challenge(answer)) == b"proof"


def test_what_is_said_is_encrypted_both_ways_and_sizes_and_flags_are_not():
    pair = Pair()
    pair.channel.resize(80, 24)
    pair.channel.send(b"typed early")
    events = pair.complete()
    assert events == [
        Ready("Standard_Stream", "3.3.987.0"),
        Notice("This session is encrypted using AWS KMS."),
    ]
    pair.channel.send(b"x" * 1025)
    (_, size), *said = pair.hear()
    assert size == b'{"cols":80,"rows":24}'
    assert [pair.theirs.decrypt(each) for _, each in said] == [b"typed early", b"x" * 1024, b"x"]
    assert [len(each) for _, each in said] == [11 + 28, 1024 + 28, 1 + 28]
    assert pair.tell(PayloadType.OUTPUT, pair.theirs.encrypt(b"$ ")) == [Output(b"$ ")]
    assert pair.tell(PayloadType.STDERR, pair.theirs.encrypt(b"no")) == [Output(b"no", error=True)]
    assert pair.tell(PayloadType.EXIT_CODE, pair.theirs.encrypt(b"EXIT_CODE: 5")) == [Exited(5)]


def test_what_is_typed_before_a_late_handshake_is_encrypted_like_the_rest():
    """The node was busy for so long that the session began without it."""
    channel, agent = opened(quiet_after=3.0), Agent()
    ours, theirs = ciphers()
    channel.advance(now=3.0)
    channel.send(b"secret")
    agent.hears(channel.outgoing(now=3.0))  # it will be acknowledged, after the handshake
    (frame,) = agent.says(PayloadType.HANDSHAKE_REQUEST, request())
    assert channel.receive(frame, now=4.0) == [KeyNeeded("arn:key", "Y2hhbGxlbmdl")]
    channel.use_key(ours, b"wrapped")
    agent.hears(channel.outgoing(now=4.0))
    (frame,) = agent.says(PayloadType.CHALLENGE_REQUEST, payload.challenge(theirs.encrypt(b"proof")))
    channel.receive(frame, now=4.0)
    (frame,) = agent.says(PayloadType.HANDSHAKE_COMPLETE, COMPLETE)
    channel.receive(frame, now=4.0)
    agent.hears(channel.outgoing(now=4.0))
    said = [content for kind, content in agent.heard if kind == PayloadType.OUTPUT]
    assert [theirs.decrypt(each) for each in said] == [b"secret"]


def test_a_key_that_cannot_be_had_is_said_to_the_agent():
    pair = Pair()
    pair.channel.fail_key("no key for you")
    ((_, response),) = pair.hear()
    action = json.loads(response)["ProcessedClientActions"][1]
    assert (action["ActionStatus"], action["Error"]) == (2, "no key for you")
    assert json.loads(response)["Errors"] == ["no key for you"]


def test_a_key_that_comes_after_the_end_is_nobodys():
    pair = Pair()
    pair.channel.receive(service("channel_closed", Output="Handshake timed out."), now=15.0)
    pair.channel.use_key(pair.ours, b"wrapped")
    pair.channel.fail_key("too late")
    assert pair.hear() == []


def test_a_session_of_another_type_is_refused_without_looking_for_a_key():
    pair = Pair(kind="Port")
    assert pair.asked == [WrongType("Port")]
    ((_, response),) = pair.hear()
    assert [each["ActionStatus"] for each in json.loads(response)["ProcessedClientActions"]] == [3, 3]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (PayloadType.OUTPUT, b"in clear, before anything is proven"),
        (PayloadType.HANDSHAKE_COMPLETE, COMPLETE),
        (PayloadType.CHALLENGE_REQUEST, b'{"Challenge":"' + base64.b64encode(bytes(92)) + b'"}'),
        (PayloadType.CHALLENGE_REQUEST, b'{"Challenge":"no base64!"}'),
        (PayloadType.CHALLENGE_REQUEST, b'{"Challenge":""}'),
        (PayloadType.CHALLENGE_REQUEST, b"{}"),
        (PayloadType.HANDSHAKE_REQUEST, request()),
    ],
)
def test_an_agent_that_does_not_prove_that_it_has_the_key_gets_nothing(kind, content):
    pair = Pair()
    pair.channel.use_key(pair.ours, b"wrapped")
    pair.hear()
    with pytest.raises(ProtocolError):
        pair.tell(kind, content)


@pytest.mark.parametrize("content", [b"in clear", b"", bytes(28), bytes(100)])
def test_what_is_not_encrypted_with_the_key_is_no_output(content):
    pair = Pair()
    pair.complete()
    with pytest.raises(ProtocolError):
        pair.tell(PayloadType.OUTPUT, content)


def test_what_the_client_said_cannot_be_given_back_to_it():
    """Each direction has a key of its own."""
    pair = Pair()
    pair.complete()
    with pytest.raises(ProtocolError):
        pair.tell(PayloadType.OUTPUT, pair.ours.encrypt(b"reflected"))


def test_a_challenge_that_nobody_asked_for_is_an_error():
    channel, agent = opened(), Agent()
    channel.receive(agent.says(PayloadType.OUTPUT, b"$ ")[0], now=0.0)
    with pytest.raises(ProtocolError):
        channel.receive(agent.says(PayloadType.CHALLENGE_REQUEST, payload.challenge(b"x"))[0], now=0.0)


def test_a_key_of_another_length_is_none():
    with pytest.raises(ProtocolError):
        SessionCipher(bytes(32), random=os.urandom)


def test_the_cipher_is_aes_256_gcm_with_the_nonce_in_front_and_the_tag_behind():
    """Test case 13 of the GCM specification: a key of zeros, a nonce of zeros, nothing to encrypt."""
    cipher = SessionCipher(bytes(64), random=bytes)
    assert cipher.encrypt(b"") == bytes(12) + bytes.fromhex("530f8afbc74536b9a963b4f1c4cb738b")
    # Test case 14: a block of zeros.
    assert cipher.encrypt(bytes(16)) == bytes(12) + bytes.fromhex(
        "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"
    )


@given(st.binary(max_size=3000))
def test_each_end_reads_the_other_and_no_message_is_like_another(data):
    ours, theirs = ciphers()
    assert theirs.decrypt(ours.encrypt(data)) == data
    assert ours.decrypt(theirs.encrypt(data)) == data
    assert ours.encrypt(data) != ours.encrypt(data)


@given(st.binary(max_size=300))
def test_no_bytes_are_taken_for_a_message(data):
    ours, _ = ciphers()
    with pytest.raises(ProtocolError):
        ours.decrypt(data)


@given(st.binary(max_size=300))
def test_no_bytes_are_taken_for_a_challenge_that_are_none(data):
    try:
        proof = payload.parse_challenge(data)
    except ProtocolError:
        return
    assert payload.parse_challenge(payload.challenge(proof)) == proof


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(st.sampled_from([*PayloadType, 99]), st.binary(max_size=120))
        | st.just((PayloadType.HANDSHAKE_COMPLETE, COMPLETE)),
        max_size=6,
    ),
    st.integers(0, 2),
)
def test_whatever_an_agent_says_nothing_of_it_is_shown_before_it_has_proven_its_key(said, progress):
    """An agent without the key, at each step of the handshake: an error, or silence."""
    pair = Pair()
    if progress > 0:
        pair.channel.use_key(pair.ours, b"wrapped")
    if progress == 2:
        pair.hear()
    for kind, content in said:
        try:
            events = pair.tell(kind, content)
        except ProtocolError:
            return
        assert not [each for each in events if isinstance(each, Output | Ready | Exited)]
        pair.hear()
