"""Lose, repeat and reorder messages on their way, as tests order it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Way:
    """One direction of a session's channel. A message that waits to be overtaken is in `late`."""

    drop: int = 0
    duplicate: bool = False
    reorder: bool = False
    late: list[bytes] = field(default_factory=list)

    def take(self, frame: bytes) -> list[bytes]:
        """What arrives when this is sent."""
        if self.drop > 0:
            self.drop -= 1
            return []
        copies = [frame, frame] if self.duplicate else [frame]
        if not self.reorder:
            return copies
        if not self.late:
            self.late = copies
            return []
        return copies + self.release()

    def release(self) -> list[bytes]:
        """What was late: nothing has come to overtake it."""
        late, self.late = self.late, []
        return late


@dataclass(slots=True)
class Mischief:
    """Both directions, and what may be done to them."""

    inward: Way = field(default_factory=Way)
    outward: Way = field(default_factory=Way)

    def order(self, what: str, options: Mapping[str, str]) -> bool:
        """Take an order of the control routes; whether it is one."""
        if what == "drop":
            self.inward.drop = int(options.get("in", 0))
            self.outward.drop = int(options.get("out", 0))
        elif what == "duplicate":
            self.inward.duplicate = self.outward.duplicate = options.get("on", "1") == "1"
        elif what == "reorder":
            self.inward.reorder = self.outward.reorder = options.get("on", "1") == "1"
        else:
            return False
        return True

    def stop(self) -> None:
        """Behave again."""
        for way in (self.inward, self.outward):
            way.drop, way.duplicate, way.reorder = 0, False, False
