import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmx.channel.frame import DigestMismatch, Message, MessageType, decode, encode
from ssmx.channel.payload import Flag, PayloadType, flag
from ssmx.errors import ProtocolError

ID = bytes.fromhex("00112233445566778899aabbccddeeff")
TYPED = Message(MessageType.INPUT, 7, 0, PayloadType.OUTPUT, b"ls\r", ID, 1_700_000_000_000)
TERMINATE = Message(MessageType.INPUT, 8, 0, PayloadType.FLAG, flag(Flag.TERMINATE_SESSION), ID, 1_700_000_000_000)

# Written by the plugin's own serializer.
VECTORS = [
    (
        TYPED,
        (
            "00000074696e7075745f73747265616d5f64617461202020202020202020202020202020000000010000018bcfe5"
            "6800000000000000000700000000000000008899aabbccddeeff00112233445566771d887ce0f8672e4914d9000e"
            "801cd74ecd805dd9366c0bc42dc16adc0197dc2f00000001000000036c730d"
        ),
    ),
    (
        TERMINATE,
        (
            "00000074696e7075745f73747265616d5f64617461202020202020202020202020202020000000010000018bcfe5"
            "6800000000000000000800000000000000008899aabbccddeeff0011223344556677433ebf5bc03dffa385366732"
            "07a21281612cef5faa9bc7a4d5b9be2fdb12cf1a0000000a0000000400000002"
        ),
    ),
]


@pytest.mark.parametrize(("message", "wire"), VECTORS)
def test_a_message_is_written_as_the_plugin_writes_it(message, wire):
    assert encode(message).hex() == wire


@pytest.mark.parametrize(("message", "wire"), VECTORS)
def test_a_message_of_the_plugin_is_read(message, wire):
    assert decode(bytes.fromhex(wire)) == message


def test_a_type_padded_with_nul_is_read():
    frame = bytearray(encode(TYPED._replace(type="some_future_type")))
    frame[4:36] = b"some_future_type".ljust(32, b"\0")
    assert decode(bytes(frame)).type == "some_future_type"


def test_a_changed_payload_is_noticed():
    frame = encode(TYPED)
    with pytest.raises(DigestMismatch):
        decode(frame[:-1] + b"\n")


@pytest.mark.parametrize("frame", [b"", b"\0" * 119, encode(TYPED)[:60], b"\xff" * 200])
def test_what_is_no_message_is_a_protocol_error(frame):
    with pytest.raises(ProtocolError):
        decode(frame)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_message_or_a_protocol_error(frame):
    with contextlib.suppress(ProtocolError):
        decode(frame)


@given(st.binary(max_size=300), st.integers(0, 130), st.binary(min_size=1, max_size=8))
def test_a_damaged_message_is_a_message_or_a_protocol_error(payload, at, damage):
    frame = bytearray(encode(TYPED._replace(payload=payload)))
    frame[at : at + len(damage)] = damage
    with contextlib.suppress(ProtocolError):
        decode(bytes(frame))


@given(
    st.builds(
        Message,
        type=st.sampled_from(list(MessageType)),
        sequence=st.integers(-(2**63), 2**63 - 1),
        flags=st.integers(0, 2**64 - 1),
        payload_type=st.integers(0, 2**32 - 1),
        payload=st.binary(max_size=2000),
        id=st.binary(min_size=16, max_size=16),
        created=st.integers(0, 2**64 - 1),
        schema=st.just(1),
    )
)
def test_what_is_encoded_is_decoded_to_the_same(message):
    assert decode(encode(message)) == message
