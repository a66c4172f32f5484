"""`ssmx logs`: what a background tunnel has said, and what it says from now on."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

from ssmx.app import App
from ssmx.model.log import Line, Reader, last_run
from ssmx.reach.aside import BEGUN
from ssmx.reach.keepers import keepers, keeps, log_of
from ssmx.reach.watch import unknown

_LOOK_SECONDS = 0.2


def logs(app: App, name: str, *, follow: bool) -> int:
    """Print the log of the tunnel that runs, or ran last, by this name; raises NoSuchTunnel where there is none.

    With `follow`, go on until the tunnel has ended.
    """
    living = keepers().living()
    keeper = next((each for each in living if name in each.names), None)
    if keeper is not None and not keeper.log:
        app.show.note(f"{name} has no log: what it says is on its terminal (pid {keeper.pid})")
        return 0
    path = Path(keeper.log) if keeper is not None else _left(name)
    others = [each for each in keeper.names if each != name] if keeper is not None and keeper.file else []
    reader = Reader(others)
    with _Following(path) as file:
        lines = file.lines()
        if keeper is None and not lines:
            known = [*(each for one in living for each in one.names), *_known(path.parent)]
            raise unknown(name, known, " or has left a log")
        _print(app, reader.read(last_run(lines, BEGUN)))
        while keeper is not None and follow:
            over = not keeps(keeper, [name])  # looked at first: what was said before that is read after it
            _print(app, reader.read(file.lines(rest=over)))
            if over:
                break
            app.signals.pause(_LOOK_SECONDS)
    return 0


class _Following:
    """A log that is read as it grows, also where it is put away and begun anew meanwhile."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1
        self._behind = b""  # a line of which the end is not there yet

    def __enter__(self) -> _Following:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file >= 0:
            os.close(self._file)

    def lines(self, *, rest: bool = True) -> list[str]:
        """The lines that have come; `rest`: also one that has no end."""
        data = self._behind + self._read()
        if self._is_another():
            data += self._read()  # what came between the two looks
            self._reopen()
            data += self._read()
        *whole, self._behind = data.split(b"\n")
        if rest and self._behind:
            whole.append(self._behind)
            self._behind = b""
        return [each.decode("utf-8", "replace") for each in whole]

    def _is_another(self) -> bool:
        """Whether the path leads to another file than ours, or ours has been cut."""
        try:
            there = self._path.stat()
        except OSError:
            return False
        if self._file < 0:
            return True
        ours = os.fstat(self._file)
        is_cut = ours.st_size < os.lseek(self._file, 0, os.SEEK_CUR)
        return is_cut or (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino)

    def _reopen(self) -> None:
        with suppress(OSError):
            file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
            if self._file >= 0:
                os.close(self._file)
            self._file = file

    def _read(self) -> bytes:
        data = b""
        while self._file >= 0 and (more := os.read(self._file, 1 << 16)):
            data += more
        return data


def _print(app: App, lines: Iterable[Line]) -> None:
    as_json = app.settings.output.value == "json"
    for line in lines:
        if as_json:
            app.show.event({"at": line.at or None, "text": line.text}, answer=True)
        else:
            app.show.lines([line.raw])
    sys.stdout.flush()


def _left(name: str) -> Path:
    """The newest log that tells of a tunnel of this name: its own, or that of a team's file that it was in."""
    own = log_of(name)
    found = [each for each in own.parent.glob("*.log") if each == own or _tells_of(name, each)]
    return max(found, key=lambda each: each.stat().st_mtime, default=own)


def _tells_of(name: str, log: Path) -> bool:
    said = last_run(log.read_text("utf-8", "replace").splitlines(), BEGUN)
    return any(line.partition(" ")[2].startswith(f"{name}: ") for line in said)


def _known(folder: Path) -> Sequence[str]:
    """The names of tunnels that have ended and left a log."""
    return sorted(unquote(each.name.removesuffix(".log")) for each in folder.glob("*.log"))
