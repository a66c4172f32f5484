"""`python -m ssmx`, and the console script."""

from __future__ import annotations

import os
import sys

from ssmx.cli import main


def run() -> None:
    """Run ssmx on this process's command line and exit.

    At once: the interpreter would wait for threads whose answers nobody wants any more (Ctrl-C in a look-up).
    """
    status = main()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    run()
