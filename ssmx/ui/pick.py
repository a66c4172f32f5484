"""Let the user choose on a terminal: arrows, or typing part of what is shown."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import questionary
from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent, merge_key_bindings
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import create_output
from questionary.prompts.common import InquirerControl

from ssmx.errors import HungUp, Interrupted
from ssmx.ui.show import aligned


def choose(question: str, rows: Sequence[Sequence[str]]) -> int:
    """The number of the row the user chose. Raises Interrupted where he did not choose, HungUp without a terminal.

    Asked on stderr: stdout belongs to the answer.
    """
    os.environ["PROMPT_TOOLKIT_NO_CPR"] = "1"  # or slow terminals get a warning about cursor positions
    lines = aligned([""] * len(rows[0]), rows)
    prompt = questionary.select(
        question,
        [questionary.Choice(line, value=number) for number, line in enumerate(lines)],
        use_search_filter=True,
        use_jk_keys=False,
        instruction="(arrows or typing, Enter takes, Ctrl-C leaves)",
        qmark="?",
        pointer=">",
        output=create_output(stdout=sys.stderr),
    )
    _amend(prompt)
    try:
        return int(prompt.unsafe_ask())
    except (KeyboardInterrupt, EOFError):
        raise Interrupted("nothing was chosen", hint="name one exactly; `--help` says how") from None
    except OSError as error:
        raise HungUp(f"the terminal is gone: {error.strerror}") from error


def _amend(prompt: questionary.Question) -> None:
    """Where nothing fits the words typed, questionary shows every row and Enter would take the first."""
    controls = prompt.application.layout.find_all_controls()
    control = next(each for each in controls if isinstance(each, InquirerControl))
    bindings = KeyBindings()
    nothing_fits = Condition(lambda: bool(control.search_filter) and not control.found_in_search)

    @bindings.add(Keys.Enter, eager=True, filter=nothing_fits)
    def _(_event: object) -> None:
        """Take nothing."""

    @bindings.add(Keys.SIGINT)
    def _(event: KeyPressEvent) -> None:
        """A SIGINT that is no key ends it too."""
        event.app.exit(exception=KeyboardInterrupt)

    known = prompt.application.key_bindings
    prompt.application.key_bindings = merge_key_bindings([known, bindings] if known else [bindings])
