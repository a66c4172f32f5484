"""Every session ssmx opened: when, where, and how it ended. Append-only, one JSON object a line, 0600.

No parameter of a session is written, because a command may hold a password; no token ever.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ssmx.errors import LocalFault
from ssmx.light import dataclass
from ssmx.model.plan import Plan
from ssmx.model.session import Outcome
from ssmx.process import birth, namespace


@dataclass(frozen=True, slots=True)
class Entry:
    """A session that was opened and whose end is not in the journal."""

    session: str
    target: str
    name: str
    account: str
    region: str
    profile: str
    document: str
    reason: str
    opened: datetime
    pid: int
    """The ssmx that holds it; 0 where no such process lives here."""
    here: bool
    """Whether it was opened on this machine: a home can be shared by several."""
    sure: bool
    """Whether its ssmx would be seen here if it lived: one in another container would not."""

    @property
    def left_over(self) -> bool:
        """Whether the ssmx that opened it has died, as far as this machine can tell."""
        return self.here and not self.pid

    @property
    def orphaned(self) -> bool:
        """Whether that is certain."""
        return self.left_over and self.sure


class Journal:
    """The journal in `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def opened(self, session: str, plan: Plan, *, profile: str) -> None:
        """A session stands. Raises LocalFault where this cannot be written."""
        self._append(
            {
                "event": "opened",
                "session": session,
                "target": plan.target.id,
                "name": plan.target.name,
                "account": plan.target.account,
                "region": plan.target.region,
                "profile": profile,
                "document": plan.document,
                "reason": plan.reason,
                "host": os.uname().nodename,
                "pid": os.getpid(),
                "birth": birth(os.getpid()),
                "namespace": namespace(),
            }
        )

    def closed(self, session: str, outcome: Outcome) -> None:
        """The session is over for ssmx. Raises LocalFault where this cannot be written."""
        self._append(
            {
                "event": "closed",
                "session": session,
                "how": outcome.cause,
                "status": outcome.status,
                "bytes_sent": outcome.bytes_sent,
                "bytes_received": outcome.bytes_received,
            }
        )

    def unclosed(self) -> list[Entry]:
        """The sessions that were opened and not closed, oldest first: running ones and leftovers of a crash."""
        found: dict[str, dict[str, Any]] = {}
        for line in self._lines():
            session = str(line.get("session"))
            if line.get("event") != "opened":
                found.pop(session, None)
            else:
                found[session] = line
        return [entry for line in found.values() if (entry := _entry(line)) is not None]

    def _append(self, entry: dict[str, Any]) -> None:
        line = json.dumps({"at": datetime.now(UTC).isoformat(timespec="milliseconds"), **entry}) + "\n"
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                end = os.fstat(descriptor).st_size
                torn = end > 0 and os.pread(descriptor, 1, end - 1) != b"\n"  # the machine died in a line
                # One write, so that lines of two ssmx never mix.
                os.write(descriptor, ("\n" if torn else "").encode() + line.encode())
            finally:
                os.close(descriptor)
        except OSError as error:
            raise LocalFault(f"cannot write the journal {self._path}: {error.strerror}") from error

    def _lines(self) -> Iterator[dict[str, Any]]:
        try:
            with self._path.open(encoding="utf-8", errors="replace") as file:
                for line in file:
                    try:
                        body = json.loads(line)
                    except ValueError:
                        continue  # the machine died in this line
                    if isinstance(body, dict):
                        yield body
        except FileNotFoundError:
            return
        except OSError as error:
            raise LocalFault(f"cannot read the journal {self._path}: {error.strerror}") from error


def _entry(line: dict[str, Any]) -> Entry | None:
    """The entry of an `opened` line; None where a hand or a crash has spoilt it."""
    try:
        opened, pid = datetime.fromisoformat(str(line["at"])), int(line.get("pid") or 0)
    except (KeyError, ValueError, TypeError):
        return None
    words = ("session", "target", "name", "account", "region", "profile", "document", "reason")
    here = line.get("host") == os.uname().nodename
    lives = here and bool(line.get("birth")) and birth(pid) == line["birth"]
    sure = here and bool(line.get("birth")) and line.get("namespace") == namespace()
    said = {word: str(line.get(word, "")) for word in words}
    return Entry(**said, opened=opened, pid=pid if lives else 0, here=here, sure=sure)
