"""What is needed next, imported or found out while the network is waited for; and a transport that is made then."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from ssmx.model.plan import Plan
    from ssmx.model.session import Outcome, Session

T = TypeVar("T")


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


class _Question(Generic[T]):
    """Something to find out once, by whoever wants to know it first."""

    def __init__(self, ask: Callable[[], T]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._answers: list[T] = []

    def answer(self) -> T:
        with self._lock:
            if not self._answers:
                self._answers.append(self._ask())
            return self._answers[0]


class Ahead:
    """What will be needed soon: modules, and answers to questions."""

    def __init__(self) -> None:
        self._wanted: list[Callable[[], Any]] = []
        self._threads: list[threading.Thread] = []

    def want(self, *names: str) -> None:
        """These modules."""
        self._wanted.append(lambda: [import_module(name) for name in names])

    def find_out(self, ask: Callable[[], T]) -> Callable[[], T]:
        """This; whoever calls what it gives waits for the answer, or hears what `ask` raises."""
        question = _Question(ask)
        self._wanted.append(question.answer)
        return question.answer

    def begin(self) -> None:
        """Begin, each on a thread; what fails there fails again where it is used."""
        wanted, self._wanted = self._wanted, []
        with suppress(RuntimeError):  # a machine may have no thread left
            for each in wanted:
                self._threads.append(threading.Thread(target=_quietly, args=(each,), daemon=True))
                self._threads[-1].start()

    def finish(self) -> None:
        """Wait until nothing of it runs any more: it may have started a process."""
        for each in self._threads:
            if each.is_alive():  # Ctrl-C may have come before it was started
                each.join()


def _quietly(run: Callable[[], Any]) -> None:
    with suppress(Exception):
        run()
