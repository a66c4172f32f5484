"""`ssmx status`: what tunnels do, as a table that lives on a terminal, and once for programs."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ssmx.app import App
from ssmx.errors import ConfigError
from ssmx.model.prometheus import exposition
from ssmx.model.running import Facts, State
from ssmx.model.status import HEADINGS, Sample, counts, is_bad, rates, rows, sample, totals, with_declared
from ssmx.reach.team import declared
from ssmx.reach.watch import Seen, seen
from ssmx.ui.live import Line, is_possible, table, watch

_END: Sequence[Line] = ([], [("q leaves", "dim")])


def status(app: App, names: Sequence[str], file: str | None, *, prometheus: bool = False) -> int:
    """Show what these tunnels do, or all, with those that the team's file declares and that do not run.

    With `file` those of that file alone. Gives 1 where one that was asked for does not run, or somebody has to act.
    On a terminal this goes on until q or Ctrl-C, and gives 0. Raises ConfigError for a file that was named.
    """
    form = app.settings.output.value
    chosen = _Chosen(app, names, file)
    if form == "table" and not prometheus and is_possible():
        _live(app, chosen)
        return 0
    found = chosen.now()
    facts = [each if isinstance(each, Facts) else each.facts for each in found]
    if prometheus:
        app.show.text(exposition(facts))
    elif form == "json":
        app.show.json([each.as_json() for each in found])
    elif form == "name":
        app.show.lines([each.name for each in facts])
    else:
        made = rows(facts, now=app.now(), traffic=totals if form == "table" else counts)
        app.show.table(HEADINGS, [each.cells for each in made], form=form)
    if not facts:
        app.show.note("no tunnel runs")
    return 1 if (names or file) and any(is_bad(each) for each in facts) else 0


class _Chosen:
    """The tunnels that the user asked for."""

    def __init__(self, app: App, names: Sequence[str], file: str | None) -> None:
        self._app = app
        self._names = names
        self._path = ""
        self._declared: list[Facts] = []
        try:
            team = declared(app, file)
        except ConfigError as error:
            if file is not None:
                raise
            app.show.detail(error.message)  # what runs is the answer
            return
        self._declared = [Facts(each.name, State.DOWN, endpoint=each.leads_to) for each in team.tunnels]
        self._path = team.path if file is not None else ""

    def now(self) -> list[Seen | Facts]:
        """Those that run now, and for those that do not facts that say so."""
        found = [each for each in seen(self._app.now()) if not self._path or each.keeper.file == self._path]
        running = {each.facts.name: each for each in found}
        everything = with_declared([each.facts for each in found], self._declared)
        known = {each.name: running.get(each.name, each) for each in everything}
        if not self._names:
            return list(known.values())
        return [known.get(name) or Facts(name, State.DOWN) for name in dict.fromkeys(self._names)]


def _live(app: App, chosen: _Chosen) -> None:
    """Show it until the user has enough."""
    before: Sample | None = None

    def look() -> Sequence[Line]:
        nonlocal before
        now = app.now()
        found = chosen.now()
        facts = [each if isinstance(each, Facts) else each.facts for each in found]
        after = sample(facts, time.monotonic())
        made = rows(facts, now=now, traffic=rates(before, after))
        before = after
        if not made:
            return [[("no tunnel runs", "")], *_END]
        lines = table(HEADINGS[:-1], [each.cells[:-1] for each in made])
        shown = [lines[0]]
        for row, line in zip(made, lines[1:], strict=True):
            shown.append(line)
            if row.facts.problem:
                shown.append([(f"  {row.facts.problem}", "dim")])
        return [*shown, *_END]

    watch(app.signals, look)
