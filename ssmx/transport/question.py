"""Ask the user for a secret in the middle of a session, whose terminal is raw."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

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
            self.answer.set_exception(_refused())


class Questions:
    """The questions of one session, one after the other. Made on the event loop.

    `show` prints on the terminal; `asked` is called when keys are needed, which the session may not take yet.
    """

    def __init__(self, *, show: Callable[[bytes], None], asked: Callable[[], object]) -> None:
        self._loop = asyncio.get_running_loop()
        self._show = show
        self._asked = asked
        self._question: Question | None = None
        self._over = False

    @property
    def open(self) -> bool:
        """Whether keys are an answer's."""
        return self._question is not None

    def ask(self, question: str) -> str:
        """Ask the user. For other threads; raises SignInExpired."""
        return asyncio.run_coroutine_threadsafe(self._ask(question), self._loop).result()

    def typed(self, data: bytes) -> bool:
        """Take keys, if a question is open; whether one is."""
        if self._question is None:
            return False
        self._question.typed(data)
        return True

    def end(self) -> None:
        """The session is over: nobody answers any more."""
        self._over = True
        if self._question is not None:
            self._question.refuse()

    async def _ask(self, text: str) -> str:
        while self._question is not None:
            with suppress(SignInExpired):
                await self._question.answer
        if self._over:
            raise _refused()
        self._question = Question(text, show=self._show)
        self._asked()
        try:
            return await self._question.answer
        finally:
            self._question = None


def _refused() -> SignInExpired:
    return SignInExpired("the sign-in was not renewed")
