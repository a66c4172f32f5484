"""Connect a session again whose connection was lost: ResumeSession, and a websocket with what it answers.

The service closes each websocket about once an hour, so that this is a normal thing to happen.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable

from ssmx.errors import AccessDenied, ConfigError, SessionLost, SsmxError
from ssmx.model.session import Session
from ssmx.transport.interrupt import on_thread
from ssmx.transport.native.support import Support
from ssmx.transport.websocket import Websocket, dial

_FIRST_PAUSE = 0.1  # seconds; doubled each time
_LONGEST_PAUSE = 10.0
_ONE_TRY = 15.0
_SILENT_SECONDS = 1.0  # the user is told of what takes longer


async def reconnect(
    session: Session, lost: SessionLost, support: Support, *, label: str, tell: Callable[[str], None]
) -> tuple[Websocket, str]:
    """A new connection and the token that opens it, tried again and again for `support.resume_seconds`.

    Raises SessionLost where the session has ended, where AWS does not let us, or when the time is over.
    """
    support.detail(lost.message)
    began = time.monotonic()
    until = began + support.resume_seconds
    limit = _for(support.resume_seconds)
    told = asyncio.get_running_loop().call_later(
        _SILENT_SECONDS, lambda: tell(f"{lost.message}; resuming, for {limit} at most; Ctrl-C ends")
    )
    pause = _FIRST_PAUSE
    try:
        while True:
            try:
                async with asyncio.timeout(max(_ONE_TRY, until - time.monotonic())):
                    found = await _once(session, support, label=label)
                break
            except (AccessDenied, ConfigError, SessionLost) as error:
                said = f"{lost.message}, and cannot be resumed: {error.message}"
                raise SessionLost(said, hint=error.hint) from error
            except (SsmxError, TimeoutError) as error:
                why = error.message if isinstance(error, SsmxError) else "no answer"
                hint = error.hint if isinstance(error, SsmxError) else ""
                support.detail(f"not resumed: {why}")
                if time.monotonic() + pause > until:
                    said = f"{lost.message}, and could not be resumed in {limit}: {why}"
                    raise SessionLost(said, hint=hint) from error
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  # jitter
            pause = min(_LONGEST_PAUSE, 2 * pause)
    finally:
        told.cancel()
    taken = time.monotonic() - began
    support.detail(f"resumed after {taken:.1f} s")
    if taken > _SILENT_SECONDS:
        tell(f"resumed after {taken:.0f} seconds")
    return found


async def _once(session: Session, support: Support, *, label: str) -> tuple[Websocket, str]:
    resumed = await on_thread(lambda: support.resume(session.id))
    if resumed is None:
        raise SessionLost("the session has ended, by idle time, its longest duration, or somebody")
    socket = await dial(resumed.stream_url, sign=support.sign, ca_bundle=support.ca_bundle(), label=label)
    return socket, resumed.token


def _for(seconds: float) -> str:
    if seconds >= 120:
        return f"{seconds / 60:.0f} minutes"
    return "1 second" if seconds == 1 else f"{seconds:.0f} seconds"
