"""`python -m ssmx`, and the console script."""

from __future__ import annotations

import sys

from ssmx.cli import main


def run() -> None:
    """Run ssmx on this process's command line and exit."""
    sys.exit(main())


if __name__ == "__main__":
    run()
