"""Where a channel is in its life, and every step it may take from there.

All changes of state are in TRANSITIONS. A pair that is missing is a ProtocolError, never a silent pass.
"""

from __future__ import annotations

from enum import Enum, auto

from ssmx.errors import ProtocolError


class State(Enum):
    """The states of a client's channel."""

    OPENED = auto()  # the opening text frame is on its way; the agent has said nothing
    SHAKING = auto()  # a handshake is under way: what the user types must wait, the agent would drop it
    KEYING = auto()  # the handshake waits for the data key, which somebody gets from KMS
    PROVING = auto()  # the agent has the wrapped key, and has not shown yet that it could unwrap it
    READY = auto()  # bytes flow
    CLOSED = auto()  # the service ended the session; nothing follows


class Input(Enum):
    """What moves a channel from state to state."""

    STREAM = auto()  # output from the agent: it is there (again)
    QUIET = auto()  # nothing for so long that there will be no handshake
    HANDSHAKE_REQUEST = auto()
    KEY_NEEDED = auto()  # the handshake asks for encryption
    KEY_FOUND = auto()
    KEY_FAILED = auto()
    CHALLENGE_REQUEST = auto()
    HANDSHAKE_COMPLETE = auto()
    CHANNEL_CLOSED = auto()


TRANSITIONS: dict[tuple[State, Input], State] = {
    # A shell or an interactive command without a KMS key has no handshake: its first message is output
    # (amazon-ssm-agent 3.3.0.0; wire/shell.jsonl).
    (State.OPENED, Input.STREAM): State.READY,
    (State.OPENED, Input.QUIET): State.READY,
    (State.OPENED, Input.HANDSHAKE_REQUEST): State.SHAKING,
    (State.OPENED, Input.CHANNEL_CLOSED): State.CLOSED,
    (State.SHAKING, Input.HANDSHAKE_COMPLETE): State.READY,
    # An agent that was asked to encrypt proves that it does: without the challenge nothing is complete.
    (State.SHAKING, Input.KEY_NEEDED): State.KEYING,
    (State.KEYING, Input.KEY_FOUND): State.PROVING,
    (State.KEYING, Input.KEY_FAILED): State.SHAKING,
    (State.KEYING, Input.CHANNEL_CLOSED): State.CLOSED,
    (State.PROVING, Input.CHALLENGE_REQUEST): State.SHAKING,
    (State.PROVING, Input.CHANNEL_CLOSED): State.CLOSED,
    (State.SHAKING, Input.CHANNEL_CLOSED): State.CLOSED,
    (State.READY, Input.STREAM): State.READY,
    # We stopped waiting for a handshake that came after all.
    (State.READY, Input.HANDSHAKE_REQUEST): State.SHAKING,
    (State.READY, Input.CHANNEL_CLOSED): State.CLOSED,
}


def step(state: State, given: Input) -> State:
    """The state after `given`; raises ProtocolError where the table has no such step."""
    try:
        return TRANSITIONS[state, given]
    except KeyError:
        what = given.name.lower().replace("_", " ")
        raise ProtocolError(f"the node sent a {what} while the channel was {state.name.lower()}") from None
