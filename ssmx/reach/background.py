"""`--background`: a command that returns when its tunnels are ready, and the answer it gives then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ssmx.app import App
from ssmx.reach.aside import Aside, aside
from ssmx.reach.keepers import keepers, log_of


def in_background(app: App, name: str, work: Callable[[Aside], int]) -> int:
    """Do `work` in the background, known as `name`; gives the status once it is ready, or has failed."""
    keepers().check_free(name)

    def told(body: Mapping[str, Any]) -> int:
        if app.settings.output.value == "json":
            app.show.json({"name": name, **body})
        elif app.settings.output.value == "name":
            app.show.lines([name])
        app.show.note(f"{name} goes on in the background (pid {body.get('pid')}): `ssmx stop {name}` ends it")
        return 0

    return aside(app, log_of(name), work, told)
