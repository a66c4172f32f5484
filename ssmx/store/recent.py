"""What the user has chosen, how often and how recently; and the last target. One JSON object in a file."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ssmx.light import dataclass
from ssmx.model.frecency import chosen, now_worth
from ssmx.store import mapping

_MOST = 500  # choices that are remembered


@dataclass(frozen=True, slots=True)
class Last:
    """The last target, as it was named, and where it was."""

    target: str
    profile: str
    region: str
    account: str = ""
    """Which the profile led to; empty where that was not known."""


class Recent:
    """What is remembered in `path`; where that is missing or broken, nothing is.

    `place` is what was asked in the place of AWS: choices in one of them say nothing about another.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def last(self, place: str) -> Last | None:
        """The last target; None where none is known."""
        found = _part(_part(mapping.read(self._path), "last"), place)
        words = [found.get(each) for each in ("target", "profile", "region")] + [found.get("account", "")]
        return Last(*map(str, words)) if all(isinstance(each, str) for each in words) else None

    def scores(self) -> dict[str, float]:
        """What each choice is worth now; the highest is what is chosen most."""
        now = time.time()
        return {key: now_worth(*score, now) for key, score in _scores(mapping.read(self._path)).items()}

    def chose(self, key: str) -> None:
        """The user has chosen this. Where it cannot be remembered, it is not."""
        with suppress(OSError), mapping.changed(self._path) as known:
            _count(known, key)

    def went(self, place: str, last: Last, key: str) -> None:
        """The user has gone to this target, which has chosen `key`."""
        with suppress(OSError), mapping.changed(self._path) as known:
            _count(known, key)
            known["last"] = {**_part(known, "last"), place: asdict(last)}


def _count(known: dict[str, Any], key: str) -> None:
    now = time.time()
    scores = _scores(known)
    scores[key] = chosen(*scores.get(key, (0.0, now)), now), now
    best = sorted(scores, key=lambda each: now_worth(*scores[each], now), reverse=True)[:_MOST]
    known["chosen"] = {each: list(scores[each]) for each in best}


def _scores(known: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    found = {}
    for key, score in _part(known, "chosen").items():
        with suppress(TypeError, ValueError):
            worth, at = score
            found[key] = float(worth), float(at)
    return found


def _part(known: Mapping[str, Any], name: str) -> dict[str, Any]:
    part = known.get(name)
    return part if isinstance(part, dict) else {}
