"""One call of the plugin, from its command line to its exit status."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence

from ssmx.app import App
from ssmx.dropin.carry import carry
from ssmx.dropin.contract import read
from ssmx.errors import SsmxError, UsageError
from ssmx.signals import Signalled

_FAILED = 1  # callers know no other


def main(given: Sequence[str]) -> int:
    """Do what the caller asks for; gives 0 for a normal end, 1 for a failure, whose reason is on stderr."""
    # Callers ignore these while we run, which we inherit, so that we look after them.
    for number in (signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    app = App([], None, sandbox=_no_sandbox)
    try:
        with app.signals.raised():
            carry(app, read(given, os.environ))
    except SsmxError as error:
        return _failed(app, error)
    except Signalled as signalled:
        return _failed(app, signalled.error)
    except Exception as error:  # the error boundary
        return _failed(app, app.report(error))
    return 0


def _failed(app: App, error: SsmxError) -> int:
    app.plain_show().error(error)
    return _FAILED


def _no_sandbox(_app: App) -> None:
    raise UsageError("there is no sandbox here")
