"""Completion of a target among ten thousand names, in bash, zsh and fish: each shell measures itself.

bash and zsh run on a terminal, where the key Tab is typed; fish completes when it is asked to. `ssmx` on their PATH
is a stand-in that leaves a line when it is called: a shell that needs Python has failed. The floor is what the same
shell takes to read the file of names, in between.
"""

import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

import pexpect

from tests.bench.rendered import names, node_id
from tests.conftest import ROOT

SIZE = 10_000
LIMIT = 10  # ms
HITS = {"payments-api-0042": 1, "payments-api-004": 10, "payments-": 1000, "": SIZE}
_FLOOR = "floor"
_SCRIPTS = ROOT / "completions"
_UNITS = {"micros": 1e-3, "millis": 1.0, "secs": 1e3}  # of fish, in ms

_BASH = """
PS1='> '
source {scripts}/ssmx.bash
_asked() {{
    local start=$EPOCHREALTIME end
    _ssmx "$@"
    end=$EPOCHREALTIME
    echo "${{COMP_WORDS[COMP_CWORD]}},$((${{end/[.,]/}} - ${{start/[.,]/}})),${{#COMPREPLY[@]}}" >> {record}
}}
_read() {{
    local start=$EPOCHREALTIME end
    mapfile -t COMPREPLY < {names}
    end=$EPOCHREALTIME COMPREPLY=()
    echo "floor,$((${{end/[.,]/}} - ${{start/[.,]/}})),0" >> {record}
}}
complete -F _asked ssmx
complete -F _read floor
echo > {ready}
"""

_ZSH = """
PS1='> '
unsetopt auto_list auto_menu beep zle_bracketed_paste
zmodload zsh/datetime
fpath=({folder} $fpath)
autoload -U compinit && compinit -D -u
_asked() {{
    local start=$EPOCHREALTIME end
    _ssmx "$@"
    end=$EPOCHREALTIME
    print -r -- "$words[CURRENT],$(((end - start) * 1e6)),$compstate[nmatches]" >> {record}
}}
_read() {{
    local start=$EPOCHREALTIME end
    local text="$(<{names})"
    end=$EPOCHREALTIME
    print -r -- "floor,$(((end - start) * 1e6)),0" >> {record}
}}
compdef _asked ssmx
compdef _read floor
: > {ready}
"""


def table(turns):
    """The lines of the table."""
    yield f"| completion among {SIZE} names | offered | median ms of {turns} | min | max | x reading the file | |"
    yield "|---|---:|---:|---:|---:|---:|---|"
    for shell, measure in {"bash": _on_terminal, "zsh": _on_terminal, "fish": _fish}.items():
        if not shutil.which(shell):
            yield f"| {shell} is not installed | | | | | | |"
            continue
        with tempfile.TemporaryDirectory() as folder:
            times = measure(shell, Index(Path(folder)), turns)
        yield from _lines(shell, times)


class Index:
    """A home with an index in it as ssmx writes it (ssmx/store/pointed.py), and a stand-in for ssmx on PATH."""

    def __init__(self, home):
        self.home = home
        self.called = home / "called"
        (home / "bin").mkdir()
        (home / "bin" / "ssmx").write_text(f'#!/bin/sh\necho "$@" >> {self.called}\n')
        (home / "bin" / "ssmx").chmod(0o755)
        index, every = home / "cache" / "ssmx" / "index", sorted(names(SIZE))
        scope = index / "scopes" / "one"
        scope.mkdir(parents=True)
        (index / "at").mkdir()
        self.names = self._list(scope / "names", every)
        roles = {each.rpartition("-")[0] for each in every}
        self._list(scope / "words", sorted({*map(node_id, every), *(f"Role={each}" for each in roles)}))
        self._list(scope / "endpoints", [f"rds/{each}" for each in sorted(roles)])
        self._list(scope / "documents", ["Ops-Restart"])
        (index / "at" / ",,").write_text("one\n")  # no profile, no region, no key

    def _list(self, path, lines):
        head = f"ssmx 1 {int(time.time()) + 86400} {len(lines)}"
        path.write_text("".join(f"{each}\n" for each in (head, *lines)))
        return path

    @property
    def env(self):
        return {
            "PATH": f"{self.home / 'bin'}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "TERM": "xterm",
            "LANG": "C.UTF-8",
        }

    def check(self):
        """Raise where ssmx was called."""
        assert not self.called.exists(), f"completion called ssmx: {self.called.read_text()}"


def _on_terminal(shell, index, turns):
    """Type the beginnings and Tab into an interactive shell."""
    record, ready = index.home / "record", index.home / "ready"
    places = {"scripts": _SCRIPTS, "folder": index.home, "names": index.names, "record": record, "ready": ready}
    (index.home / "rc").write_text((_ZSH if shell == "zsh" else _BASH).format(**places))
    shutil.copy(_SCRIPTS / "ssmx.zsh", index.home / "_ssmx")
    start = ["-f", "-i"] if shell == "zsh" else ["--norc", "--noprofile", "-i"]
    child = pexpect.spawn(shell, start, env=index.env, cwd=index.home, timeout=10, encoding="utf-8")
    child.delaybeforesend = None
    child.sendline(f" source {index.home / 'rc'}")
    _wait(ready.exists, child)
    for turn in range(turns + 1):
        for at, line in enumerate(["floor x", *(f"ssmx shell {each}" for each in HITS)]):
            child.send(f"{line}\t")
            seen = turn * (len(HITS) + 1) + at + 1
            _wait(lambda seen=seen: record.exists() and record.read_text().count("\n") >= seen, child)
            child.send("\x15")  # what is typed goes
    child.close(force=True)
    index.check()
    times = {}
    for line in record.read_text().splitlines()[len(HITS) + 1 :]:  # but the first turn
        typed, micros, offered = line.rsplit(",", 2)
        assert typed == _FLOOR or int(offered) == HITS[typed], f"{shell} offers {offered} for {typed!r}"
        times.setdefault(typed, []).append(float(micros) / 1000)
    return times


def _wait(done, child):
    end = time.monotonic() + 10
    while not done():
        try:
            said = child.read_nonblocking(65536, 0.002)
        except pexpect.TIMEOUT:
            said = ""
        assert time.monotonic() < end, f"the shell hangs: {said}"


def _fish(shell, index, turns):
    """Have fish complete, and say how long it took."""
    lines = {_FLOOR: f"string match -q -- none < {index.names}"}
    lines |= {each: f'complete -C "ssmx shell {each}"' for each in HITS}
    script = f"source {_SCRIPTS}/ssmx.fish; for turn in (seq {turns + 1}); "
    script += "; ".join(f"time {each} > /dev/null" for each in lines.values()) + "; end; "
    script += "; ".join(f"{lines[each]} | count" for each in HITS) + "; true"
    command = [shell, "--no-config", "-c", script]
    done = subprocess.run(command, env=index.env, cwd=index.home, capture_output=True, text=True, check=True)
    index.check()
    offered = dict(zip(HITS, map(int, done.stdout.split()), strict=True))
    assert offered == HITS, f"fish offers {offered}"
    took = [float(each) * _UNITS[unit] for each, unit in re.findall(r"Executed in\s+([\d.]+) (\w+)", done.stderr)]
    return {name: took[at :: len(lines)][1:] for at, name in enumerate(lines)}


def _lines(shell, times):
    floor = median(times[_FLOOR])
    for typed in (_FLOOR, *HITS):
        took = times[typed]
        shown = " | ".join(f"{each:.2f}" for each in (median(took), min(took), max(took)))
        what = f"{shell}, reading the file" if typed == _FLOOR else f"{shell}, {typed or 'nothing typed'}"
        held = "" if typed == _FLOOR else f"under {LIMIT} ms" if median(took) < LIMIT else f"NOT under {LIMIT} ms"
        yield f"| {what} | {HITS.get(typed, '')} | {shown} | {median(took) / floor:.2f} | {held} |"
