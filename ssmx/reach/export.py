"""`ssmx up --export` and `--unit`: a team's tunnels for other programs; nothing is brought up."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ssmx.app import App
from ssmx.model import export as forms
from ssmx.model.team import Declared, Team
from ssmx.model.unit import passed_on, unit
from ssmx.reach import declared as tunnels
from ssmx.reach import team as files
from ssmx.reach.up import BEFORE_FILE, called, chosen, facts_of_file, key_of, place_of
from ssmx.tunnel.support import Place


def export(app: App, names: Sequence[str], file: str | None, form: str) -> int:
    """Print the connections of the file's tunnels for other clients; brings nothing up. Gives the exit status."""
    team = files.declared(app, file)
    files.check_trust(app, team)
    accounts, up_now = tunnels.Accounts(app), facts_of_file(team.path)
    connections = []
    for each in chosen(team, names):
        account = accounts.of(each)
        endpoint = tunnels.endpoint_of(account, each)
        place = place_of(up_now[each.name]) if each.name in up_now else _place_to_be(app, team, each)
        wanted = forms.wants_authority(form, endpoint)
        connections.append((each.name, tunnels.access_of(account, each, endpoint, place, ca_bundle=wanted)))
    app.show.text(forms.export(form, connections))
    for note in (*forms.left_out(form, connections), *forms.notes(form, connections)):
        app.show.note(note)
    return 0


def print_unit(app: App, names: Sequence[str], file: str | None, kind: str) -> int:
    """Print a user unit that keeps the file's tunnels up from sign-in on; gives the exit status."""
    team = files.declared(app, file)
    chosen(team, names)
    words = [sys.executable, "-P", "-m", "ssmx", "up", "--foreground", "--no-input", "-f", team.path, *names]
    for flag in BEFORE_FILE:
        if flag in app.flags and not app.settings.sandbox.value:
            words += [f"--{flag}", str(app.flags[flag].value)]
    folder = str(Path(team.path).parent)
    app.show.text(unit(kind, words=words, folder=folder, label=called(team.path), env=passed_on(os.environ)))
    return 0


def _place_to_be(app: App, team: Team, declared: Declared) -> Place:
    """Where it will listen: the port that the file says, or the one that is remembered for it."""
    port = declared.port
    if not port:
        key = key_of(team.path, declared)
        port = next(app.ports.candidates(key))
        app.ports.keep(key, port)
    return Place("127.0.0.1", port)
