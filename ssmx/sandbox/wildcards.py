"""The patterns of EC2's filters."""

from __future__ import annotations

import re
from collections.abc import Iterable


def pattern(texts: Iterable[str]) -> re.Pattern[str]:
    """EC2's wildcards: * and ?, and a backslash before one that is meant; case counts."""
    return re.compile("|".join(_translated(text) for text in texts) or r"(?!)", re.DOTALL)


def _translated(text: str) -> str:
    parts = re.findall(r"\\[*?\\]|.", text, re.DOTALL)
    return "".join({"*": ".*", "?": "."}.get(part) or re.escape(part[-1]) for part in parts)
