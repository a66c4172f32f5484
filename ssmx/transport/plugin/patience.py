"""How long a plugin may say nothing, and when Ctrl-C is for ssmx and not for the node."""

from __future__ import annotations

import time
from enum import Enum, auto

UNANSWERED_SECONDS = 5.0


class CtrlC(Enum):
    """What a Ctrl-C is."""

    KEY = auto()
    """A key for the node."""
    WARN = auto()
    """A key too; and the user is to be told that the next one ends the session."""
    LEAVE = auto()
    """The user's wish to end the session."""


class Silence:
    """What has been heard of the node. A plugin that hangs does not say so: only its user can tell."""

    def __init__(self) -> None:
        self.heard = False
        """Whether the node has ever said anything."""
        self._asked = 0.0  # when the first Ctrl-C was typed that nothing has answered
        self._warned = False

    def broken(self) -> None:
        """The node has said something."""
        self.heard = True
        self._asked = 0.0
        self._warned = False

    @property
    def seconds(self) -> float:
        """How long no Ctrl-C has been answered."""
        return time.monotonic() - self._asked if self._asked else 0.0

    def ctrl_c(self) -> CtrlC:
        """One has been typed."""
        if not self.heard or self._warned:
            return CtrlC.LEAVE
        if not self._asked:
            self._asked = time.monotonic()
        elif self.seconds > UNANSWERED_SECONDS:
            self._warned = True
            return CtrlC.WARN
        return CtrlC.KEY
