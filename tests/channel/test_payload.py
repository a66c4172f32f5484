import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssmx.channel import payload
from ssmx.channel.payload import Action, ActionResult, ActionStatus, HandshakeRequest
from ssmx.errors import ProtocolError
from tests.channel.ids import numbered

ID = bytes.fromhex("00112233445566778899aabbccddeeff")

PARSERS = [
    payload.parse_acknowledge,
    payload.parse_size,
    payload.parse_exit_code,
    payload.parse_flag,
    payload.parse_handshake_request,
    payload.parse_handshake_complete,
    payload.parse_channel_closed,
]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
KNOWN = st.dictionaries(
    st.sampled_from(
        ["cols", "rows", "AcknowledgedMessageSequenceNumber", "RequestedClientActions", "AgentVersion", "Output"]
    ),
    JSON,
)


def test_the_acknowledgement_is_the_plugins_to_the_byte():
    assert payload.acknowledge("output_stream_data", ID, 3) == (
        b'{"AcknowledgedMessageType":"output_stream_data",'
        b'"AcknowledgedMessageId":"00112233-4455-6677-8899-aabbccddeeff",'
        b'"AcknowledgedMessageSequenceNumber":3,"IsSequentialMessage":true}'
    )


def test_the_size_is_the_plugins_to_the_byte():
    assert payload.size(120, 40) == b'{"cols":120,"rows":40}'
    assert payload.parse_size(b'{"cols":120,"rows":40}') == (120, 40)


def test_the_channel_is_opened_with_the_token_and_a_recent_version():
    opening = json.loads(payload.open_data_channel(token="t", request_id=ID, client_id=numbered(1)))
    assert list(opening) == ["MessageSchemaVersion", "RequestId", "TokenValue", "ClientId", "ClientVersion"]
    assert opening["TokenValue"] == "t"
    # Below 1.2.331.1 the agent ends an idle port session after 30 seconds; below 1.2.764.0 AWS gives no support.
    assert tuple(map(int, opening["ClientVersion"].split("."))) >= (1, 2, 764, 0)


def test_the_handshake_is_read_back():
    request = HandshakeRequest("3.3.987.0", (Action("SessionType", {"SessionType": "Port"}),))
    assert payload.parse_handshake_request(payload.handshake_request(request)) == request


def test_a_failed_action_puts_its_error_beside_the_results():
    response = json.loads(
        payload.handshake_response((ActionResult("KMSEncryption", ActionStatus.UNSUPPORTED, error="no"),))
    )
    assert response["ProcessedClientActions"] == [
        {"ActionType": "KMSEncryption", "ActionStatus": 3, "ActionResult": None, "Error": "no"}
    ]
    assert response["Errors"] == ["no"]


@settings(max_examples=200)
@given(st.binary() | JSON.map(lambda body: json.dumps(body).encode()) | KNOWN.map(lambda b: json.dumps(b).encode()))
def test_any_payload_is_read_or_is_a_protocol_error(content):
    for parse in PARSERS:  # making up the contents takes longer than reading them seven times
        with contextlib.suppress(ProtocolError):
            parse(content)


@pytest.mark.parametrize("parse", PARSERS)
def test_a_payload_nested_without_end_is_a_protocol_error_or_read(parse):
    with pytest.raises(ProtocolError):
        parse(b"[" * 100_000)
