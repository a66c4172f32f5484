"""Answers on stdout, conversation on stderr, errors in two lines. Nothing else in ssmx prints."""

from __future__ import annotations

import json
import os
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from datetime import UTC, datetime
from functools import lru_cache
from importlib import import_module
from typing import TextIO

from ssmx.errors import SsmxError
from ssmx.model.wording import printable

_PATIENCE = 1.0  # seconds before a spinner appears
_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}
_WORDS = {
    "green": ("Online", "running", "ready"),
    "yellow": ("connecting", "reconnecting", "paused"),
    "red": ("ConnectionLost", "failed", "silent"),
    "dim": ("stopped", "idle", "starting", "down"),
}
_SHADES = {word: style for style, words in _WORDS.items() for word in words}


class Show:
    """The one place that prints. `quiet` keeps notes back, `verbose` lets details out, `as_json` shapes errors."""

    def __init__(self, *, quiet: bool = False, verbose: bool = False, as_json: bool = False) -> None:
        self._quiet = quiet
        self._verbose = verbose
        self._as_json = as_json
        self._lock = threading.Lock()
        self._spinning = False
        self._about = ""
        self.stamped = False
        """Whether what is said begins with the time: stderr is a log."""

    def about(self, what: str) -> Show:
        """One whose notes and details begin with what they are about."""
        made = copy(self)
        made._about = f"{what}: "
        return made

    def note(self, text: str) -> None:
        """A sentence about what goes on."""
        if not self._quiet:
            self._say(f"ssmx: {self._about}{printable(text, lines=True)}")

    def detail(self, text: str) -> None:
        """A sentence for whoever asked with -v."""
        if self._verbose:
            self._say(styled(f"ssmx: {self._about}{printable(text)}", "dim", sys.stderr))

    def error(self, error: SsmxError) -> None:
        """What happened and what to do: two lines, or one JSON object."""
        if self._as_json:
            body = {"error": error.code, "message": error.message, "hint": error.hint, "exit": error.exit}
            self._say(json.dumps({**body, **error.details}, default=str))
            return
        self._say(styled(f"ssmx: {printable(error.message, lines=True)}", "red", sys.stderr))
        if error.hint:
            self._say(f"  try: {printable(error.hint)}")

    def failure(self, error: SsmxError) -> None:
        """What failed beside what did not, in one line."""
        if self._as_json:
            self.error(error)
        else:
            said = " ".join(error.message.split("\n"))
            self._say(styled(f"ssmx: {printable(said)}", "red", sys.stderr))

    def conversation(self, text: str) -> None:
        """A text on stderr as it is."""
        self._say(text)

    def json(self, body: object) -> None:
        """An answer as JSON."""
        print(json.dumps(body, indent=2, default=str))

    def event(self, body: object, *, answer: bool) -> None:
        """Something happened, as one line of JSON, at once: an answer, or else a part of the conversation."""
        line = json.dumps(body, default=str)
        if answer:
            print(line, flush=True)
        else:
            self._say(line)

    def lines(self, lines: Sequence[str]) -> None:
        """An answer, line by line."""
        sys.stdout.write("".join(f"{printable(line)}\n" for line in lines))
        sys.stdout.flush()  # more of it may come later

    def text(self, text: str) -> None:
        """An answer that is a text of our own, such as a script."""
        sys.stdout.write(text)

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]], *, form: str) -> None:
        """An answer in rows: `table` for people, `csv` with headings, `tsv` without, for programs."""
        match form:
            case "csv":
                _write_csv(headings, [[printable(cell) for cell in row] for row in rows])
            case "tsv":
                sys.stdout.write("".join("\t".join(map(printable, row)) + "\n" for row in rows))
            case _ if rows:
                sys.stdout.write("".join(f"{line}\n" for line in aligned(headings, rows, sys.stdout)))

    def parts(self, headings: Sequence[str], widths: Sequence[int], *, form: str) -> Parts:
        """An answer in rows that comes in parts; columns are so wide, or wider."""
        return Parts(headings, widths, form)

    def aligned(self, rows: Sequence[Sequence[str]]) -> list[str]:
        """Rows as lines with their cells below each other, for a message."""
        return aligned([""] * len(rows[0]), rows)

    @contextmanager
    def progress(self, label: str, count: Callable[[], int]) -> Iterator[None]:
        """A spinner with `count()` on stderr, once the block has run for a second; only on a terminal."""
        if self._quiet or not sys.stderr.isatty():
            yield
            return
        done = threading.Event()

        def spin() -> None:
            turn = 0
            wait = _PATIENCE
            while not done.wait(wait):
                wait = 0.1
                turn += 1
                counted = f" {count()}" if count() else ""
                with self._lock:
                    self._spinning = True
                    sys.stderr.write(f"\r\x1b[K{_FRAMES[turn % len(_FRAMES)]} {label}…{counted}")
                    sys.stderr.flush()

        thread = threading.Thread(target=spin, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
            with self._lock:
                self._wipe()

    def _say(self, text: str) -> None:
        # A terminal that is gone must not change how we end.
        with self._lock, suppress(OSError):
            self._wipe()
            if self.stamped:
                text = f"{datetime.now(UTC).isoformat(timespec='milliseconds')} {text.removeprefix('ssmx: ')}"
            sys.stderr.write(text + "\n")
            sys.stderr.flush()

    def _wipe(self) -> None:
        if self._spinning:
            self._spinning = False
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


class Parts:
    """An answer in rows, each part of it printed at once. A column is as wide as what was in it so far."""

    def __init__(self, headings: Sequence[str], widths: Sequence[int], form: str) -> None:
        self._headings: Sequence[str] | None = headings
        self._widths = list(widths)
        self._form = form

    def add(self, rows: Sequence[Sequence[str]]) -> None:
        """The next rows."""
        if not rows:
            return
        headings, self._headings = self._headings, None
        shown = [[printable(cell) for cell in row] for row in rows]
        match self._form:
            case "csv":
                _write_csv(headings, shown)
            case "tsv":
                sys.stdout.write("".join("\t".join(row) + "\n" for row in shown))
            case _:
                lines = [*([headings] if headings is not None else []), *shown]
                self._widths = [
                    max(known, *map(width, cells))
                    for known, cells in zip(self._widths, zip(*lines, strict=True), strict=True)
                ]
                sys.stdout.write("".join(f"{self._line(line, bold=line is headings)}\n" for line in lines))
        sys.stdout.flush()

    def _line(self, cells: Sequence[str], *, bold: bool) -> str:
        return "  ".join(
            styled(cell, "bold" if bold else shade(cell), sys.stdout) + " " * (known - width(cell))
            for cell, known in zip(cells, self._widths, strict=True)
        ).rstrip()


def _write_csv(headings: Sequence[str] | None, rows: Sequence[Sequence[str]]) -> None:
    writer = import_module("csv").writer(sys.stdout, lineterminator="\n")
    if headings is not None:
        writer.writerow([heading.lower().replace(" ", "_") for heading in headings])
    writer.writerows(rows)


def aligned(headings: Sequence[str], rows: Sequence[Sequence[str]], stream: TextIO | None = None) -> list[str]:
    """The table as lines; columns that are empty in every row are left out."""
    columns = [
        _padded([heading, *cells] if stream else cells)
        for heading, cells in zip(headings, zip(*rows, strict=True), strict=True)
        if any(cells)
    ]
    lines: list[Sequence[str]] = list(zip(*columns, strict=True)) or [()] * (len(rows) + (stream is not None))
    if stream and _coloured(stream):
        titles, *others = lines
        lines = [[styled(cell, "bold", stream) for cell in titles]]
        lines += [[styled(cell, shade(cell), stream) for cell in line] for line in others]
    return ["  ".join(line).rstrip() for line in lines]


def _padded(cells: Sequence[str]) -> list[str]:
    """The cells of a column, all as wide as the widest."""
    all_of_it = "".join(cells)  # a listing may be long: look at it once
    shown = cells if all_of_it.isprintable() else [printable(cell) for cell in cells]
    if all_of_it.isascii():
        space = max(map(len, shown))
        return [cell.ljust(space) for cell in shown]
    widths = [width(cell) for cell in shown]
    return [cell + " " * (max(widths) - own) for cell, own in zip(shown, widths, strict=True)]


def at_once(text: str) -> None:
    """A sentence from a signal handler, which may have interrupted any of the above: no lock, no buffer."""
    with suppress(OSError):
        os.write(2, f"\nssmx: {text}\n".encode())


def width(text: str) -> int:
    """The columns `text` takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1
        for each in text
    )


def shade(cell: str) -> str:
    """The style of a state's word in a table; empty for any other."""
    return _SHADES.get(cell.strip(), "")


def styled(text: str, style: str, stream: TextIO) -> str:
    """`text` in colour, on a terminal without NO_COLOR."""
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if style and _coloured(stream) else text


def _coloured(stream: TextIO) -> bool:
    return not os.environ.get("NO_COLOR") and _is_terminal(stream)


@lru_cache(maxsize=2)
def _is_terminal(stream: TextIO) -> bool:
    """Asked once: who asks the system for each cell of a table waits for other threads each time."""
    return stream.isatty()
