"""`python -m ssmx.dropin`: what the executable of `ssmx plugin shim` runs.

Light, because callers ask for the version before each session.
"""

from __future__ import annotations

import sys
from importlib import import_module

from ssmx import garbage
from ssmx.channel.payload import CLIENT_VERSION
from ssmx.dropin import words
from ssmx.streams import leave, open_streams


def run() -> None:
    """Run on this process's command line and exit."""
    garbage.start()
    open_streams()
    match sys.argv[1:]:
        case []:
            words.say(words.INSTALLED)
        case ["--version"]:
            words.say(f"{CLIENT_VERSION}\n")
        case given:
            leave(import_module("ssmx.dropin.entry").main(given))
    leave(0)


if __name__ == "__main__":
    run()
