"""What this process's standard input is; asked before anything is imported that reads it."""

from __future__ import annotations

import os
import stat
from contextlib import suppress

from ssmx.errors import NoTerminal


def require_terminal() -> None:
    """Raise NoTerminal where no keyboard is attached; ask before a session is started."""
    if not os.isatty(0):
        raise NoTerminal(
            "a shell needs a terminal, and standard input is none",
            hint="`ssmx run` runs a command without one",
        )


def is_redirected() -> bool:
    """Whether standard input holds something for somebody: it is neither a terminal nor /dev/null, nor closed."""
    with suppress(OSError):
        facts = os.fstat(0)
        null = os.stat(os.devnull).st_rdev  # noqa: PTH116
        return not os.isatty(0) and not (stat.S_ISCHR(facts.st_mode) and facts.st_rdev == null)
    return False
