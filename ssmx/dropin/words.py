"""What callers of session-manager-plugin read on standard output, to the letter (1.2.677.0)."""

from __future__ import annotations

import select
import sys
from contextlib import suppress

INSTALLED = "\nThe Session Manager plugin was installed successfully. Use the AWS CLI to start a session.\n\n"
WAITING = "\nWaiting for connections...\n"
REFUSED = "Connection to destination port failed, check SSM Agent logs.\n"
INTERRUPTED = "Terminate signal received, exiting.\n"


def starting(session_id: str) -> str:
    """The first line of every session but an ssh stream's."""
    return f"\nStarting session with SessionId: {session_id}\n"


def port_opened(port: int, session_id: str) -> str:
    """The line that callers wait for, and the only one that tells a port that we chose."""
    return f"Port {port} opened for sessionId {session_id}.\n"


def socket_opened(path: str, session_id: str) -> str:
    """The same of a unix socket."""
    return f"Unix socket {path} opened for sessionId {session_id}.\n"


def accepted(session_id: str, *, multiplexed: bool) -> str:
    """A connection has come: told of the first, or of each where there is one at a time."""
    return (
        f"\nConnection accepted for session [{session_id}]\n"
        if multiplexed
        else f"Connection accepted for session {session_id}.\n"
    )


def exiting(session_id: str) -> str:
    """The last line of a session that ended normally."""
    return f"\n\nExiting session with sessionId: {session_id}.\n\n"


def closed(session_id: str, reason: str) -> str:
    """The last line of a session that was ended for a reason."""
    return f"\n\nSessionId: {session_id} : {reason}\n\n"


def say(text: str) -> None:
    """Print it at once. A caller who has read enough and is gone does not end the session."""
    with suppress(OSError, ValueError):
        sys.stdout.write(text)
        sys.stdout.flush()


def mention(text: str) -> None:
    """Print it where there is room: many callers read as far as the port, and no connection waits for them."""
    with suppress(OSError, ValueError):
        if select.select([], [sys.stdout], [], 0)[1]:
            say(text)
