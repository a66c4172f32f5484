"""What ssmx gives its own client besides the session."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from ssmx.channel.encryption import Cipher
from ssmx.light import dataclass
from ssmx.model.session import Session


@dataclass(frozen=True, slots=True)
class Support:
    """Functions and settings of the rest of ssmx.

    `sign(url)` gives the headers of the websocket's upgrade, `authorities()` the trusted file or hashed folder.
    `resume(session_id)` gives the session with a new StreamUrl and token, None where it has ended, or raises; it is
    tried again until `resume_seconds` after a connection was lost. `session_key(key_id, context)` gives the cipher
    of a new data key, and that key as the agent can unwrap it. These are called on threads: they may ask AWS, and
    the user. `escapes`: whether ~. ends a shell. `asked_here(ask)` is a stretch in which a question of the sign-in
    goes to `ask`, because the terminal is the session's. `note` and `detail` tell the user something in one line.
    """

    sign: Callable[[str], dict[str, str]]
    authorities: Callable[[], str]
    resume: Callable[[str], Session | None]
    resume_seconds: float
    escapes: bool
    session_key: Callable[[str, dict[str, str]], tuple[Cipher, bytes]]
    asked_here: Callable[[Callable[[str], str]], AbstractContextManager[None]]
    note: Callable[[str], None]
    detail: Callable[[str], None]
