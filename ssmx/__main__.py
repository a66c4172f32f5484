"""`python -m ssmx`, and the console script."""

import os
import sys

if sys.argv[1:2] in (["__complete"], ["__refresh"]):  # before all that takes time: Tab waits for it
    from ssmx.completing import run as complete

    complete()

if sys.argv[1:] in (["--version"], ["-V"]):  # what scripts ask often; where it cannot be written, main() says so
    from ssmx.streams import answer_version

    answer_version()

from types import TracebackType


def _quiet(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Until main() knows better: Ctrl-C has nothing to clean up, and half an import's traceback helps nobody."""
    if kind is not KeyboardInterrupt:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _quiet

from ssmx import early, garbage  # noqa: E402  # behind the hook, as all that takes time

garbage.start()
early.begin(sys.argv[1:], os.environ)

from ssmx.cli import main  # noqa: E402
from ssmx.streams import leave, open_streams  # noqa: E402


def run() -> None:
    """Run ssmx on this process's command line and exit."""
    open_streams()
    leave(main())


if __name__ == "__main__":
    run()
