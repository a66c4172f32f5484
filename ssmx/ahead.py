"""What is needed next, imported while the network is waited for; and a transport that is made then."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ssmx.model.plan import Plan
    from ssmx.model.session import Outcome, Session


class Transport(Protocol):
    """Carries a started session."""

    def carry(self, session: Session, plan: Plan) -> Outcome:
        """Run the session to its end; raises what ended it badly."""


class Later:
    """A transport that is made when it carries."""

    def __init__(self, make: Callable[[], Transport]) -> None:
        self._make = make

    def carry(self, session: Session, plan: Plan) -> Outcome:
        """Run the session to its end; raises what ended it badly."""
        return self._make().carry(session, plan)


class Ahead:
    """Modules that will be needed soon."""

    def __init__(self) -> None:
        self._names: tuple[str, ...] = ()

    def want(self, *names: str) -> None:
        """These."""
        self._names += names

    def begin(self) -> None:
        """Import them on a thread; what fails there fails again where it is used."""
        names, self._names = self._names, ()
        if names:
            with suppress(RuntimeError):  # a machine may have no thread left
                threading.Thread(target=_import, args=names, daemon=True).start()


def _import(*names: str) -> None:
    with suppress(Exception):
        for name in names:
            import_module(name)
