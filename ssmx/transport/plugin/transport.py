"""Carry a session through the official plugin."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager

from ssmx.errors import NoPlugin, SsmxError
from ssmx.light import dataclass
from ssmx.model.plan import Plan
from ssmx.model.plugin import Plugin
from ssmx.model.session import Outcome, Session
from ssmx.signals import Signals
from ssmx.transport.interrupt import Interrupt, run
from ssmx.transport.plugin.contract import Service, arguments, environment
from ssmx.transport.plugin.guard import Guard
from ssmx.transport.plugin.lending import lending
from ssmx.transport.plugin.process import PluginProcess
from ssmx.transport.plugin.relay import Relay
from ssmx.transport.terminal import size


@dataclass(frozen=True, slots=True)
class Support:
    """What the plugin needs of AWS, and ssmx gives.

    `credentials()` renews and answers as a credential_process does, called on a thread; `last_known()` gives what
    it gave last, at once. `reach(session, label)` opens the data channel and drops it, or raises why it cannot;
    `is_open(session_id)` asks the service, on a thread. `asked_here(ask)` is a stretch in which a question of the
    sign-in goes to `ask`, because the terminal is the session's. `end(session_id)` is the command line that ends
    a session with keys from its environment, where this process cannot; `profile()` has the settings it needs.
    `escapes`: whether ~. ends a shell.
    """

    service: Callable[[], Service]
    credentials: Callable[[], Mapping[str, str | int]]
    last_known: Callable[[], Mapping[str, str | int]]
    reach: Callable[[Session, str], Awaitable[None]]
    is_open: Callable[[str], bool]
    asked_here: Callable[[Callable[[str], str]], AbstractContextManager[None]]
    end: Callable[[str], Sequence[str]]
    profile: Callable[[], str]
    escapes: bool


class PluginTransport:
    """The official plugin, on a terminal that ssmx relays."""

    def __init__(
        self,
        plugin: Plugin,
        support: Support,
        *,
        signals: Signals,
        note: Callable[[str], None],
        detail: Callable[[str], None],
    ) -> None:
        self._plugin = plugin
        self._support = support
        self._signals = signals
        self._note = note
        self._detail = detail
        self.opened = False
        """Whether the node has said anything in the session carried last."""

    @property
    def label(self) -> str:
        """For a sentence."""
        return self._plugin.label if self._plugin.supported else f"{self._plugin.label}, {self._plugin.verdict}"

    def carry(self, session: Session, plan: Plan) -> Outcome:
        """Run the session on this terminal until it ends.

        Raises NoPlugin where the plugin does not run, otherwise what it says (failure.py), or the error of a
        signal. The plugin has ended and the terminal is restored before this returns or raises.
        """
        self.opened = False
        self._detail(f"through {self._plugin.label}")
        return run(self._signals, lambda interrupt: self._carry(session, plan, interrupt))

    async def _carry(self, session: Session, plan: Plan, interrupt: Interrupt) -> Outcome:
        service = self._support.service()
        loan = Loan(self._support.credentials, self._note)
        async with lending(loan.give, profile=service.profile, told=loan.tell) as config:
            env = environment(os.environ, session, str(config))
            end, profile = self._support.end(session.id), self._support.profile()
            with Guard(folder=config.parent, end=end, profile=profile) as guard:
                guard.keep(self._support.last_known())
                loan.guard = guard
                process = await self._start(arguments(self._plugin.path, plan, service), env)
                try:
                    guard.watch(process.pid)
                    relay = Relay(
                        process,
                        session,
                        plan,
                        self._plugin,
                        interrupt,
                        reach=lambda: self._support.reach(session, plan.target.label),
                        is_open=lambda: asyncio.to_thread(self._support.is_open, session.id),
                        note=self._note,
                        escapes=self._support.escapes,
                    )
                    loan.say = relay.tell
                    with self._support.asked_here(relay.ask):
                        try:
                            await relay.run()
                        finally:
                            self.opened = relay.opened
                finally:
                    await process.stop()
        return Outcome(0, "exited", relay.sent, relay.received)

    async def _start(self, words: Sequence[str], env: Mapping[str, str]) -> PluginProcess:
        columns, rows = size()
        try:
            return await PluginProcess.start(words, env, columns=columns, rows=rows)
        except OSError as error:
            raise NoPlugin(f"{self._plugin.label} cannot be run: {error.strerror}") from error


class Loan:
    """Credentials on their way to the plugin: the guard keeps a copy, the user hears why there are none."""

    def __init__(self, credentials: Callable[[], Mapping[str, str | int]], say: Callable[[str], None]) -> None:
        self._credentials = credentials
        self.say = say
        self.guard: Guard | None = None

    def give(self) -> Mapping[str, str | int]:
        found = self._credentials()
        if self.guard is not None:
            self.guard.keep(found)
        return found

    def tell(self, error: SsmxError) -> None:
        self.say(f"the plugin asked for credentials: {error.message}" + (f" ({error.hint})" if error.hint else ""))
