"""Words for lists, as a sentence has them, addresses, and words of others that are fit to be printed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from importlib import import_module


def either(words: Sequence[str]) -> str:
    """`a`, `a or b`, `a, b or c`; `words` is not empty."""
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]


def together(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`; `words` is not empty."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]


def alike(word: str, known: Collection[str], *, most: int = 3) -> list[str]:
    """Words of `known` that `word` may have been meant to be, nearest first."""
    found: list[str] = import_module("difflib").get_close_matches(word, known, n=most)
    return found


def bracketed(host: str) -> str:
    """A host as it stands before a port: IPv6 addresses in brackets."""
    return f"[{host}]" if ":" in host else host


def host_port(host: str, port: int) -> str:
    """`host:port`, or `[address]:port`."""
    return f"{bracketed(host)}:{port}"


def printable(text: str, *, lines: bool = False) -> str:
    """`text` without control characters: a tag or an answer must not steer the user's terminal."""
    text = str(text)
    if text.isprintable():  # almost always, and of long listings
        return text
    return "".join(each if each.isprintable() or (lines and each == "\n") else repr(each)[1:-1] for each in text)
