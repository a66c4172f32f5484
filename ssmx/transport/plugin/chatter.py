"""Tell what the plugin says itself from what the node prints: both come on its standard output.

The lines are those of session-manager-plugin 1.2.677.0 and its release notes since. It exits with status 0
whatever happened: how a session ended stands in its last line, or nowhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

_LONGEST_HEAD = 1 << 14  # bytes before the first line that every version prints
_LONGEST_REASON = 1 << 12
_STARTING = re.compile(rb"[\r\n]*Starting session with SessionId:? *[^\r\n]*\r?\n", re.IGNORECASE)
_CANNOT = b"cannot perform start session: "
_PORT_FAILED = b"connection to destination port failed"
_PORT = re.compile(rb"\s*(?:Port \d+|Unix socket [^\r\n]+) opened for sessionId ", re.IGNORECASE)


class Said(Enum):
    """What the plugin said last."""

    NOTHING = auto()
    EXITING = auto()
    CLOSED = auto()
    TIMED_OUT = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class LastWords:
    """How the plugin says that the session ended; `reason` in its words."""

    said: Said
    reason: str = ""


class Chatter:
    """Takes what the plugin prints and gives what the node printed."""

    def __init__(self, session_id: str) -> None:
        ours = session_id.encode()
        # A lone \n, because its terminal is raw; \r\n where the plugin has made it otherwise (BSD's `stty cbreak`).
        self._marks = [
            (lead + words.lower(), said)
            for said, words in (
                (Said.EXITING, b"Exiting session with sessionId: " + ours),
                (Said.CLOSED, b"SessionId: " + ours + b" : "),
                (Said.TIMED_OUT, b"Session: " + ours + b" timed out"),
            )
            for lead in ((b"\n\n", b"\r\n\r\n") if said is not Said.TIMED_OUT else (b"",))
        ]
        self._marks += [(_CANNOT, Said.FAILED), (_PORT_FAILED, Said.FAILED)]
        self._held = b""
        self._found: tuple[int, Said] | None = None  # the length of the mark that `_held` begins with
        self._shown = False
        self.started = False
        """Whether it has said that it starts the session."""
        self.port = False
        """Whether it opened a local port, as for a document that is no shell's."""

    @property
    def waits(self) -> bool:
        """Whether something is kept back that may be the beginning of a last word, or the node's own."""
        return self.started and bool(self._held) and not self.last

    @property
    def last(self) -> bool:
        """Whether the session's end has been told: nothing more is to come but the end of the process."""
        return self._found is not None and self._found[1] is not Said.FAILED

    @property
    def lost(self) -> bool:
        """Whether this is no session-manager-plugin: it has said much, and not what each of them says first."""
        return not self.started and len(self._held) > _LONGEST_HEAD

    def take(self, data: bytes) -> bytes:
        """What is the node's in all that has come up to now and has not been given yet."""
        self._held += data
        if not self.started:
            begun = _STARTING.search(self._held)
            if begun is None:
                return b""
            self.started = True
            self._held = self._held[begun.end() :]
        if not self._shown and _PORT.match(self._held):
            self.port = True
        shown = self._sift()
        self._shown = self._shown or bool(shown)
        return shown

    def release(self) -> bytes:
        """What was kept back, where nothing came after it that makes it a last word."""
        if not self.waits:
            return b""
        shown, self._held, self._found = self._held, b"", None
        return shown

    def finish(self) -> tuple[bytes, LastWords]:
        """At the end of the process: what is still the node's, and how the plugin says the session ended."""
        if not self.started:
            said = self._held.decode("utf-8", "replace")
            failed = re.search(r"cannot perform start session: *(.*)", said, re.IGNORECASE | re.DOTALL)
            return b"", LastWords(Said.FAILED if failed else Said.NOTHING, _line(failed[1] if failed else said))
        if self._found is None:
            return self.release(), LastWords(Said.NOTHING)
        length, said_last = self._found
        words = self._held if self._held.lower().startswith(_PORT_FAILED) else self._held[length:]
        return b"", LastWords(said_last, _line(words.decode("utf-8", "replace")))

    def _sift(self) -> bytes:
        shown = b""
        while True:
            if self._found is not None:
                if not self._contradicted():
                    return shown
                # The node printed it, and the session goes on: look again behind its first byte.
                shown, self._held, self._found = shown + self._held[:1], self._held[1:], None
            small = self._held.lower()
            marks = [(at, len(mark), said) for mark, said in self._marks if (at := small.find(mark)) >= 0]
            if not marks:
                at = len(small) - max(_overlap(small, mark) for mark, _ in self._marks)
                shown, self._held = shown + self._held[:at], self._held[at:]
                return shown
            at, length, said = min(marks, key=lambda mark: mark[0])
            shown, self._held, self._found = shown + self._held[:at], self._held[at:], (length, said)

    def _contradicted(self) -> bool:
        """Whether what followed the mark shows that it was none of the plugin's."""
        assert self._found is not None
        length, said = self._found
        rest = self._held[length:]
        if said in (Said.EXITING, Said.TIMED_OUT):
            return bool(rest.strip(b". \r\n"))
        if said is Said.FAILED and any(mark in rest.lower() for mark, other in self._marks if other is not said):
            return True
        return len(rest) > _LONGEST_REASON


def _overlap(text: bytes, mark: bytes) -> int:
    """The length of the longest end of `text` that `mark` begins with."""
    tail = text[1 - len(mark) :]
    at = tail.find(mark[:1])
    while at >= 0 and not mark.startswith(tail[at:]):
        at = tail.find(mark[:1], at + 1)
    return len(tail) - at if at >= 0 else 0


def _line(said: str) -> str:
    return " ".join(said.split())
