"""A live session of a port document, whatever carries it: byte streams to the far port."""

from __future__ import annotations

from typing import Protocol

from ssmx.errors import SsmxError


class Receiver(Protocol):
    """Who uses a stream; each method is called on the event loop."""

    def arrived(self, data: bytes) -> None:
        """Bytes of the far side."""

    def finished(self, *, refused: bool) -> None:
        """The far side has closed, or the node could not connect to it at all; nothing more will come."""

    def failed(self, error: SsmxError) -> None:
        """The link is over: what came may not be all there is."""

    def writable(self) -> None:
        """More can be written after the stream was `congested`."""


class Stream(Protocol):
    """One connection to the far port; to be closed. Nothing is handed over before `listen` is called."""

    def write(self, data: bytes) -> None:
        """Send data; dropped where the far side has closed."""

    @property
    def congested(self) -> bool:
        """Whether so much waits to be sent that no more should be written."""

    def listen(self, *, on: bool) -> None:
        """Take what comes, or let it be kept."""

    def end_input(self) -> None:
        """Say that no more will be written."""

    def close(self) -> None:
        """Close both directions, after what was written is sent."""


class Source(Protocol):
    """What gives streams."""

    async def stream(self, receiver: Receiver) -> Stream:
        """A new stream. Raises the error with which there are none any more."""


class Link(Source, Protocol):
    """A live session, on the event loop on which it was opened; to be closed."""

    @property
    def carried(self) -> bool:
        """Whether anything of the far port's has come."""

    @property
    def carrying(self) -> int:
        """How many streams are open whose users still write; once it is over, how many were."""

    @property
    def unanswered(self) -> float:
        """Seconds for which the node has acknowledged nothing of what it was sent, though it could have."""

    @property
    def is_resuming(self) -> bool:
        """Whether the connection is lost for so long that the user was told; it may come back."""

    @property
    def is_over(self) -> bool:
        """Whether no streams can be opened any more."""

    async def ended(self) -> SsmxError:
        """Wait for the end of the session; gives why it ended."""

    @property
    def was_closed(self) -> bool:
        """Whether the service ended the session, which has ended: idle time, its longest duration, somebody."""

    async def close(self) -> None:
        """End the session for this side; every stream ends."""
