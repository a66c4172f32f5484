"""`ssmx status`: what tunnels do, as a table that lives on a terminal, and once for programs."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ssmx.app import App
from ssmx.model.prometheus import exposition
from ssmx.model.running import Facts, State
from ssmx.model.status import HEADINGS, Sample, counts, is_bad, rates, rows, sample, totals, with_declared
from ssmx.reach.watch import Seen, seen
from ssmx.ui.live import Line, is_possible, table, watch

_END: Sequence[Line] = ([], [("q leaves", "dim")])


def status(app: App, names: Sequence[str], *, prometheus: bool = False, declared: Sequence[Facts] = ()) -> int:
    """Show what these tunnels do, or all; gives 1 where one of the names does not run, or somebody has to act.

    `declared` are those of a team's file, in State.DOWN: where none of their name runs they are shown as well.
    On a terminal this goes on until q or Ctrl-C, and gives 0.
    """
    form = app.settings.output.value
    if form == "table" and not prometheus and is_possible():
        _live(app, names, declared)
        return 0
    found = _chosen(seen(app.now()), names, declared)
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
    return 1 if names and any(is_bad(each) for each in facts) else 0


def _chosen(found: Sequence[Seen], names: Sequence[str], declared: Sequence[Facts]) -> list[Seen | Facts]:
    """The tunnels of these names, or all of them; those that do not run as facts that say so."""
    running = {each.facts.name: each for each in found}
    everything = with_declared([each.facts for each in found], declared)
    known = {each.name: running.get(each.name, each) for each in everything}
    if not names:
        return list(known.values())
    return [known.get(name) or Facts(name, State.DOWN) for name in dict.fromkeys(names)]


def _live(app: App, names: Sequence[str], declared: Sequence[Facts]) -> None:
    """Show it until the user has enough."""
    before: Sample | None = None

    def look() -> Sequence[Line]:
        nonlocal before
        now = app.now()
        found = _chosen(seen(now), names, declared)
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
