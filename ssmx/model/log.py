"""The lines of a log of tunnels: when, what, and of which tunnel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ssmx.light import dataclass
from ssmx.model.status import time_of


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a log, `raw` as it stands there; `at` is its ISO time, empty where the log begins without one."""

    at: str
    text: str
    raw: str


class Reader:
    """Gives of a log, piece by piece, the lines that are not of `others`, which are tunnels by their names.

    A line without a time goes on what is said above it: it is of the same tunnel and has the same time.
    """

    def __init__(self, others: Sequence[str] = ()) -> None:
        self._others = tuple(f"{name}: " for name in others)
        self._at = ""
        self._is_ours = True

    def read(self, lines: Iterable[str]) -> Iterator[Line]:
        """Each line that is ours."""
        for raw in lines:
            at, _, text = raw.partition(" ")
            if time_of(at) is None:
                text = raw
            else:
                self._at, self._is_ours = at, not text.startswith(self._others)
            if self._is_ours:
                yield Line(self._at, text, raw)


def last_run(lines: Sequence[str], begun: str) -> list[str]:
    """The lines from the last one that says `begun`, all of them where none does."""
    for at in range(len(lines) - 1, -1, -1):
        time, _, text = lines[at].partition(" ")
        if text == begun and time_of(time) is not None:
            return list(lines[at:])
    return list(lines)
