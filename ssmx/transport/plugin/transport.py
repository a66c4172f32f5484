"""Carry a session through the official plugin."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from ssmx.errors import NoPlugin, SsmxError
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
class Lender:
    """What the plugin needs of AWS, and ssmx gives.

    `credentials()` answers as a credential_process does, called on a thread; `asked_here(ask)` is a stretch in
    which a question of the sign-in goes to `ask`, because the terminal is the session's. `end(session_id)` is the
    command line that ends a session where this process cannot.
    """

    service: Callable[[], Service]
    credentials: Callable[[], Mapping[str, str | int]]
    asked_here: Callable[[Callable[[str], str]], AbstractContextManager[None]]
    end: Callable[[str], Sequence[str]]


class PluginTransport:
    """The official plugin, on a terminal that ssmx relays."""

    def __init__(
        self,
        plugin: Plugin,
        lender: Lender,
        *,
        signals: Signals,
        note: Callable[[str], None],
        detail: Callable[[str], None],
    ) -> None:
        self._plugin = plugin
        self._lender = lender
        self._signals = signals
        self._note = note
        self._detail = detail
        self.opened = False
        """Whether the plugin took the session carried last."""

    def carry(self, session: Session, plan: Plan) -> Outcome:
        """Run the session on this terminal until it ends.

        Raises NoPlugin where the plugin does not run, otherwise what it says (failure.py), or the error of a
        signal. The plugin has ended and the terminal is restored before this returns or raises.
        """
        self.opened = False
        return run(self._signals, lambda interrupt: self._carry(session, plan, interrupt))

    async def _carry(self, session: Session, plan: Plan, interrupt: Interrupt) -> Outcome:
        self._detail(f"through {self._plugin.label}")
        service = self._lender.service()
        told: list[Callable[[SsmxError], object]] = [lambda error: self._note(_told(error))]
        async with lending(
            self._lender.credentials, profile=service.profile, told=lambda error: told[-1](error)
        ) as config:
            env = environment(os.environ, session, str(config))
            process = await self._start(arguments(self._plugin.path, plan, service), env)
            try:
                with Guard(pid=process.pid, folder=config.parent, end=self._lender.end(session.id)):
                    relay = Relay(process, session, plan, self._plugin, interrupt, note=self._note)
                    told.append(lambda error: relay.tell(_told(error)))
                    try:
                        with self._lender.asked_here(relay.ask):
                            await relay.run()
                    finally:
                        told.pop()
                        self.opened = relay.opened
                        await process.stop()
            finally:
                await process.stop()
                process.close()
        return Outcome(0, "exited", relay.sent, relay.received)

    async def _start(self, words: Sequence[str], env: Mapping[str, str]) -> PluginProcess:
        columns, rows = size()
        try:
            return await PluginProcess.start(words, env, columns=columns, rows=rows)
        except OSError as error:
            raise NoPlugin(f"{self._plugin.label} cannot be run: {error.strerror}") from error


def _told(error: SsmxError) -> str:
    return f"the plugin asked for credentials: {error.message}" + (f" ({error.hint})" if error.hint else "")
