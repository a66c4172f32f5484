"""From the words the user typed to those they stand for: aliases are replaced before anything else is read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from ssmx.errors import ConfigError
from ssmx.light import dataclass

KEPT = ("config", "completion", "index")  # commands whose names no alias takes: they mend, or shells run them


@dataclass(frozen=True, slots=True)
class Alias:
    """The words that a word of the command line stands for."""

    name: str
    text: str
    words: tuple[str, ...]
    origin: str


def first_word(words: Sequence[str], valued: Collection[str]) -> int | None:
    """Where the first word is that is no option and no value of one; None where there is none before `--`.

    `valued`: the options that take a value, as `-p` and `--profile`.
    """
    is_value = False
    for at, word in enumerate(words):
        if word == "--":
            return None
        if is_value:
            is_value = False
        elif word.startswith("--"):
            is_value = word in valued
        elif word.startswith("-") and len(word) > 1:
            is_value = _ends_in_option(word, valued)
        else:
            return at
    return None


def _ends_in_option(word: str, valued: Collection[str]) -> bool:
    """Whether of `-vp` the last letter takes a value, which is then the next word; in `-pdev` it is there."""
    at = next((at for at, letter in enumerate(word) if at and f"-{letter}" in valued), None)
    return at == len(word) - 1


def expand(
    words: Sequence[str], valued: Collection[str], find: Callable[[str], Alias | None]
) -> tuple[list[str], list[Alias]]:
    """The words without aliases, and those that were there. What stands behind an alias stands behind its words.

    An alias that begins with its own name means the command of that name. Raises ConfigError for aliases that lead
    to each other in a circle.
    """
    found = list(words)
    used: list[Alias] = []
    while (at := first_word(found, valued)) is not None:
        if used and found[at] == used[-1].name:
            break
        alias = find(found[at])
        if alias is None:
            break
        if alias in used:
            circle = [*(each.name for each in used[used.index(alias) :]), alias.name]
            raise ConfigError(
                f"{alias.origin}: aliases lead round: {' → '.join(circle)}",
                hint="let one of them begin with a command",
            )
        used.append(alias)
        found[at : at + 1] = alias.words
    return found, used
