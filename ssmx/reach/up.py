"""`ssmx up` and `down`: the tunnels of a team's file, kept by one process in the background."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from ssmx.app import App
from ssmx.errors import LocalFault, NoSuchTunnel, SsmxError, TryLater, UsageError, of_told
from ssmx.lifetime import end_left_over
from ssmx.light import dataclass
from ssmx.model.running import Facts, Keeper, Kept, facts_in
from ssmx.model.settings import Value
from ssmx.model.status import listens
from ssmx.model.team import Declared, Team
from ssmx.model.team_values import FORWARD
from ssmx.model.wording import alike, together
from ssmx.reach import declared as tunnels
from ssmx.reach import team as files
from ssmx.reach.aside import aside
from ssmx.reach.keepers import keepers, lives, log_of
from ssmx.reach.watch import answer_ended
from ssmx.store.running import Entry
from ssmx.tunnel import team as keeping
from ssmx.tunnel.asking import ask
from ssmx.tunnel.support import Place

_HEADINGS = ("NAME", "LISTENS", "LEADS TO", "RESULT")
_SAID = {
    "up": "up",
    "kept": "up already",
    "changed": "up, as it is declared now",
    "down": "down",
    "failed": "failed",
}
# What a sign-in leaves in the environment of a terminal, where programs that begin there find it and no other does.
_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
BEFORE_FILE = ("profile", "region")  # flags that go before what the file says
_SECONDS = 30.0  # for a process to bring tunnels up, or to end their sessions


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked of `ssmx up` besides names. `client`: words of a client, none for the file's own."""

    foreground: bool = False
    client: tuple[str, ...] | None = None


def up(app: App, names: Sequence[str], file: str | None, wish: Wish) -> int:
    """Let the tunnels of the file be up, or those of these names; gives the exit status."""
    team = files.declared(app, file)
    wanted = chosen(team, names)
    files.check_trust(app, team)
    if wish.client is not None and (len(names) != 1 or wish.foreground):
        raise UsageError("a client runs through one tunnel", hint="ssmx up NAME -- CLIENT")
    if wish.client is not None:
        tunnels.check_client(wanted[0], wish.client)
    if not wanted:
        app.show.note(f"{team.path} declares no tunnel")

    def told(body: Mapping[str, Any]) -> int:
        release()  # a client may run for the whole day
        status = _show(app, team, body, quietly=wish.client is not None)
        if status or wish.client is None:
            return status
        return _run_client(app, wanted[0], body, wish.client)

    with keepers().alone(team.path) as release:
        keeper = _keeper(team.path)
        if keeper is not None and wish.foreground:
            raise LocalFault(f"the tunnels of {team.path} are up already (pid {keeper.pid})", hint="ssmx down")
        if keeper is not None:
            _check_asked(app, keeper, team)
            signed_in = {name: os.environ[name] for name in _KEYS if name in os.environ}
            order = {"do": "up", "names": list(names), "signed_in": signed_in}
            if (said := _answer(keeper, order)) is not None:
                return told(said)
        if not wanted:
            return 0
        if wish.foreground:
            return _keep(app, team, names, release, lambda body: _all_failed(app, body), log="")
        log = log_of(called(team.path))
        return aside(app, log, lambda child: _keep(app, team, names, release, child.ready, log=child.log), told)


def down(app: App, names: Sequence[str], file: str | None) -> int:
    """End the tunnels of the file, or those of these names; gives the exit status. The file may be broken."""
    path = files.path_of(file)
    keeper = _keeper(str(path))
    for name in names:
        if keeper is None or name not in keeper.names:
            raise _unknown(name, keeper.names if keeper is not None else (), f"is up from {path}")
    if keeper is None:
        _say_down(app, path, [], 0)
        return 0
    body = _answer(keeper, {"do": "down", "names": list(names)})
    ended = [str(each["name"]) for each in body["done"]] if body is not None else []
    if body is not None and not body["tunnels"]:
        _wait_for_end(keeper)
    _say_down(app, path, ended, keeper.pid)
    return 0


def _say_down(app: App, path: Path, ended: Sequence[str], pid: int) -> None:
    answer_ended(app, [(name, pid) for name in ended])
    app.show.note(f"down: {', '.join(ended)}" if ended else f"nothing of {path} is up")


class _Kept:
    """The file, as those who keep its tunnels know it; and where others read what is kept. See keeping.Team."""

    def __init__(self, app: App, team: Team, entry: Entry) -> None:
        self._app = app
        self._team: Team | None = team
        self._path = team.path
        self._entry = entry
        self._accounts = tunnels.Accounts(app)
        self._declared: dict[str, Declared] = {}

    def read(self) -> Sequence[keeping.Declared]:
        """What it says now, where it is trusted with that."""
        team, self._team = self._team, None  # the first time it is what the user has just had checked
        if team is None:
            team = files.declared(self._app, self._path)
            files.check_trust(self._app, team)
        self._declared = {each.name: each for each in team.tunnels}
        return [keeping.Declared(each.name, _meaning(each), self._maker(each)) for each in team.tunnels]

    def adopt(self, signed_in: Mapping[str, str]) -> None:
        """Where a sign-in has expired, the environment is read again."""
        if signed_in:
            for name in _KEYS:
                os.environ.pop(name, None)
            os.environ.update({name: str(signed_in[name]) for name in _KEYS if name in signed_in})

    def write(self, names: Sequence[str]) -> None:
        """Write down what is kept."""
        known = {each.name: each for each in self._entry.keeper.tunnels}
        self._entry.change([known.get(name) or Kept(name, _as_said(self._declared[name])) for name in names])

    def end_left_over(self) -> None:
        """End the sessions that a killed ssmx has left open in the accounts of the tunnels."""
        for each in self._accounts.known():
            end_left_over(each, partial(_account, each))

    def _maker(self, each: Declared) -> Callable[[], Any]:
        key = key_of(self._path, each)
        return lambda: tunnels.tunnel_of(self._accounts.of(each), each, key=key)


def _account(app: App) -> str:
    return app.clients.caller.account


def _keep(
    app: App, team: Team, names: Sequence[str], release: Callable[[], None], ready: keeping.Ready, *, log: str
) -> int:
    """Be the process that keeps them."""
    with keepers().entered([], log=log, file=team.path, asked=_asked(app)) as entry:

        def known(body: Mapping[str, Any]) -> None:
            release()  # whoever else wants the file's tunnels up finds us
            ready(body)
            kept.end_left_over()

        kept = _Kept(app, team, entry)
        return app.keep_team(kept, names, ready=known, socket=Path(entry.keeper.socket))


def chosen(team: Team, names: Sequence[str]) -> list[Declared]:
    """The tunnels of these names, or all. Raises NoSuchTunnel."""
    declared = {each.name: each for each in team.tunnels}
    for name in names:
        if name not in declared:
            raise _unknown(name, tuple(declared), f"is in {team.path}")
    return [declared[name] for name in dict.fromkeys(names)] if names else list(team.tunnels)


def _unknown(name: str, known: Sequence[str], where: str) -> NoSuchTunnel:
    close = alike(name, known, most=1)
    said = f"; did you mean {close[0]!r}?" if close else ""
    return NoSuchTunnel(f"no tunnel {name!r} {where}{said}", hint=f"there is {', '.join(known) or 'none'}")


def _keeper(path: str) -> Keeper | None:
    return next((each for each in keepers().living() if each.file == path), None)


def _asked(app: App) -> dict[str, str]:
    """In which account and region this run is, where the file does not say it, and what goes before the file."""
    settings = {name: getattr(app.settings, name).value for name in BEFORE_FILE}
    flags = {f"--{name}": app.flags[name].value for name in BEFORE_FILE if name in app.flags}
    return {"--sandbox": "yes"} if app.settings.sandbox.value else {**settings, **flags}


def _check_asked(app: App, keeper: Keeper, team: Team) -> None:
    """Raise LocalFault where tunnels are up for another account or region than is asked for now."""
    asked, up_for = _asked(app), dict(keeper.asked)
    for name in BEFORE_FILE:
        if all(getattr(each, name).value for each in team.tunnels):  # the file says it
            asked.pop(name, None)
            up_for.pop(name, None)
    if asked != up_for:
        raise LocalFault(
            f"the tunnels of {keeper.file} are up with {_said(up_for)} (pid {keeper.pid})",
            hint="ssmx down first, or ask for the same",
        )


def _said(asked: Mapping[str, str]) -> str:
    """What `_asked` gave, for people."""
    if "--sandbox" in asked:
        return "the sandbox"
    known = {name: asked.get(f"--{name}") or asked.get(name) for name in BEFORE_FILE}
    return together([f"{name} {value}" for name, value in known.items() if value] or ["what the file says"])


def facts_of_file(path: str) -> dict[str, Facts]:
    """What of the file is up now, as far as its process answers."""
    keeper = _keeper(path)
    try:
        return facts_in(ask(keeper.socket, {})) if keeper is not None else {}
    except SsmxError:
        return {}


def _show(app: App, team: Team, body: Mapping[str, Any], *, quietly: bool) -> int:
    """Print what became of each; gives the status of the first that failed."""
    facts = facts_in(body)
    declared = {each.name: each for each in team.tunnels}
    match app.settings.output.value:
        case _ if quietly:
            pass
        case "json":
            app.show.json(body)
        case "name":
            app.show.lines([each["name"] for each in body["done"] if not each["failed"]])
        case form:
            rows = []
            for each in body["done"]:
                name = str(each["name"])
                place = listens(facts[name]) if name in facts else ""
                leads = declared[name].leads_to if name in declared else ""
                rows.append([name, place, leads, _SAID.get(each["how"], each["how"])])
            app.show.table(_HEADINGS, rows, form=form)
    return _complain(app, body)


def _all_failed(app: App, body: Mapping[str, Any]) -> None:
    """Print why tunnels are not up; where none is, raise why the first is not."""
    if failures := [] if body["tunnels"] else _failures(body):
        raise failures[0]
    _complain(app, body)


def _complain(app: App, body: Mapping[str, Any]) -> int:
    """Print why tunnels are not up; gives the status of the first."""
    failures = _failures(body)
    for each in failures:
        app.show.error(each)
    return failures[0].exit if failures else 0


def _failures(body: Mapping[str, Any]) -> list[SsmxError]:
    """Why tunnels are not up, each with its name."""
    errors = [(each["name"], of_told(each["failed"])) for each in body["done"] if each["failed"]]
    return [type(error)(f"{name}: {error.message}", hint=error.hint) for name, error in errors]


def _run_client(app: App, declared: Declared, body: Mapping[str, Any], words: Sequence[str]) -> int:
    account = tunnels.Accounts(app).of(declared)
    return tunnels.run_client(account, declared, place_of(facts_in(body)[declared.name]), words)


def place_of(facts: Facts) -> Place:
    """Where it listens."""
    return Place(facts.host, facts.port, facts.socket)


def _answer(keeper: Keeper, order: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What it answers, which may be about to begin; None where it was about to end, and has ended."""
    deadline = time.monotonic() + _SECONDS
    socket = Path(keeper.socket)
    while lives(keeper):
        listened = socket.exists()
        try:
            return ask(keeper.socket, order, seconds=_SECONDS)
        except TryLater as error:
            error.hint = f"`ssmx stop {' '.join(keeper.names)}` ends its process (pid {keeper.pid})"
            if (listened and socket.exists()) or time.monotonic() > deadline:
                raise
        time.sleep(0.02)
    return None


def _wait_for_end(keeper: Keeper) -> None:
    deadline = time.monotonic() + _SECONDS
    while lives(keeper):
        if time.monotonic() > deadline:
            raise TryLater(f"the process of these tunnels (pid {keeper.pid}) has not ended")
        time.sleep(0.02)


def _meaning(declared: Declared) -> Declared:
    """What it says, wherever in the file that stands."""
    profile, region = Value(declared.profile.value, ""), Value(declared.region.value, "")
    return replace(declared, line=0, profile=profile, region=region)


def _as_said(declared: Declared) -> dict[str, Any]:
    """As a file would say it."""
    said: dict[str, Any] = {"kind": declared.kind}
    said |= {"target" if declared.kind == FORWARD else "endpoint": declared.to}
    fresh = asdict(Declared("", "", "", 0))
    for name, value in asdict(declared).items():
        if name in ("name", "kind", "to", "line") or value == fresh[name]:
            continue
        said[name] = value["value"] if name in ("profile", "region") else value
    return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items() if value}


def key_of(path: str, declared: Declared) -> str:
    """What its local port is remembered for."""
    return f"{path}:{declared.name}"


def called(path: str) -> str:
    """What the process of a file is called: by the file's folder, and what tells it from others of that name."""
    folder = "".join(each if each.isascii() and each.isalnum() else "-" for each in Path(path).parent.name)
    return f"ssmx-{folder.strip('-') or 'tunnels'}-{hashlib.sha256(path.encode()).hexdigest()[:8]}"
