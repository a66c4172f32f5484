"""What ssmx gives its own client besides the session."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from ssmx.model.session import Session


@dataclass(frozen=True, slots=True)
class Support:
    """Functions of the rest of ssmx. `sign` and `resume` are called on threads: they may ask AWS, and the user.

    `sign(url)` gives the headers of the websocket's upgrade, `ca_bundle()` the trusted file. `resume(session_id)`
    gives the session with a new StreamUrl and token, None where it has ended, or raises; it is tried again until
    `resume_seconds` after a connection was lost. `asked_here(ask)` is a stretch in which a question of the sign-in
    goes to `ask`, because the terminal is the session's. `note` and `detail` tell the user something in one line.
    """

    sign: Callable[[str], dict[str, str]]
    ca_bundle: Callable[[], str]
    resume: Callable[[str], Session | None]
    resume_seconds: float
    asked_here: Callable[[Callable[[str], str]], AbstractContextManager[None]]
    note: Callable[[str], None]
    detail: Callable[[str], None]
