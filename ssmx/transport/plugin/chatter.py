"""Tell what the plugin says itself from what the node prints: both come on its standard output.

The lines are those of session-manager-plugin 1.2.677.0 and its release notes since. It exits with status 0
whatever happened: how a session ended stands in its last line, or nowhere.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from ssmx.light import dataclass

_LONGEST_HEAD = 1 << 14  # bytes before the first line that every version prints
_LONGEST_WORD = 1 << 12  # bytes of a last word
_STARTING = re.compile(rb"[\r\n]*Starting session with SessionId:? *[^\r\n]*\r?\n", re.IGNORECASE)
_CANNOT = b"cannot perform start session: "
_PORT_FAILED = b"connection to destination port failed"


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
    """Takes what the plugin prints and gives what the node printed.

    What may be a last word is held back until something contradicts that, or until `release`. How the session
    ended is read from the end of all that came, whether it has been shown by then or not.
    """

    def __init__(self, session_id: str) -> None:
        ours = re.escape(session_id.encode())
        self._last_words = (
            (Said.EXITING, rb"Exiting session with sessionId: %b[. \r\n]*()\Z" % ours),
            (Said.CLOSED, rb"(?:\A|\n)SessionId: %b : ([^\x1b]*)\Z" % ours),
            (Said.TIMED_OUT, rb"(?:\A|\n)Session: %b timed out[. \r\n]*()\Z" % ours),
            (Said.FAILED, rb"Cannot perform start session: ([^\x1b]*\n)\Z"),
            (Said.FAILED, rb"(?:\A|\n)(Connection to destination port failed[^\x1b]*\n)\Z"),
        )
        self._port = re.compile(
            rb"\s*(?:Port \d+|Unix socket [^\r\n]+) opened for sessionId %b\b" % ours, re.IGNORECASE
        )
        plain = session_id.lower().encode()
        # A lone \n, because its terminal is raw; \r\n where the plugin has made it otherwise (BSD's `stty cbreak`).
        self._marks = [
            *(lead + b"exiting session with sessionid: " + plain for lead in (b"\n\n", b"\r\n\r\n")),
            *(lead + b"sessionid: " + plain + b" : " for lead in (b"\n\n", b"\r\n\r\n")),
            b"\nsession: " + plain + b" timed out",
            b"\n" + _CANNOT,
            b"\n" + _PORT_FAILED,
        ]
        self._head = b""
        self._held = b""
        self._mark = b""  # the one `_held` begins with, where it is whole
        self._tail = b""  # the end of all that came
        self._drop = 1  # bytes of the first line's end, which stand before what is shown
        self.started = False
        """Whether it has said that it starts the session."""
        self.port = False
        """Whether it opened a local port, as for a document that is no shell's."""

    @property
    def waits(self) -> bool:
        """Whether something is kept back that `release` would give."""
        return len(self._held) > self._drop and not self.last

    @property
    def last(self) -> bool:
        """Whether the session's end has been told: nothing more is to come but the end of the process."""
        return bool(self._mark) and _tells_the_end(self._mark)

    @property
    def lost(self) -> bool:
        """Whether this is no session-manager-plugin: it has said much, and not what each of them says first."""
        return len(self._head) > _LONGEST_HEAD

    def take(self, data: bytes) -> bytes:
        """What is the node's in all that has come up to now and has not been given yet."""
        if not self.started:
            self._head += data
            begun = _STARTING.search(self._head)
            if begun is None:
                return b""
            self.started = True
            data, self._head = self._head[begun.end() :], b""
            self._held = b"\n"
        self._tail = (self._tail + data)[-_LONGEST_WORD:]
        self._held += data
        if self._drop and self._port.match(self._held):
            self.port = True
        return self._shown(self._sift())

    def release(self) -> bytes:
        """What was kept back: it is no last word, because the session goes on."""
        if len(self._held) <= self._drop:
            return b""
        shown, self._held, self._mark = self._held, b"", b""
        return self._shown(shown)

    def finish(self) -> tuple[bytes, LastWords]:
        """At the end of the process: what is still the node's, and how the plugin says the session ended."""
        if not self.started:
            said = self._head.decode("utf-8", "replace")
            failed = re.search(r"cannot perform start session: *(.*)", said, re.IGNORECASE | re.DOTALL)
            return b"", LastWords(Said.FAILED if failed else Said.NOTHING, _line(failed[1] if failed else said))
        for said_last, pattern in self._last_words:
            if found := re.search(pattern, self._tail, re.IGNORECASE):
                # The end of the line before it is the node's, where it is not the plugin's own empty line.
                before = b"\n" if self._mark[:1] == b"\n" and self._mark[:2] != b"\n\n" else b""
                return self._shown(before), LastWords(said_last, _line(found[1].decode("utf-8", "replace")))
        return self.release(), LastWords(Said.NOTHING)

    def _shown(self, data: bytes) -> bytes:
        if self._drop and data:
            data, self._drop = data[self._drop :], 0
        return data

    def _sift(self) -> bytes:
        """Cut off what is the node's: all before the first mark that nothing contradicts."""
        small = self._held.lower()
        places = {mark: small.find(mark) for mark in self._marks}
        self._mark = b""
        while found := sorted((at, mark) for mark, at in places.items() if at >= 0):
            at, mark = found[0]
            if not self._contradicted(mark, at + len(mark), more=len(found) > 1):
                self._mark = mark
                break
            # The node printed it, and the session goes on.
            places[mark] = small.find(mark, at + 1)
        else:
            at = len(small) - max(_overlap(small, mark) for mark in self._marks)
        shown, self._held = self._held[:at], self._held[at:]
        return shown

    def _contradicted(self, mark: bytes, end: int, *, more: bool) -> bool:
        """Whether what follows a mark that ends at `end` shows that it is none of the plugin's."""
        if not _tells_the_end(mark) or mark.endswith(b" : "):
            return more or len(self._held) - end > _LONGEST_WORD
        return bool(self._held[end : end + _LONGEST_WORD].strip(b". \r\n"))


def _tells_the_end(mark: bytes) -> bool:
    """Whether it is told with the session's id, which the node rarely prints."""
    return mark.lstrip(b"\r\n").startswith((b"exiting", b"session"))


def _overlap(text: bytes, mark: bytes) -> int:
    """The length of the longest end of `text` that `mark` begins with."""
    tail = text[1 - len(mark) :]
    at = tail.find(mark[:1])
    while at >= 0 and not mark.startswith(tail[at:]):
        at = tail.find(mark[:1], at + 1)
    return len(tail) - at if at >= 0 else 0


def _line(said: str) -> str:
    return " ".join(said.split())
