"""The same question to many accounts and regions at once: answers as they come, and why others did not.

A botocore session for each profile, a thread for each scope. What waits for an answer is in nobody's way: another
scope begins meanwhile. Threads are daemons, and nothing is asked of the user in them: Ctrl-C ends at once.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import field, replace
from functools import partial
from typing import Generic, TypeVar

from ssmx.app import App
from ssmx.aws.calls import Calls, Turns
from ssmx.errors import ConfigError, LocalFault, SsmxError
from ssmx.light import dataclass
from ssmx.model.scopes import Part, narrowed, parts
from ssmx.model.settings import Value
from ssmx.signals import Signalled

T = TypeVar("T")

_MOVING = 64  # scopes at once that do not wait for an answer
_WAITS = 0.4  # seconds without an answer after which a scope waits
_LOOK = 0.1  # seconds between two looks at those that wait
_LATE = 0.3  # seconds after the limit, in which a call ends by itself
_KEEP = 1.0  # seconds in which what was learned is kept at the end
_ANY = Value("us-east-1", "-A")  # the region that is asked which there are, where a profile has none

_IN_USE = Value("", "default")


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """What a scope has answered, or the error why it has not. `region`: empty where it was not even begun."""

    app: App
    profile: str
    region: str
    answer: T | None = None
    error: SsmxError | None = None

    @property
    def where(self) -> str:
        """The scope, for people."""
        profile = self.profile or "the profile in use"
        return f"{self.region} of {profile}" if self.region else profile


@dataclass(eq=False)
class _Task:
    """Something that is asked on a thread of its own: a profile's sign-in, or a scope."""

    app: App
    profile: str
    region: str
    calls: Calls
    run: Callable[[], object]
    part: Part | None = None
    """Which profile it is the sign-in of."""


@dataclass
class Walk(Generic[T]):
    """A walk of the scopes that the config lists, and of them those that -p and -r name; `ask` is what is asked."""

    app: App
    ask: Callable[[App], T]
    limit: float = 0.0
    apps: list[App] = field(default_factory=list)
    """Those of the scopes."""
    _done: queue.SimpleQueue[tuple[_Task, object, SsmxError | None]] = field(default_factory=queue.SimpleQueue)
    _waiting: dict[str, deque[_Task]] = field(default_factory=dict)
    _running: list[_Task] = field(default_factory=list)

    def answers(self) -> Iterator[Answered[T]]:
        """The answers as they come, one for each scope. Raises ConfigError where no scopes are listed."""
        self.limit = max(0.1, self.app.settings.scope_timeout.value)
        asking = []
        for part in _parts(self.app):
            task = self._sign_in(part)
            try:
                wants_mfa = task.app.clients.wants_mfa and self.app.may_ask()
                if part.enabled:
                    _locate(task.app)
            except SsmxError as error:
                yield _failed(task, error)
                continue
            if wants_mfa:
                asking.append(task)
            else:
                self._wait(_silent(task))
                yield from self._come(seconds=0.0)  # to read the files of many profiles takes a while
        for task in asking:
            try:
                task.app.clients.credentials()
            except SsmxError as error:
                yield _failed(task, error)
            else:
                self._wait(_silent(task))
        while self._running or any(self._waiting.values()):
            yield from self._come(seconds=_LOOK)

    def keep(self) -> None:
        """Wait until what was learned is kept, a second at most."""
        end = time.monotonic() + _KEEP
        for each in self.apps:
            each.learning.finish(max(0.0, end - time.monotonic()))

    def _come(self, *, seconds: float) -> Iterator[Answered[T]]:
        """Let those begin that may, and give what has come, waiting so long for the first."""
        self._start_waiting()
        with suppress(queue.Empty):
            while True:
                task, answer, error = self._done.get(timeout=seconds) if seconds else self._done.get_nowait()
                seconds = 0.0
                if task not in self._running:  # it was given up
                    continue
                self._running.remove(task)
                if error is not None:
                    yield _failed(task, error)
                elif task.part is not None:
                    self._enter(task, task.part, answer)  # type: ignore[arg-type]  # regions
                else:
                    yield Answered(task.app, task.profile, task.region, answer)  # type: ignore[arg-type]
        for late in [each for each in self._running if each.calls.waited() > self.limit + _LATE]:
            self._running.remove(late)
            yield _failed(late, late.calls.late())

    def _sign_in(self, part: Part) -> _Task:
        """What begins a profile: its sign-in, and where they are to be asked for its regions."""
        made = self.app.another()
        if part.profile.value:
            made.flags["profile"] = part.profile
        if part.regions and all(each.value for each in part.regions):
            made.flags["region"] = part.regions[0]
        made.show = self.app.show.about(part.profile.value or "the profile in use")
        calls = Calls(Turns(), self.limit)

        def run() -> list[str]:
            calls.begin()
            made.clients.credentials()
            calls.end()
            made.clients.calls = calls
            return made.account.regions() if part.enabled else []

        return _Task(made, part.profile.value, "", calls, run, part)

    def _enter(self, task: _Task, part: Part, found: list[str]) -> None:
        """The profile is signed in: its scopes may be asked."""
        regions = {each.value: each for each in part.regions}
        regions = {**{each: Value(each, part.profile.origin) for each in found}, **regions}
        known: set[str] = set()
        for region in regions.values():
            made = self.app.another()
            if part.profile.value:
                made.flags["profile"] = part.profile
            if region.value:
                made.flags["region"] = region
            calls = Calls(task.calls.turns, self.limit)
            try:
                where = region if region.value else task.app.clients.region
            except SsmxError as error:
                self._fail(_Task(made, task.profile, "", calls, lambda: None), error)
                continue
            if where.value in known:  # the profile's own, which is listed as well
                continue
            known.add(where.value)
            made.show = self.app.show.about(f"{where.value} of {part.profile.value or 'the profile in use'}")
            made.clients = task.app.clients.beside(where, calls, trace=made.show.detail)
            self._wait(_Task(made, task.profile, where.value, calls, partial(self.ask, made)))
            self.apps.append(made)

    def _start_waiting(self) -> None:
        """As many as may begin now, of each profile in turn."""
        moving = sum(each.calls.waited() < _WAITS for each in self._running)
        while moving < _MOVING and (names := [name for name, tasks in self._waiting.items() if tasks]):
            for name in names[: _MOVING - moving]:
                self._start(self._waiting[name].popleft())
                moving += 1

    def _wait(self, task: _Task) -> None:
        """It begins when it may: others do not get in each other's way."""
        self._waiting.setdefault(task.profile, deque()).append(task)

    def _start(self, task: _Task) -> None:
        self._running.append(task)
        try:
            threading.Thread(target=self._work, args=(task,), daemon=True).start()
        except RuntimeError as error:
            self._done.put((task, None, LocalFault(f"this machine has no thread left: {error}")))

    def _fail(self, task: _Task, error: SsmxError) -> None:
        self._running.append(task)
        self._done.put((task, None, error))

    def _work(self, task: _Task) -> None:
        try:
            answer = task.run()
        except SsmxError as error:
            self._done.put((task, None, error))
        except Signalled as signalled:  # only the main thread is signalled
            self._done.put((task, None, signalled.error))
        except Exception as error:  # a bug: it must not leave the others waiting
            self._done.put((task, None, self.app.report(error)))
        else:
            self._done.put((task, answer, None))
        finally:
            task.calls.end()


def _locate(app: App) -> None:
    """Ask for the regions in the profile's own; where it has none, in one that every account has."""
    try:
        _ = app.clients.region
    except ConfigError:
        app.flags["region"] = _ANY
        for made in ("settings", "clients"):
            app.__dict__.pop(made, None)


def _silent(task: _Task) -> _Task:
    """From here on its user is not asked: it runs beside others."""
    task.app.flags["input"] = Value(False, "-A")
    task.app.__dict__.pop("settings", None)
    return task


def _failed(task: _Task, error: SsmxError) -> Answered[T]:
    if task.part is not None and task.app.flags.get("region") == _ANY:  # which in other partitions is none
        said = f"{error.message} (asked in {_ANY.value}, for the profile has no region)"
        error = type(error)(said, hint=error.hint, details=error.details)
    return Answered(task.app, task.profile, task.region, error=error)


def _parts(app: App) -> list[Part]:
    """What is to be asked of each profile. Raises ConfigError where nothing says so."""
    tables = list(app.config.scopes())
    if not tables:
        raise ConfigError(
            "no scopes are listed: which profiles and regions to look in",
            hint='write [scopes] into config.toml (`ssmx config path`), with profiles = ["prod", "dev"] and '
            'regions = ["eu-west-1"] or regions = "enabled"',
        )
    given = {name: app.flags.get(name, _IN_USE) for name in ("profile", "region")}
    if app.settings.sandbox.value:  # which has one account, and a region of its own
        tables = [replace(each, profiles=()) for each in tables]
        given = {name: each if each.origin != "--sandbox" else _IN_USE for name, each in given.items()}
        given["profile"] = _IN_USE
    return parts(narrowed(tables, given["profile"], given["region"]), _IN_USE, _IN_USE)
