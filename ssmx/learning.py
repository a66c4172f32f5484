"""What a run learns of nodes and endpoints, kept in the index; and what earlier ones have learned of its scope."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from ssmx.errors import SsmxError
from ssmx.light import dataclass
from ssmx.model.index import NODES, Answer, Endpoints, Index, Nodes, Scope
from ssmx.model.pointer import pointer
from ssmx.store import pointed
from ssmx.store.config import project_path
from ssmx.store.index import Indexes

if TYPE_CHECKING:
    from ssmx.app import App
    from ssmx.aws.clients import Clients

SANDBOX = "sandbox"  # in the place of its URL, which is another one each time
REFRESH = "__refresh"  # the word that begins a refresh which nobody waits for

_LONGEST_NAME = 255  # bytes of a file's name
_LATER = 0.5  # seconds until what was heard is kept: what the user waits for comes first


@dataclass(frozen=True, slots=True)
class Seen:
    """What a shell sees of a run: its environment, and the scope that its command line names."""

    environ: Mapping[str, str]
    profile: str = ""
    region: str = ""
    sandbox: bool = False

    @property
    def project(self) -> str:
        """The project's file; empty where there is none."""
        return pointed.project_file(self.environ)

    @property
    def pointer(self) -> str:
        """The name of the pointer to what is known."""
        return pointer(
            self.environ, profile=self.profile, region=self.region, sandbox=self.sandbox, project=self.project
        )

    @property
    def scope(self) -> str:
        """The folder of the scope that is pointed to; empty where none is."""
        return pointed.scope_of(self.environ, profile=self.profile, region=self.region, sandbox=self.sandbox)

    @property
    def words(self) -> list[str]:
        """A command line that says the same."""
        profile = ["-p", self.profile] if self.profile else []
        region = ["-r", self.region] if self.region else []
        return [*(["--sandbox"] if self.sandbox else []), *profile, *region]


class Learning:
    """The index of one run, which began at a time in nanoseconds since 1970. What it hears it keeps on a thread."""

    def __init__(self, app: App, *, began: int) -> None:
        self._app = app
        self._began = began
        self._lock = threading.Lock()
        self._heard: list[Answer] = []
        self._now = threading.Event()
        self._thread: threading.Thread | None = None
        self._by: tuple[Clients, Seen] | None = None
        """By which clients it was heard, and what a shell saw then: the run may turn elsewhere."""
        self._read: Index | None = None
        """What was read last."""
        self.kept: Index | None = None
        """What is known of this run's scope, once something was heard."""
        self.failure: SsmxError | None = None
        """Why what was heard last could not be kept."""

    @cached_property
    def indexes(self) -> Indexes:
        """All indexes of the user."""
        folder = pointed.index_folder(self._app.environ) or os.devnull  # without a home, nothing is kept
        return Indexes(Path(folder), refresh=self._app.settings.index_refresh.value)

    @property
    def seen(self) -> Seen:
        """What a shell sees of this run."""
        flags = self._app.flags
        given = {
            name: str(flags[name].value)
            for name in ("profile", "region")
            if name in flags and flags[name].origin != "--sandbox"
        }
        return Seen(self._app.environ, **given, sandbox="sandbox" in flags)

    @cached_property
    def index(self) -> Index | None:
        """What was known of this run's scope when that was asked for first; None where nothing was."""
        return self.about("")

    def about(self, node: str) -> Index | None:
        """What is known of this run's scope, and in it of the node of this name or id; None where nothing is."""
        if self._is_apart or not self._sees_the_same:
            return None
        scope = self.seen.scope
        index = self.indexes.read(Path(scope).name, about=node) if scope else None
        region = self._app.settings.region.value
        self._read = index if index and region in ("", index.scope.region) else None
        return self._read

    @cached_property
    def _sees_the_same(self) -> bool:
        """Whether a shell would see the same project: not where PWD leads to another folder than this runs in."""
        return os.path.realpath(self.seen.project or os.devnull) == str(_project() or os.devnull)

    @property
    def _is_apart(self) -> bool:
        """Whether a tunnel's declaration has brought AWS URLs or credentials: then a profile is not what it is."""
        return bool(self._app.endpoints or self._app.credential_process)

    def elsewhere(self) -> list[Index]:
        """What is known of the other scopes of the same AWS."""
        here = self._scope(self._app.clients, self._app.clients.account)
        same = {(here.region, here.profile), (here.region, here.account)}
        return [
            each
            for each in self.indexes.every()
            if each.scope.endpoint == here.endpoint
            and not same & {(each.scope.region, each.scope.profile), (each.scope.region, each.scope.account)}
        ]

    def take(self, answer: Answer) -> None:
        """AWS has said this. For any thread; returns at once."""
        if self._is_apart:
            return
        if self._by is None:
            self._by = self._app.clients, self.seen
        with self._lock, suppress(RuntimeError):  # a machine may have no thread left
            self._heard.append(answer)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, daemon=True)
                self._thread.start()

    def finish(self, seconds: float | None = None) -> None:
        """Wait until what was heard is kept, so many seconds at most."""
        self._now.set()
        thread = self._thread
        if thread is not None and thread.is_alive():  # Ctrl-C may have come before it was started
            thread.join(seconds)

    def refresh_if_stale(self) -> None:
        """Have the index refreshed in the background where it is too old, and somebody is there to profit."""
        oldest, settings = self._app.settings.index_refresh.value, self._app.settings
        known = self.kept or self._read or self.index
        if known is None or not oldest or not settings.input.value or not sys.stderr.isatty():
            return
        if time.time() - known.listed.get(NODES, 0.0) >= oldest:
            subprocess = import_module("subprocess")
            with suppress(OSError):
                subprocess.Popen(
                    [sys.executable, "-P", "-m", "ssmx", REFRESH, *self.seen.words],
                    env=self.seen.environ,
                    start_new_session=True,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )

    def _work(self) -> None:
        self._now.wait(_LATER)
        while True:
            with self._lock:
                heard, self._heard = self._heard, []
                if not heard:
                    self._thread = None
                    return
            try:
                self._keep(heard)
            except SsmxError as error:
                self.failure = error
            except Exception as error:  # the boundary of this thread
                self.failure = self._app.report(error)
            if self.failure:
                self._app.show.detail(self.failure.message)

    def _keep(self, heard: Sequence[Answer]) -> None:
        assert self._by is not None
        clients, seen = self._by
        told = [each.account for answer in heard if isinstance(answer, Nodes | Endpoints) for each in answer.told]
        account = next(filter(None, [*told, clients.account]), "")
        if not account:
            return  # an answer that tells of nothing, and nobody has asked who we are
        scope = self._scope(clients, account)
        self.kept = self.indexes.learn(scope, heard)
        self.failure = None
        self._point(scope, seen)

    def _scope(self, clients: Clients, account: str) -> Scope:
        place = SANDBOX if self._app.settings.sandbox.value else clients.place
        return Scope(account, clients.region.value, clients.profile.value, place)

    def _point(self, scope: Scope, seen: Seen) -> None:
        """Let shells find the scope, where what they see is what was seen here."""
        if not self._sees_the_same:
            return
        deciding = pointed.deciding(seen.environ, seen.project)
        if any(pointed.changed(each) >= self._began for each in deciding):
            return  # what we have read is not what is there now
        if Path(seen.scope).name != scope.name and len(seen.pointer.encode()) <= _LONGEST_NAME:
            self.indexes.point(seen.pointer, scope)


def _project() -> Path | None:
    """The project's file that counts here, if there is one."""
    with suppress(SsmxError):
        return project_path()
    return None
