"""Say no in the protocol of the caller, so that its SDK reads code and text as it does from AWS."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from enum import Enum
from xml.sax.saxutils import escape

from ssmx.sandbox.signature import Fault


class Protocol(Enum):
    """The wire formats of AWS as far as errors differ."""

    JSON = "json"
    EC2 = "ec2"
    QUERY = "query"
    REST_XML = "rest-xml"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An AWS error: `code` is what SDKs switch on."""

    code: str
    message: str
    status: int = 400


class Refused(Exception):
    """The call is answered with a refusal, which the gate renders in the protocol of its caller."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.refusal = Refusal(code, message, status)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, complete."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


_UNKNOWN = "The security token included in the request is invalid."
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access"
    " Key and signing method. Consult the service documentation for details."
)
_EC2 = Refusal("AuthFailure", "AWS was not able to validate the provided access credentials", 401)

# Each protocol has words of its own for the same fault (AWS: "Common Errors" of each service, and EC2's
# "Client error codes", which knows one code for all of them).
_UNSIGNED = {
    (Fault.MISSING, Protocol.JSON): Refusal(
        "MissingAuthenticationTokenException", "Missing Authentication Token", 403
    ),
    (Fault.MISSING, Protocol.QUERY): Refusal(
        "MissingAuthenticationToken", "Request is missing Authentication Token", 403
    ),
    (Fault.UNKNOWN_KEY, Protocol.JSON): Refusal("UnrecognizedClientException", _UNKNOWN, 403),
    (Fault.UNKNOWN_KEY, Protocol.QUERY): Refusal("InvalidClientTokenId", _UNKNOWN, 403),
    (Fault.MISMATCH, Protocol.JSON): Refusal("InvalidSignatureException", _MISMATCH, 403),
    (Fault.MISMATCH, Protocol.QUERY): Refusal("SignatureDoesNotMatch", _MISMATCH, 403),
    (Fault.EXPIRED, Protocol.JSON): Refusal("InvalidSignatureException", "Signature expired", 403),
    (Fault.EXPIRED, Protocol.QUERY): Refusal("SignatureDoesNotMatch", "Signature expired", 403),
}


def unsigned(fault: Fault, protocol: Protocol) -> Refusal:
    """What AWS answers to a request it cannot attribute."""
    if protocol is Protocol.EC2:
        return _EC2
    if protocol is Protocol.REST_XML:
        return _UNSIGNED[fault, Protocol.QUERY]
    return _UNSIGNED[fault, protocol]


def render(refusal: Refusal, protocol: Protocol) -> Answer:
    """The HTTP answer that a client of `protocol` parses into code and message."""
    request_id = str(uuid.uuid4())
    headers = [("x-amzn-RequestId", request_id)]
    if protocol is Protocol.JSON:
        body = json.dumps({"__type": refusal.code, "message": refusal.message})
        headers += [("x-amzn-ErrorType", refusal.code), ("Content-Type", "application/x-amz-json-1.1")]
        return Answer(refusal.status, headers, body.encode())
    code, message = escape(refusal.code), escape(refusal.message)
    inner = f"<Code>{code}</Code><Message>{message}</Message>"
    if protocol is Protocol.EC2:
        text = f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>{request_id}</RequestID></Response>"
    elif protocol is Protocol.QUERY:
        text = (
            f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    else:
        text = f"<Error>{inner}<RequestId>{request_id}</RequestId></Error>"
    headers.append(("Content-Type", "text/xml;charset=UTF-8"))
    return Answer(refusal.status, headers, ('<?xml version="1.0" encoding="UTF-8"?>\n' + text).encode())
