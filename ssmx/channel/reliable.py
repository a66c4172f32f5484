"""Keep what we sent until the other side has it; put what arrives back in order.

Both ends of the channel number their stream messages from 0 and go on counting across reconnections. The
receiver acknowledges each message by its number; the sender repeats what is not acknowledged in time.
`now` is monotonic seconds; `epoch` is what to add to it for the wall clock that CreatedDate wants.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Generic, TypeVar

from ssmx.channel.frame import Message, MessageType, encode
from ssmx.channel.window import RoundTrip, Window

# Stream payloads are cut here: the official client and agent both do; the gateway's limit is not published.
CHUNK = 1024

# The receiver's room for messages that came early, as many as the agent keeps. The plugin's 10 000 are too few: an
# agent goes on sending a thousand a second while it repeats ten of those that a cut has lost, and what finds no
# room is one more to be repeated.
_REORDER_ROOM = 100_000
_REORDER_BYTES = 1 << 26

# Only so many are repeated, the oldest: the rest has arrived, or would be thrown away where nothing is taken at
# all. The agent repeats its oldest alone.
_REPEATED = 16

Item = TypeVar("Item")


class _Sent:
    """A message on its way."""

    __slots__ = ("born", "due", "first", "frame", "tries")

    def __init__(self, frame: bytes, first: float, due: float) -> None:
        self.frame = frame
        self.born = self.first = first
        self.due = due
        self.tries = 1


class Outbox:
    """The stream messages we send: numbered when they enter, kept until they are acknowledged.

    A message is queued before it is transmitted, so its acknowledgement can never come first (the plugin and
    the agent both have that race, and repeat 1 % of their messages for it).
    """

    def __init__(self, kind: MessageType, *, ids: Callable[[], bytes], epoch: float, first_flags: int = 0) -> None:
        self._kind = kind
        self._ids = ids
        self._epoch = epoch
        self._first_flags = first_flags
        self._next = 0
        self._waiting: deque[tuple[int, int, bytes]] = deque()  # number, payload type, payload
        self._waiting_bytes = 0
        self._sent: dict[int, _Sent] = {}  # oldest first: numbers only ever grow
        self._sent_bytes = 0
        self._wake: float | None = None  # no message in _sent is due before this
        self._round_trip = RoundTrip()
        self._window = Window()
        self.rests = False
        """Whether nothing new is to be sent for the moment."""

    def put(self, payload_type: int, payload: bytes) -> int:
        """Queue one message; the next `transmit` that has room for it sends it. Gives its number."""
        number = self._next
        self._waiting.append((number, payload_type, payload))
        self._waiting_bytes += len(payload)
        self._next += 1
        return number

    def is_acknowledged(self, number: int) -> bool:
        """Whether message `number`, which was put, has arrived."""
        return number not in self._sent and not (self._waiting and number >= self._waiting[0][0])

    @property
    def count(self) -> int:
        """How many messages were put so far."""
        return self._next

    def have_arrived(self, count: int) -> bool:
        """Whether the first `count` messages, which were put, are all acknowledged."""
        waiting = self._waiting[0][0] if self._waiting else self._next
        return count <= next(iter(self._sent), waiting)

    @property
    def backlog(self) -> int:
        """Messages not yet acknowledged, sent or not."""
        return len(self._waiting) + len(self._sent)

    @property
    def room(self) -> int:
        """Bytes that would be sent at once, were they put now; read no more input where this is not above 0."""
        return self._limit - self._sent_bytes - self._waiting_bytes

    @property
    def _limit(self) -> int:
        return 0 if self.rests else self._window.size

    def transmit(self, now: float) -> list[bytes]:
        """The frames to send now: those due again, then new ones as far as the window allows."""
        frames = self._repeats(now) if self._wake is not None and self._wake <= now else []
        limit = self._limit
        if not self._waiting or self._sent_bytes >= limit:
            return frames
        due = now + self._round_trip.timeout(1)
        created = int((now + self._epoch) * 1000)
        if self._wake is None or due < self._wake:
            self._wake = due
        while self._waiting and self._sent_bytes < limit:
            number, payload_type, payload = self._waiting.popleft()
            self._waiting_bytes -= len(payload)
            flags = self._first_flags if number == 0 else 0
            frame = encode(Message(self._kind, number, flags, payload_type, payload, self._ids(), created))
            self._sent[number] = _Sent(frame, now, due)
            self._sent_bytes += len(frame)
            frames.append(frame)
        if self._sent_bytes >= limit:
            self._window.full = True
        return frames

    def _repeats(self, now: float) -> list[bytes]:
        frames: list[bytes] = []
        oldest = list(islice(self._sent.values(), _REPEATED))
        for sent in oldest:
            if sent.due <= now:
                sent.tries += 1
                sent.due = now + self._round_trip.timeout(sent.tries)
                frames.append(sent.frame)
        self._wake = min((sent.due for sent in oldest), default=None)
        if self._wake is not None and len(self._sent) > _REPEATED:
            # By then others may be the oldest, and due.
            self._wake = min(self._wake, now + self._round_trip.timeout(1))
        if frames:
            self._window.lost(now)
        return frames

    def acknowledged(self, number: int, now: float) -> None:
        """The other side has message `number`; a number we do not know is no error."""
        sent = self._sent.pop(number, None)
        if sent is None:
            return
        self._sent_bytes -= len(sent.frame)
        if sent.tries == 1:
            seconds = now - sent.first
            self._round_trip.sample(seconds)
            self._window.acknowledged(len(sent.frame), seconds, now)
        elif self._sent:
            self._wake = now  # what is repeated arrives: others that are due need not wait for the clock
        if not self._sent:
            self._wake = None

    def repeat_all(self, now: float) -> list[bytes]:
        """A new connection: whatever is not acknowledged, to be sent before anything else."""
        self._round_trip, self._window = RoundTrip(), Window()  # it is another way
        self.postpone(now)
        return [sent.frame for sent in self._sent.values()]

    def postpone(self, now: float) -> None:
        """We did not look for acknowledgements until now: nobody has waited for any."""
        due = now + self._round_trip.timeout(1)
        for sent in self._sent.values():
            # Counted as repeated, whose round trip tells nothing.
            sent.tries, sent.first, sent.due = 2, now, due
        self._wake = due if self._sent else None

    def next_deadline(self) -> float | None:
        """When `transmit` may have something to repeat."""
        return self._wake

    def waited(self, now: float) -> float:
        """Seconds that the oldest unacknowledged message has been waited for; 0 where there is none."""
        oldest = next(iter(self._sent.values()), None)
        return now - oldest.first if oldest else 0.0

    def age(self, now: float) -> float:
        """Seconds since it was first sent, whether we looked for its acknowledgement or not."""
        oldest = next(iter(self._sent.values()), None)
        return now - oldest.born if oldest else 0.0


class Inbox(Generic[Item]):
    """The stream messages we receive, handed on in the order of their numbers, each once."""

    def __init__(self, room: int = _REORDER_ROOM) -> None:
        self._expected = 0
        self._early: dict[int, tuple[Item, int]] = {}
        self._early_bytes = 0
        self._room = room

    @property
    def gap(self) -> bool:
        """Whether something is missing that was said before what is kept."""
        return bool(self._early)

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
