"""Cut a list into pages with opaque tokens, within the bounds that an AWS operation sets."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


class BadToken(Exception):
    """The caller's NextToken is none of ours."""


class BadLimit(Exception):
    """MaxResults is out of bounds; `str()` is the text AWS gives."""


def limit(given: object, *, default: int, least: int, most: int) -> int:
    """The page size asked for; raises BadLimit."""
    if given is None:
        return default
    try:
        value = int(str(given))
    except ValueError:
        raise BadLimit(f"Value '{given}' at 'maxResults' is no number") from None
    if not least <= value <= most:
        bound = f"less than or equal to {most}" if value > most else f"greater than or equal to {least}"
        raise BadLimit(
            f"1 validation error detected: Value '{value}' at 'maxResults' failed to satisfy constraint: "
            f"Member must have value {bound}"
        )
    return value


def cut(items: Sequence[Item], *, token: object, size: int) -> tuple[list[Item], str | None]:
    """One page and the token of the next, None at the end; raises BadToken."""
    start = 0
    if token:
        try:
            word, _, number = base64.b64decode(str(token), altchars=b"-_", validate=True).decode().partition(":")
            start = int(number)
        except ValueError:
            raise BadToken from None
        if word != "page" or not 0 < start <= len(items):
            raise BadToken
    page = list(items[start : start + size])
    after = start + size
    more = after < len(items)
    return page, base64.urlsafe_b64encode(f"page:{after}".encode()).decode() if more else None
