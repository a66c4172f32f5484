"""Keep what we sent until the other side has it; put what arrives back in order.

Both ends of the channel number their stream messages from 0 and go on counting across reconnections. The
receiver acknowledges each message by its number; the sender repeats what is not acknowledged in time.
`now` is monotonic seconds; `epoch` is what to add to it for the wall clock that CreatedDate wants.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from ssmx.channel.frame import Message, MessageType, encode

# Stream payloads are cut here: the official client and agent both do; the gateway's limit is not published.
CHUNK = 1024

# Messages in flight. The agent acknowledges after it wrote to the pty, so this is real back-pressure; it is
# far below the 100 000 messages the agent buffers (amazon-ssm-agent 3.3.0.0).
WINDOW = 1024

# The receiver's room for messages that came early (the plugin's own number).
REORDER_ROOM = 10_000
_REORDER_BYTES = 1 << 24  # whatever the messages are: 10 000 honest ones are 10 MB

_FIRST_TIMEOUT = 0.2  # seconds, as in the plugin
_SHORTEST_TIMEOUT = 0.2
_LONGEST_TIMEOUT = 5.0

Item = TypeVar("Item")


@dataclass(slots=True)
class _Sent:
    frame: bytes
    first: float
    due: float
    tries: int = 1


class RoundTrip:
    """The time to wait for an acknowledgement, estimated as TCP does (RFC 6298)."""

    def __init__(self) -> None:
        self._smoothed: float | None = None
        self._deviation = 0.0

    def sample(self, seconds: float) -> None:
        """Learn from a message that was sent once: a repeated one does not tell which copy was answered."""
        if self._smoothed is None:
            self._smoothed, self._deviation = seconds, seconds / 2
        else:
            self._deviation = 0.75 * self._deviation + 0.25 * abs(self._smoothed - seconds)
            self._smoothed = 0.875 * self._smoothed + 0.125 * seconds

    def timeout(self, tries: int) -> float:
        """Seconds until a message sent `tries` times is repeated: doubled each time."""
        if self._smoothed is None:
            first = _FIRST_TIMEOUT
        else:
            first = max(_SHORTEST_TIMEOUT, self._smoothed + 4 * self._deviation)
        return float(min(_LONGEST_TIMEOUT, first * 2 ** min(tries - 1, 10)))


class Outbox:
    """The stream messages we send: numbered when they enter, kept until they are acknowledged.

    A message is queued before it is transmitted, so its acknowledgement can never come first (the plugin and
    the agent both have that race, and repeat 1 % of their messages for it).
    """

    def __init__(
        self,
        kind: MessageType,
        *,
        ids: Callable[[], UUID],
        epoch: float,
        window: int = WINDOW,
        first_flags: int = 0,
    ) -> None:
        self._kind = kind
        self._ids = ids
        self._epoch = epoch
        self._window = window
        self._first_flags = first_flags
        self._next = 0
        self._waiting: deque[tuple[int, int, bytes]] = deque()  # number, payload type, payload
        self._sent: dict[int, _Sent] = {}  # oldest first: numbers only ever grow
        self._wake: float | None = None  # no message in _sent is due before this
        self._round_trip = RoundTrip()

    def put(self, payload_type: int, payload: bytes) -> None:
        """Queue one message; the next `transmit` that has room for it sends it."""
        self._waiting.append((self._next, payload_type, payload))
        self._next += 1

    @property
    def backlog(self) -> int:
        """Messages not yet acknowledged, sent or not: stop reading input where this grows."""
        return len(self._waiting) + len(self._sent)

    def transmit(self, now: float) -> list[bytes]:
        """The frames to send now: those due again, then new ones as far as the window allows."""
        frames = []
        if self._wake is not None and self._wake <= now:
            for sent in self._sent.values():
                if sent.due <= now:
                    sent.tries += 1
                    sent.due = now + self._round_trip.timeout(sent.tries)
                    frames.append(sent.frame)
            self._wake = min((sent.due for sent in self._sent.values()), default=None)
        while self._waiting and len(self._sent) < self._window:
            number, payload_type, payload = self._waiting.popleft()
            flags = self._first_flags if number == 0 else 0
            created = int((now + self._epoch) * 1000)
            frame = encode(Message(self._kind, number, flags, payload_type, payload, self._ids(), created))
            due = now + self._round_trip.timeout(1)
            self._sent[number] = _Sent(frame, now, due)
            self._wake = due if self._wake is None else min(self._wake, due)
            frames.append(frame)
        return frames

    def acknowledged(self, number: int, now: float) -> None:
        """The other side has message `number`; a number we do not know is no error."""
        sent = self._sent.pop(number, None)
        if sent is not None and sent.tries == 1:
            self._round_trip.sample(now - sent.first)
        if not self._sent:
            self._wake = None

    def repeat_all(self, now: float) -> None:
        """A new connection: whatever is not acknowledged is due at once."""
        for sent in self._sent.values():
            sent.due = now
        self._wake = now if self._sent else None

    def next_deadline(self) -> float | None:
        """When `transmit` may have something to repeat."""
        return self._wake

    def waited(self, now: float) -> float:
        """Seconds since the oldest unacknowledged message was first sent; 0 where there is none."""
        oldest = next(iter(self._sent.values()), None)
        return now - oldest.first if oldest else 0.0


class Inbox(Generic[Item]):
    """The stream messages we receive, handed on in the order of their numbers, each once."""

    def __init__(self, room: int = REORDER_ROOM) -> None:
        self._expected = 0
        self._early: dict[int, tuple[Item, int]] = {}
        self._early_bytes = 0
        self._room = room

    def accept(self, number: int, item: Item, *, size: int = 0) -> tuple[list[Item], bool]:
        """What can be handed on now, and whether to acknowledge this message.

        An old number is acknowledged again: our first acknowledgement may be lost, and the agent repeats its
        oldest message before any other. An early one is acknowledged where there is room to keep its `size` bytes.
        """
        if number < self._expected:
            return [], True
        if number > self._expected:
            if number not in self._early:
                full = len(self._early) >= self._room or self._early_bytes + size > _REORDER_BYTES
                if full or number > self._expected + self._room:
                    return [], False
                self._early[number] = (item, size)
                self._early_bytes += size
            return [], True
        ready = [item]
        self._expected += 1
        while self._early and (following := self._early.pop(self._expected, None)) is not None:
            ready.append(following[0])
            self._early_bytes -= following[1]
            self._expected += 1
        return ready, True
