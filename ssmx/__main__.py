"""`python -m ssmx`, and the console script."""

import sys
from types import TracebackType


def _quiet(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Until main() knows better: Ctrl-C has nothing to clean up, and half an import's traceback helps nobody."""
    if kind is not KeyboardInterrupt:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _quiet

import os  # noqa: E402  # behind the hook, as all that takes time
from contextlib import suppress  # noqa: E402

from ssmx.cli import main  # noqa: E402


def run() -> None:
    """Run ssmx on this process's command line and exit.

    At once: the interpreter would wait for threads whose answers nobody wants any more (Ctrl-C in a look-up).
    """
    _open_streams()
    status = main()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(status)


def _open_streams() -> None:
    """Standard streams that the caller closed lead nowhere, and a character the terminal lacks is spelt out."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)
    sys.stdin = sys.stdin or open(0, closefd=False)  # noqa: SIM115  # for the life of the process
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    run()
