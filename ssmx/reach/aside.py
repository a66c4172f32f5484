"""Leave a command to a child that goes on in the background when it is ready; until then the terminal is its own.

The fork comes before any thread and before AWS is asked: whatever is to be typed, an MFA code or a choice, is typed
into the child. Who started it waits, and leaves with the child's status where that ends before it is ready, so that
its error is seen as any other. A child whose parent is dead when it is ready ends: nobody knows of it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ssmx.app import App
from ssmx.errors import LocalFault, Terminated
from ssmx.process import has_the_keys
from ssmx.tunnel.support import Place, Then

BEGUN = "goes on in the background"  # the first line of what one run says in its log
_OLD = 1 << 20  # bytes of a log that is put away when another begins


class Aside:
    """The child's end. `log` is where it says from then on what happens."""

    def __init__(self, app: App, pipe: int, log: str) -> None:
        self._app = app
        self._pipe = pipe
        self.log = log

    def after(self, then: Then) -> Then:
        """What is called when all is ready: `then`, and after that this goes on in the background."""

        def leave(places: Sequence[Place]) -> None:
            then(places)
            self.ready({"places": [asdict(each) for each in places]})

        return leave

    def ready(self, body: Mapping[str, Any]) -> None:
        """Leave the terminal, and tell the one who waits. Raises LocalFault, and Terminated where nobody does."""
        log = opened(Path(self.log))
        null = os.open(os.devnull, os.O_RDWR)
        sys.stdout.flush()
        os.setsid()
        self._app.show.stamped = True
        for descriptor, to in ((0, null), (1, log), (2, log)):
            os.dup2(to, descriptor)
        os.close(null)
        os.close(log)
        try:
            os.write(self._pipe, json.dumps({"pid": os.getpid(), **body}).encode())
        except BrokenPipeError:
            raise Terminated("who started this is gone") from None
        finally:
            os.close(self._pipe)
        self._app.show.note(BEGUN)


def aside(app: App, log: Path, work: Callable[[Aside], int], told: Callable[[Mapping[str, Any]], int]) -> int:
    """Do `work` in a child; where that is ready, what `told` makes of what it says, else its exit status.

    Raises LocalFault where there can be no log.
    """
    os.close(opened(log))
    reads, writes = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if not child:
        os.close(reads)
        _let_go()
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        return work(Aside(app, writes, str(log)))
    os.close(writes)
    with app.signals.passed_on(lambda number: _pass_on(number, child)):
        said = _read(reads)
        if not said:
            return _status(app, child)
    body = json.loads(said)
    return told(body if isinstance(body, dict) else {})


def opened(log: Path) -> int:
    """A log's descriptor, to append to; where it is long, what is in it is put away. Raises LocalFault."""
    try:
        with suppress(FileNotFoundError):
            if log.stat().st_size > _OLD:
                log.replace(log.with_suffix(".log.1"))
        return os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LocalFault(
            f"cannot write the log {log}: {error.strerror}", hint="make room there, or run it without --background"
        ) from error


def _let_go() -> None:
    """Close what whoever started us has left open, a lock or a pipe: it is not ours to keep for the whole day."""
    descriptors: list[int] = []
    with suppress(OSError):
        descriptors += [int(each.name) for each in Path("/dev/fd").iterdir()]
    for descriptor in descriptors:
        with suppress(OSError):  # the one that has listed them
            if descriptor > 2 and os.get_inheritable(descriptor):  # Python's own are not
                os.close(descriptor)


def _pass_on(number: int, child: int) -> None:
    """A signal is the child's; what is typed reaches it anyway."""
    if number in (signal.SIGINT, signal.SIGQUIT) and has_the_keys():
        return
    with suppress(ProcessLookupError):
        os.kill(child, number)


def _read(pipe: int) -> bytes:
    with os.fdopen(pipe, "rb") as stream:
        return stream.read()


def _status(app: App, child: int) -> int:
    """The exit status of a child that has ended, as a shell has it."""
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status >= 0:
        return status
    app.show.note(f"its process was ended by signal {-status} before it was ready")
    return 128 - status
