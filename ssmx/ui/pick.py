"""Let the user choose on a terminal: arrows, or typing part of what is shown."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import questionary
from prompt_toolkit.output import create_output
from prompt_toolkit.output.base import Output

from ssmx.errors import Interrupted
from ssmx.ui.show import aligned


def choose(question: str, rows: Sequence[Sequence[str]]) -> int:
    """The number of the row the user chose. Raises Interrupted where he did not choose.

    Asked on stderr: stdout belongs to the answer.
    """
    lines = aligned([""] * len(rows[0]), rows)
    choices = [questionary.Choice(line, value=number) for number, line in enumerate(lines)]
    prompt = questionary.select(
        question,
        choices,
        use_search_filter=True,
        use_jk_keys=False,
        instruction="(arrows or typing, Enter takes, Ctrl-C leaves)",
        qmark="?",
        pointer=">",
        output=_stderr(),
    )
    try:
        return int(prompt.unsafe_ask())
    except (KeyboardInterrupt, EOFError):
        raise Interrupted("nothing was chosen") from None


def _stderr() -> Output:
    return create_output(stdout=sys.stderr)
