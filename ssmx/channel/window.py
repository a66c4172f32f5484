"""How long to wait for an acknowledgement, and how much to send without one.

`now` is monotonic seconds, sizes are bytes of whole messages.
"""

from __future__ import annotations

import math

_FIRST_TIMEOUT = 0.2  # seconds, as in the plugin
_SHORTEST_TIMEOUT = 0.2
_LONGEST_TIMEOUT = 5.0

# Bytes in flight. The first carries 1.3 MB/s over 100 ms; the most is a third of the 100 000 messages that the
# agent keeps (amazon-ssm-agent 3.3.0.0), were they all as small as one key.
_FIRST = 1 << 17
_LEAST = 1 << 16
_MOST = 1 << 22

# Seconds that our own messages may queue on the way; what is typed waits no longer behind what is copied.
_QUEUE = 0.05
_ONE_LOSS = 1.0  # seconds
_MEMORY = 300.0  # seconds after which a shortest round trip is old: the way may have changed


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


class Window:
    """How many bytes may be unacknowledged, by delay as in LEDBAT (RFC 6817).

    The agent acknowledges a message when the far side has taken it, so round trips grow when we send faster than
    that. Once in a round trip, the shortest of it is compared with the shortest of the last minutes: where
    they differ by more than _QUEUE the window shrinks, else it grows, if all of it was needed.
    """

    def __init__(self) -> None:
        self.size = _FIRST
        self.full = False
        """Whether more was to be sent than the window allowed; set by whoever sends."""
        self._doubling = True
        self._base = self._before = math.inf  # shortest round trips: of this memory, and of the one before
        self._base_until = -math.inf
        self._shortest = math.inf  # of this round
        self._left = self.size  # bytes to be acknowledged until the round is over
        self._lost_until = -math.inf  # until then, what is lost belongs to the same loss

    def acknowledged(self, size: int, seconds: float, now: float) -> None:
        """A message of `size` bytes that was sent once was acknowledged `seconds` later."""
        if now >= self._base_until:
            self._before, self._base, self._base_until = self._base, math.inf, now + _MEMORY
        if seconds < self._base:
            self._base = seconds
        if seconds < self._shortest:
            self._shortest = seconds
        self._left -= size
        if self._left <= 0:
            self._turn()

    def lost(self, now: float) -> None:
        """A message had to be repeated; many at the same time are one loss."""
        if now < self._lost_until:
            return
        self._lost_until = now + _ONE_LOSS
        self._doubling = False
        self._resize(self.size // 2)

    def _turn(self) -> None:
        """A round is over."""
        if self._shortest - min(self._base, self._before) > _QUEUE:
            self._doubling = False
            self._resize(self.size - self.size // 4)
        elif self.full:
            self._resize(self.size * 2 if self._doubling else self.size + self.size // 16)
        self.full = False
        self._shortest = math.inf
        self._left = self.size

    def _resize(self, size: int) -> None:
        self.size = min(_MOST, max(_LEAST, size))
