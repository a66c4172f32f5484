"""The report of a bug of ours."""

from __future__ import annotations

import os
import sys
import traceback

from ssmx import __version__
from ssmx.errors import SsmxError
from ssmx.store.paths import state_folder


def write(error: Exception) -> SsmxError:
    """Write the traceback, without the command line, to a 0600 file; an SsmxError that says where."""
    told = f"a bug in ssmx: {type(error).__name__}: {error}"
    report = f"ssmx {__version__}, Python {sys.version}\n{''.join(traceback.format_exception(error))}"
    try:
        path = state_folder("reports") / f"{os.getpid()}.txt"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(report)
    except (OSError, SsmxError):
        return SsmxError(f"{told}\n{report}")
    return SsmxError(told, hint=f"report it with {path}")
