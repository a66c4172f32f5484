"""How often and how recently something was chosen, as one number that halves every week."""

from __future__ import annotations

_WEEK = 7 * 86_400.0


def now_worth(score: float, at: float, now: float) -> float:
    """What a score that was written down `at` a time is worth now; times in seconds since 1970."""
    return float(score * 0.5 ** (max(0.0, now - at) / _WEEK))


def chosen(score: float, at: float, now: float) -> float:
    """The score after another choice."""
    return now_worth(score, at, now) + 1.0
