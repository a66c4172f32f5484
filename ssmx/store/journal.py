"""Every session ssmx opened: when, where, and how it ended. Append-only, one JSON object a line, 0600.

No parameter of a session is written, because a command may hold a password; no token ever.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ssmx.errors import LocalFault
from ssmx.model.plan import Plan
from ssmx.process import birth


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
    """The ssmx that holds it; 0 where that process is gone: the session is left over."""


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
                "pid": os.getpid(),
                "birth": birth(os.getpid()),
            }
        )

    def closed(self, session: str, *, how: str, status: int) -> None:
        """The session is over for ssmx, which exits with `status`."""
        self._append({"event": "closed", "session": session, "how": how, "status": status})

    def unclosed(self) -> list[Entry]:
        """The sessions that were opened and not closed, oldest first: running ones and leftovers of a crash."""
        open_sessions: dict[str, dict[str, Any]] = {}
        for line in self._lines():
            if line.get("event") == "opened":
                open_sessions[str(line.get("session"))] = line
            else:
                open_sessions.pop(str(line.get("session")), None)
        return [_entry(line) for line in open_sessions.values()]

    def _append(self, entry: dict[str, Any]) -> None:
        line = json.dumps({"at": datetime.now(UTC).isoformat(timespec="milliseconds"), **entry}) + "\n"
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, line.encode())  # one write, so that lines of two ssmx never mix
            finally:
                os.close(descriptor)
        except OSError as error:
            raise LocalFault(f"cannot write the journal {self._path}: {error.strerror}") from error

    def _lines(self) -> list[dict[str, Any]]:
        try:
            text = self._path.read_text("utf-8", errors="replace")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise LocalFault(f"cannot read the journal {self._path}: {error.strerror}") from error
        lines = []
        for line in text.splitlines():
            try:
                body = json.loads(line)
            except ValueError:
                continue  # the machine died while a line was written
            if isinstance(body, dict):
                lines.append(body)
        return lines


def _entry(line: dict[str, Any]) -> Entry:
    pid = int(line.get("pid") or 0)
    return Entry(
        **{
            key: str(line.get(key, ""))
            for key in ("session", "target", "name", "account", "region", "profile", "document", "reason")
        },
        opened=datetime.fromisoformat(str(line["at"])),
        pid=pid if line.get("birth") and birth(pid) == line["birth"] else 0,
    )
