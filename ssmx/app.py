"""Builds each adapter on first use; the only home of imports inside functions."""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ssmx.ahead import Ahead, Later, Transport
from ssmx.asking import Asking
from ssmx.errors import LocalFault, SsmxError
from ssmx.model.settings import Value, wants_json
from ssmx.signals import Signals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ssmx.aws.account import Account
    from ssmx.aws.clients import Clients
    from ssmx.aws.endpoints import Endpoints
    from ssmx.aws.inventory import Inventory
    from ssmx.aws.network import Surroundings
    from ssmx.aws.sessions import Sessions
    from ssmx.learning import Learning
    from ssmx.model.listing import Trust
    from ssmx.model.plugin import Choice, Kind, Plugin
    from ssmx.model.settings import Settings
    from ssmx.store.config import Config
    from ssmx.store.journal import Journal
    from ssmx.store.jumps import LastJumps
    from ssmx.store.ports import Ports
    from ssmx.store.recent import Recent
    from ssmx.transport.native.transport import NativeTransport
    from ssmx.transport.plugin.transport import PluginTransport
    from ssmx.transport.plugin.transport import Support as PluginSupport
    from ssmx.tunnel.support import Client, OpenLink, Then, Tunnel
    from ssmx.tunnel.team import Ready, Team
    from ssmx.ui.show import Show

_KEEP_SECONDS = 1.0  # for which the end of a run waits until what it has learned is kept


class App:
    """One run of ssmx.

    `words` are what the user typed, `tail` what stood after `--`; None where there was no `--`. `sandbox(app)`
    turns this run to the sandbox, which only the command line knows.
    """

    def __init__(
        self, words: Sequence[str], tail: tuple[str, ...] | None, *, sandbox: Callable[[App], None]
    ) -> None:
        self.words = list(words)
        self.tail = tail
        self._sandbox = sandbox
        self.flags: dict[str, Value[Any]] = {}
        self.expanded: list[str] = []
        """What aliases have made of the words."""
        self.endpoints: dict[str, str] = {}
        """URLs of AWS services that go before whatever the AWS settings say; `*` is that of all the others."""
        self.credential_process = ""
        """A command that gives the credentials, in the place of whatever the AWS settings say."""
        self.last_account = ""  # that of the last target, where that is what the user means
        self.signals = Signals(self._say_at_once)
        self.environ = dict(os.environ)
        """The environment as it was when this run began: the sandbox puts itself in the place of AWS there."""
        self._began = time.time_ns()
        self._ahead = Ahead()
        self.asking = Asking(self.may_ask)

    def another(self) -> App:
        """One for another account or region, which prints where this one does and has the same signals."""
        made = App(self.words, self.tail, sandbox=self._sandbox)
        made.flags = dict(self.flags)
        made.endpoints = dict(self.endpoints)
        made.environ, made._began = self.environ, self._began
        made.show, made.signals, made.config = self.show, self.signals, self.config
        return made

    def prefer(self, given: Mapping[str, Value[Any]]) -> None:
        """Settings that go with what the user named: whatever else the command line says goes before them."""
        self.flags = {**given, **self.flags}
        self.__dict__.pop("settings", None)

    def turn_to(self, profile: str, region: str, *, why: str) -> None:
        """Talk to another account or region from here on, and no further; `why` is what the user is told."""
        self.learning.finish(_KEEP_SECONDS)  # with what it has heard of where we are
        self.flags |= {"profile": Value(profile, why), "region": Value(region, why), "anywhere": Value(False, why)}
        for made in ("settings", "clients", "inventory", "catalog", "sessions", "learning"):
            self.__dict__.pop(made, None)

    @property
    def account(self) -> Account:
        """The account as a whole."""
        from ssmx.aws.account import Account

        return Account(self.clients)

    @property
    def place(self) -> str:
        """What is asked in the place of AWS, as far as the user has said; empty for AWS."""
        return "sandbox" if self.settings.sandbox.value else self.environ.get("AWS_ENDPOINT_URL", "")

    def enter_sandbox(self) -> None:
        """Talk to the sandbox from here on; raises LocalFault."""
        with self.signals.held("starting the sandbox first"):
            self._sandbox(self)
        del self.settings  # they are of another AWS now

    @cached_property
    def settings(self) -> Settings:
        """The settings; raises ConfigError."""
        return self.config.settings(self.flags, os.environ)

    @cached_property
    def config(self) -> Config:
        """The user's config.toml and the project's ssmx.toml."""
        from ssmx.store.config import Config

        return Config()

    @cached_property
    def show(self) -> Show:
        """What prints; made of the settings."""
        from ssmx.ui.show import Show

        return Show(
            quiet=self.settings.quiet.value,
            verbose=self.settings.verbose.value,
            as_json=self.settings.output.value == "json" or wants_json(self.words, os.environ),
        )

    def plain_show(self) -> Show:
        """What prints where the settings or the words cannot be read."""
        from ssmx.ui.show import Show

        return Show(as_json=wants_json(self.words, os.environ))

    def report(self, error: Exception) -> SsmxError:
        """Write a report of a bug of ours, without anything the user typed; an error that says where it is."""
        from ssmx.store.report import write

        return write(error)

    @cached_property
    def clients(self) -> Clients:
        """The AWS clients."""
        from ssmx.aws.clients import Clients
        from ssmx.store.paths import cache_folder

        return Clients(
            self.settings.profile,
            self.settings.region,
            endpoints=self.endpoints,
            trace=self.show.detail,
            ask_secret=self.asking.secret,
            cache=cache_folder,
            credential_process=self.credential_process,
            sent=self._ahead.begin,
        )

    @cached_property
    def inventory(self) -> Inventory:
        """The nodes of this account and region."""
        from ssmx.aws.inventory import Inventory

        return Inventory(self.clients, warn=self.show.note, learned=self.learning.take)

    @cached_property
    def catalog(self) -> Endpoints:
        """The endpoints of this account and region."""
        from ssmx.aws.endpoints import Endpoints

        take = self.learning.take
        return Endpoints(self.clients, warn=self.show.note, detail=self.show.detail, learned=take)

    @cached_property
    def learning(self) -> Learning:
        """What is known of this scope from earlier runs, and keeps what this one learns."""
        from ssmx.learning import Learning

        return Learning(self, began=self._began)

    def finish(self) -> None:
        """What is to be done at the end of a run: keep what was learned, in a second at most."""
        self._ahead.finish()
        if (learning := self.__dict__.get("learning")) is not None:
            learning.finish(_KEEP_SECONDS)
            learning.refresh_if_stale()

    def surroundings(self, *, warn: Callable[[str], None]) -> Surroundings:
        """What lies between nodes and endpoints; `warn` hears what may not be looked at."""
        from ssmx.aws.network import Surroundings

        return Surroundings(self.clients, warn=warn)

    @cached_property
    def recent(self) -> Recent:
        """Which nodes and endpoints the user has chosen, and which node last."""
        from ssmx.store.recent import Recent

        return Recent(self._state_file("recent.json"))

    @cached_property
    def last_jumps(self) -> LastJumps:
        """Through which node each endpoint was reached the last time."""
        from ssmx.store.jumps import LastJumps

        return LastJumps(self._state_file("jumps.json"))

    def cluster_token(self, cluster: str) -> tuple[str, datetime]:
        """What signs the caller in to an EKS cluster, and until when; never show or store it otherwise."""
        from ssmx.aws.eks import token

        return token(self.clients, cluster, now=self.now())

    @cached_property
    def sessions(self) -> Sessions:
        """What starts and ends sessions, paced over all ssmx of this user."""
        from ssmx.aws.sessions import Sessions

        return Sessions(self.clients, pace=self._pace, pause=self.signals.pause)

    @cached_property
    def journal(self) -> Journal:
        """The record of every session."""
        from ssmx.store.journal import Journal
        from ssmx.store.paths import state_folder

        return Journal(state_folder() / "sessions.jsonl")

    def transport(self, kind: Kind) -> Transport:
        """What carries a session of this kind. Raises NoTerminal, NoPlugin: ask before starting one.

        Where none is asked for, what is installed is found out while AWS starts the session.
        """
        from ssmx.transport.attached import require_terminal

        require_terminal()
        if self.settings.transport.value == "plugin":
            return self._transport(self.choice(kind))
        choice = self._ahead.find_out(lambda: self.choice(kind))
        return self.later_transport(lambda: self._transport(choice()))

    def _transport(self, choice: Choice) -> Transport:
        plugin = self._usable(choice)
        if plugin is None:
            return self.native_transport()
        if self.settings.transport.value == "plugin":
            return self._plugin_transport(plugin)
        from ssmx.transport.auto import AutoTransport

        return AutoTransport(
            self.native_transport,
            lambda: self._plugin_transport(plugin),
            plugin_first=choice.carrier == "plugin",
            note=self.show.note,
        )

    def later_transport(self, make: Callable[[], Transport] | None = None) -> Transport:
        """One that is made when it carries, our own client without `make`; that is imported while AWS is asked."""
        self._ahead.want("ssmx.transport.native.transport", "ssmx.support")
        return Later(make or self.native_transport)

    def native_transport(self, *, called: str = "") -> NativeTransport:
        """Our own client, which carries every kind of session; what it says begins with what that is `called`."""
        from ssmx.support import support
        from ssmx.transport.native.transport import NativeTransport

        return NativeTransport(support(self, called), signals=self.signals)

    def links(self, kind: Kind, *, called: str = "") -> OpenLink:
        """What opens links for sessions of this kind. Raises NoPlugin: ask before starting one."""
        plugin = self._usable(self.choice(kind)) if self.settings.transport.value == "plugin" else None
        if plugin is None:
            return self.native_transport(called=called).open
        from ssmx.transport.plugin.link import PluginLinks

        links = PluginLinks(plugin, self._plugin_support(), note=self.show.note, detail=self.show.detail)
        return links.open

    def carry_tunnels(self, tunnels: Sequence[Tunnel], then: Then, *, has_client: bool, socket: Path | None) -> int:
        """Carry tunnels until somebody ends them; gives the exit status. Raises what ends them badly."""
        from ssmx.tunnel.carrying import carry

        return carry(tunnels, self.signals, then, has_client=has_client, socket=socket)

    def keep_team(self, team: Team, names: Sequence[str], *, ready: Ready, socket: Path) -> int:
        """Keep the tunnels of a team's file until somebody ends them; gives the exit status."""
        from ssmx.tunnel.keeping import keep

        return keep(team, names, self.signals, ready=ready, socket=socket)

    def run_client(self, client: Client) -> int:
        """Run a program through a tunnel that somebody else keeps; gives its exit status."""
        from ssmx.tunnel.carrying import run_client

        return run_client(client, self.signals)

    def _usable(self, choice: Choice) -> Plugin | None:
        if choice.warning:
            self.show.note(choice.warning)
        return choice.plugin

    def choice(self, kind: Kind) -> Choice:
        """What is to carry a session of this kind on AWS. Raises NoPlugin where one was asked for."""
        from ssmx.model.plugin import choose
        from ssmx.transport.plugin.find import installed

        configured = self.settings.plugin
        return choose(kind, installed(configured.value), transport=self.settings.transport, configured=configured)

    @property
    def endpoint(self) -> str:
        """The URL of Systems Manager in this region."""
        return str(self.clients.get("ssm").meta.endpoint_url)

    def _plugin_transport(self, plugin: Plugin) -> PluginTransport:
        from ssmx.transport.plugin.transport import PluginTransport

        return PluginTransport(
            plugin, self._plugin_support(), signals=self.signals, note=self.show.note, detail=self.show.detail
        )

    def _plugin_support(self) -> PluginSupport:
        from ssmx.lent import support

        return support(self)

    @cached_property
    def ports(self) -> Ports:
        """The local ports that were given to something."""
        from ssmx.store.ports import Ports

        return Ports(self._state_file("ports.json"))

    def _state_file(self, name: str) -> Path:
        """A file of our state; one that cannot be, where the state has no folder: then nothing is remembered."""
        from ssmx.store.paths import state_folder

        try:
            return state_folder() / name
        except LocalFault as fault:
            self.show.detail(f"{name} is not kept: {fault.message}")
            return Path(os.devnull) / name

    def ca_bundle(self, trust: Trust, *, needed: bool) -> str:
        """The file of certificates for endpoints of this trust; see `certificates.bundle`."""
        from ssmx.certificates import bundle

        return bundle(self.clients, self.settings.ca_bundle, trust, needed=needed)

    def show_page(self, url: str) -> None:
        """Open a page in the user's browser, and tell its URL."""
        import webbrowser

        self.show.note(f"opening {url}" if webbrowser.open(url) else f"no browser to open; the page is {url}")

    def input_is_redirected(self) -> bool:
        """Whether standard input holds something for somebody."""
        from ssmx.transport.attached import is_redirected

        return is_redirected()

    def may_ask(self) -> bool:
        """Whether there is somebody to ask."""
        return self.settings.input.value and sys.stdin.isatty() and sys.stderr.isatty()

    def ask(self, question: str, rows: Sequence[Sequence[str]]) -> int:
        """The number of the row the user chose; raises Interrupted."""
        from ssmx.ui import pick

        return pick.choose(question, rows)

    def now(self) -> datetime:
        """The wall clock, UTC."""
        return datetime.now(UTC)

    def _say_at_once(self, text: str) -> None:
        from ssmx.ui.show import at_once

        at_once(text)

    def _pace(self, account: str) -> None:
        from ssmx.store.pace import wait_turn
        from ssmx.store.paths import state_folder

        try:
            folder = state_folder("pace")
        except LocalFault as fault:
            self.show.detail(f"not paced: {fault.message}")  # AWS throttles, and throttled calls are repeated
            return
        waited = wait_turn(folder / f"{account or 'account'}-{self.clients.region.value}.json")
        if waited:
            self.show.detail(f"waited {waited:.1f} s: AWS takes 3 sessions a second")
