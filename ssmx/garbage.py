"""When Python looks for garbage: hardly while ssmx starts, where a tenth of the time goes into finding none."""

from __future__ import annotations

import gc

_STARTING = 200_000  # new objects between two looks
_usual = gc.get_threshold()


def start() -> None:
    """The program starts: modules and models are read, and stay."""
    gc.set_threshold(_STARTING, *_usual[1:])


def carry_on() -> None:
    """It has started, and may run for days: from now on as usual, and without looking at what stays."""
    gc.freeze()
    gc.set_threshold(*_usual)
