"""Our client beside the official plugin, both behind its command line, in the rows of one table."""

import os
import shutil
from statistics import median

from tests.carried import DROPIN

RUNS = int(os.environ.get("RUNS", "3"))
OURS = "ssmx"
OFFICIAL = "plugin"


def clients():
    """The command of each client; the official one where it is on PATH."""
    found = {OURS: DROPIN}
    if plugin := shutil.which("session-manager-plugin"):
        found[OFFICIAL] = [plugin]
    return found


def heading(commands):
    yield f"| what | {' | '.join(commands)} | ssmx / plugin |"
    yield f"|---|{'---:|' * len(commands)}---:|"


def measured(rows, commands):
    """A line for each of `rows` (name → function of a command and whether it is ours), runs interleaved."""
    for name, measure in rows.items():
        found = {client: [] for client in commands}
        for _ in range(RUNS):
            for client, command in commands.items():
                found[client].append(measure(command, client == OURS))
        yield line(name, {client: median(values) for client, values in found.items()})


def line(name, found):
    ours, official = found[OURS], found.get(OFFICIAL)
    shown = " | ".join(f"{value:.3g}" for value in found.values())
    return f"| {name} | {shown} | {f'{ours / official:.2f}' if official else ''} |"
