"""Who is asked for a secret: the user on the terminal, whoever has the terminal meanwhile, or nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from getpass import getpass

from ssmx.errors import SignInExpired


class Asking:
    """Asks for the secrets of a sign-in, such as MFA codes. `may_ask()`: whether there is somebody to ask."""

    def __init__(self, may_ask: Callable[[], bool]) -> None:
        self._may_ask = may_ask
        self._ask_here: Callable[[str], str] | None = None

    def secret(self, question: str) -> str:
        """What is typed, unseen. Raises SignInExpired where there is nobody."""
        if not self._may_ask():
            raise SignInExpired(
                "this profile wants an MFA code, and there is nobody to ask",
                hint="sign in on a terminal first, or use a profile without MFA",
            )
        if self._ask_here is not None:
            return self._ask_here(question)
        return getpass(question)

    @contextmanager
    def here(self, ask: Callable[[str], str]) -> Iterator[None]:
        """Within it, `ask` asks: the terminal belongs to a session. Afterwards nobody is asked."""
        self._ask_here = ask
        try:
            yield
        finally:
            self._ask_here = _ask_nobody

    @contextmanager
    def nobody(self) -> Iterator[None]:
        """Within it nobody is asked: the terminal is another program's."""

        def refuse(question: str) -> str:
            raise SignInExpired(
                "this profile wants an MFA code, and the terminal is the client's",
                hint="sign in elsewhere: another terminal, or a profile without MFA",
            )

        with self.here(refuse):
            yield


def _ask_nobody(question: str) -> str:
    raise SignInExpired("the sign-in was not renewed while the session was there")
