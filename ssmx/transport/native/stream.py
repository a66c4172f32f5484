"""One connection to a far port: a stream of a link."""

from __future__ import annotations

import asyncio
from typing import Protocol

from ssmx.errors import SessionLost, SsmxError
from ssmx.transport.link import Receiver
from ssmx.transport.native.driver import LINGER_SECONDS

# Where another waits for our turn, a second of silence is enough.
_SHORT_LINGER_SECONDS = 1.0
_LOOK_SECONDS = 0.25


class Owner(Protocol):
    """The link of a stream."""

    def send(self, stream: Stream, data: bytes) -> None:
        """Queue data, and send as much as may be."""

    def waiting(self, stream: Stream) -> int:
        """Bytes that wait to be sent."""

    def is_congested(self, stream: Stream) -> bool:
        """Whether much waits to be sent; `goes_on` is called when little does."""

    def was_taken(self, stream: Stream) -> None:
        """All that was kept was taken."""

    def closed(self, stream: Stream) -> None:
        """It was closed by its user."""

    @property
    def wanted(self) -> bool:
        """Whether somebody waits for a stream's turn."""

    @property
    def hears(self) -> bool:
        """Whether what the far side says is read."""

    @property
    def sent(self) -> int:
        """How many messages there were so far."""

    def have_arrived(self, count: int) -> bool:
        """Whether the first `count` messages are all acknowledged."""


class Stream:
    """One connection to the far port, made by `Link.stream`; to be closed.

    Nothing is handed over before `listen` is called: by then its user knows the stream.
    """

    def __init__(self, link: Owner, number: int, receiver: Receiver) -> None:
        self._link = link
        self.number = number
        self._receiver = receiver
        self.kept = 0
        """Bytes that came and were not handed over yet."""
        self.came = False
        """Whether anything of the far side's ever came."""
        self.has_ended_input = False
        """Whether its user writes no more: it is about to end, or waits for an answer."""
        self._chunks: list[bytes] = []
        self._used = self._listens = False
        self._finished = self._refused = False
        self._over = False  # nothing is handed over any more
        self._answered = False  # whether anything came after the end of our input
        self._sent: int | None = None  # messages of the link, the last of which ends what we wrote
        self._heard = 0.0  # when something came last, or could not have
        self._loop = asyncio.get_running_loop()
        self._linger: asyncio.TimerHandle | None = None

    def write(self, data: bytes) -> None:
        """Send data; dropped where the far side has closed."""
        self._link.send(self, data)

    @property
    def congested(self) -> bool:
        """Whether so much waits to be sent that no more should be written."""
        return self._link.is_congested(self)

    def listen(self, *, on: bool) -> None:
        """Take what comes, or let it be kept."""
        self._used = True
        self._listens = on
        self.hand_over()

    def end_input(self) -> None:
        """Say that no more will be written: the stream ends when the far side has closed, or has been silent."""
        self.has_ended_input = True
        self._heard = self._loop.time()
        self._answered = False
        self._sent = None
        self._check_silence()

    def close(self) -> None:
        """Close both directions, after what was written is sent; what comes afterwards is dropped."""
        self._over = True
        self._chunks = []
        if self._linger is not None:
            self._linger.cancel()
        self._link.closed(self)

    # for the link

    def keep(self, data: bytes) -> None:
        """Data has come, to be handed over."""
        self.came = self._answered = True
        self._chunks.append(data)
        self.kept += len(data)
        self._heard = self._loop.time()

    def finish(self, *, refused: bool) -> None:
        """The far side has closed it."""
        self._finished = True
        self._refused = refused

    def hand_over(self) -> None:
        """Give the receiver what has come, if it takes anything."""
        if self._chunks and self._listens and not self._over:
            chunks, self._chunks = self._chunks, []
            self._link.was_taken(self)
            self._receiver.arrived(chunks[0] if len(chunks) == 1 else b"".join(chunks))
        if self._finished and self._used and not self._chunks and not self._over:
            self._over = True
            self._receiver.finished(refused=self._refused)

    def fail(self, error: SsmxError) -> None:
        """The link is over. A stream that is complete still hands over what it has."""
        self.hand_over()
        if not self._over and not self._finished:
            self._over = True
            self._receiver.failed(error)

    def goes_on(self) -> None:
        """Enough of what was written is sent."""
        if not self._over:
            self._receiver.writable()

    def _check_silence(self) -> None:
        """End, where our input has ended and the answer too; one that never came is not an empty one."""
        if self._over or self._finished:
            return
        now = self._loop.time()
        if not (self._is_said() and self._link.hears and self._listens):
            self._heard = now
        if now - self._heard <= (_SHORT_LINGER_SECONDS if self._link.wanted else LINGER_SECONDS):
            self._linger = self._loop.call_later(_LOOK_SECONDS, self._check_silence)
        elif self._answered:
            self.finish(refused=False)
            self.hand_over()
        else:
            self.fail(SessionLost("no answer came after the end of the input"))

    def _is_said(self) -> bool:
        """Whether the far side has all that was written; others of the link may have more to say."""
        if self._link.waiting(self):
            return False
        if self._sent is None:
            self._sent = self._link.sent
        return self._link.have_arrived(self._sent)
