"""Ask the user for a secret in the middle of a session, whose terminal is raw."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ssmx.errors import SignInExpired

_ENTER, _CANCEL, _RUB_OUT, _CLEAR = b"\r\n", b"\x03\x04", b"\x08\x7f", b"\x15"


class Question:
    """A line typed without echo. Made on the event loop; `answer` fails with SignInExpired where it is refused."""

    def __init__(self, text: str, *, show: Callable[[bytes], None]) -> None:
        self.answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._show = show
        self._line = bytearray()
        show(f"\r\nssmx: {text}".encode())

    def typed(self, data: bytes) -> None:
        """Take keys."""
        for key in data:
            if key in _ENTER:
                self._show(b"\r\n")
                if not self.answer.done():
                    self.answer.set_result(self._line.decode("utf-8", "replace"))
                return
            if key in _CANCEL:
                self._show(b"\r\n")
                self.refuse()
                return
            if key in _RUB_OUT:
                del self._line[-1:]
            elif key in _CLEAR:
                self._line.clear()
            else:
                self._line.append(key)

    def refuse(self) -> None:
        """Nobody answers."""
        if not self.answer.done():
            self.answer.set_exception(refused())


def refused() -> SignInExpired:
    """The error of a question that got no answer."""
    return SignInExpired("the sign-in was not renewed")
