"""This process's standard streams: there whatever the caller closed, and written to the end when it leaves."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import NoReturn

from ssmx import __version__


def open_streams() -> None:
    """Streams that the caller closed lead nowhere, and a character the terminal lacks is spelt out."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)
    sys.stdin = sys.stdin or open(0, closefd=False)  # noqa: SIM115  # for the life of the process
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def answer_version() -> None:
    """Print the version and exit; return where it cannot be printed."""
    if sys.stdout is not None:
        with suppress(OSError, ValueError):
            sys.stdout.write(f"ssmx {__version__}\n")
            sys.stdout.flush()
            os._exit(0)


def leave(status: int) -> NoReturn:
    """Exit with `status`, at once: the interpreter would wait for threads whose answers nobody wants any more."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(status)
