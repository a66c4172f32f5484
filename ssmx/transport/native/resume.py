"""Connect a session again whose connection was lost: ResumeSession, and a websocket with what it answers.

The service closes each websocket about once an hour, so that this is a normal thing to happen.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Callable

from ssmx.errors import AccessDenied, ConfigError, LocalFault, ProtocolError, SessionLost, SignInExpired, SsmxError
from ssmx.model.session import Session
from ssmx.transport.interrupt import on_thread
from ssmx.transport.native.support import Support
from ssmx.transport.websocket import Websocket, dial

_FIRST_PAUSE = 0.1  # seconds; doubled each time
_LONGEST_PAUSE = 10.0
_SILENT_SECONDS = 1.0  # the user is told of what takes longer

# What will not be otherwise in a minute.
_FINAL = (AccessDenied, ConfigError, LocalFault, ProtocolError, SessionLost)


class Outage:
    """From the loss of a connection until another has proved good: one time limit, one word to the user."""

    def __init__(self, session: Session, support: Support, *, label: str, tell: Callable[[str], None]) -> None:
        self._session = session
        self._support = support
        self._label = label
        self._tell = tell
        self._began: float | None = None
        self._pause = 0.0
        self._telling: asyncio.TimerHandle | None = None
        self._told = self._sign_in_told = False

    @property
    def told(self) -> bool:
        """Whether the user knows."""
        return self._began is not None and self._told

    def over(self) -> None:
        """The connection carries something."""
        if self._began is None:
            return
        taken = time.monotonic() - self._began
        self._support.detail(f"resumed after {taken:.1f} s")
        if self._told:
            self._tell(f"resumed after {_for(round(taken))}")
        self.forget()

    def forget(self) -> None:
        """Tell nobody any more."""
        self._began = None
        if self._telling is not None:
            self._telling.cancel()

    async def reconnect(self, lost: SessionLost) -> tuple[Websocket, str]:
        """A new connection and the token that opens it, tried again and again for `support.resume_seconds`.

        Raises SessionLost where the session has ended, where AWS does not let us, or when the time is over.
        """
        self._support.detail(lost.message)
        if self._began is None:
            self._begin(lost)
        assert self._began is not None
        until, limit = self._began + self._support.resume_seconds, _for(self._support.resume_seconds)
        while True:
            if self._pause and time.monotonic() >= until:  # connections came, and went at once
                raise SessionLost(f"{lost.message}, and could not be resumed in {limit}")
            pause = self._pause * random.uniform(0.5, 1.0)  # noqa: S311  # jitter
            await asyncio.sleep(max(0.0, min(pause, until - time.monotonic())))
            self._pause = min(_LONGEST_PAUSE, 2 * self._pause or _FIRST_PAUSE)
            try:
                # All the time there is, because the user may be asked for an MFA code.
                async with asyncio.timeout(max(_SILENT_SECONDS, until - time.monotonic())):
                    return await self._try()
            except _FINAL as error:
                said = f"{lost.message}, and cannot be resumed: {error.message}"
                raise SessionLost(said, hint=error.hint, details=error.details) from error
            except (SsmxError, TimeoutError) as error:
                why = error.message if isinstance(error, SsmxError) else "no answer"
                hint = error.hint if isinstance(error, SsmxError) else ""
                self._support.detail(f"not resumed: {why}")
                if isinstance(error, SignInExpired) and not self._sign_in_told:
                    self._sign_in_told = True
                    self._tell(f"{why} ({hint}); the session goes on then")
                if time.monotonic() >= until:
                    said = f"{lost.message}, and could not be resumed in {limit}: {why}"
                    raise SessionLost(said, hint=hint) from error

    def _begin(self, lost: SessionLost) -> None:
        self._began = time.monotonic()
        self._pause = 0.0
        self._told = self._sign_in_told = False

        def tell() -> None:
            self._told = True
            ends = "; Ctrl-C ends" if os.isatty(0) else ""
            self._tell(f"{lost.message}; resuming, for {_for(self._support.resume_seconds)} at most{ends}")

        self._telling = asyncio.get_running_loop().call_later(_SILENT_SECONDS, tell)

    async def _try(self) -> tuple[Websocket, str]:
        resumed = await on_thread(lambda: self._support.resume(self._session.id))
        if resumed is None:
            said = "the session has ended, by idle time, its longest duration, or somebody"
            raise SessionLost(said, details={"ended": True})
        socket = await dial(
            resumed.stream_url,
            sign=self._support.sign,
            authorities=self._support.authorities(),
            label=self._label,
        )
        return socket, resumed.token


def _for(seconds: float) -> str:
    if seconds >= 120:
        return f"{seconds / 60:.0f} minutes"
    return "1 second" if seconds == 1 else f"{seconds:.0f} seconds"
