"""What people and programs are shown of tunnels: one row for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from ssmx.light import dataclass
from ssmx.model.columns import age
from ssmx.model.running import Facts, State
from ssmx.model.wording import host_port

HEADINGS = (
    *("NAME", "STATE", "LANES", "CONNECTIONS", "SENT", "RECEIVED", "RECONNECTS", "CREDENTIALS", "THROUGH"),
    *("ENDPOINT", "PROBLEM"),
)

_UP = (State.READY, State.IDLE)
_BAD = (State.DOWN, State.SILENT, State.FAILED, State.PAUSED)
_UNITS = ("kB", "MB", "GB", "TB")

Traffic = Callable[[Facts], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """A tunnel as a row: a cell for each of HEADINGS."""

    facts: Facts
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """What tunnels, by their names, had carried at one moment, in seconds of any clock."""

    at: float
    carried: Mapping[str, tuple[int, int]]


def rows(tunnels: Sequence[Facts], *, now: datetime, traffic: Traffic, declared: Sequence[Facts] = ()) -> list[Row]:
    """The tunnels that run, then those `declared` of which none of that name does; `traffic`: sent, received."""
    return [_row(each, now, traffic) for each in with_declared(tunnels, declared)]


def with_declared(tunnels: Sequence[Facts], declared: Sequence[Facts]) -> list[Facts]:
    """The tunnels that run, then those declared of which none of that name does."""
    running = {each.name for each in tunnels}
    return [*tunnels, *(each for each in declared if each.name not in running)]


def is_up(facts: Facts) -> bool:
    """Whether it takes connections now: a session stands, or the next connection opens one."""
    return facts.state in _UP and bool(facts.port or facts.socket)


def is_bad(facts: Facts) -> bool:
    """Whether it does not run, or somebody has to do something for it."""
    return facts.state in _BAD


def listens(facts: Facts) -> str:
    """Where clients connect, as people say it; empty where that is not known yet."""
    if facts.socket or not facts.port:
        return facts.socket
    return host_port("localhost" if facts.host == "127.0.0.1" else facts.host, facts.port)


def through(facts: Facts) -> str:
    """The node, by its name where it has one."""
    return facts.target_name or facts.target


def ready_lanes(facts: Facts) -> int:
    """How many of its lanes have a session that stands."""
    return sum(each.state is State.READY for each in facts.lanes)


def lanes(facts: Facts) -> str:
    """`ready/all`; empty where that is not known."""
    return f"{ready_lanes(facts)}/{len(facts.lanes)}" if facts.lanes else ""


def until(at: str, now: datetime) -> str:
    """When that ISO time is: `in 43m`, `over`; `-` where there is none."""
    when = time_of(at)
    if when is None:
        return "-"
    return f"in {age(now, when)}" if when > now else "over"


def time_of(text: str) -> datetime | None:
    """The time of an ISO text with its zone; None where it is none."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when if when.tzinfo else None


def amount(count: float) -> str:
    """Bytes for people: `512 B`, `1.5 MB`; thousands are a thousand."""
    if count < 999.5:
        return f"{count:.0f} B"
    for unit in _UNITS:
        count /= 1000
        if count < 999.5 or unit == _UNITS[-1]:
            return f"{count:.1f} {unit}" if count < 99.95 else f"{count:.0f} {unit}"
    raise AssertionError("the last unit takes all")


def totals(facts: Facts) -> tuple[str, str]:
    """What it has sent and received, for people."""
    return amount(facts.sent), amount(facts.received)


def counts(facts: Facts) -> tuple[str, str]:
    """What it has sent and received, for programs: bytes."""
    return str(facts.sent), str(facts.received)


def sample(tunnels: Sequence[Facts], at: float) -> Sample:
    """What these tunnels have carried at this moment."""
    return Sample(at, {each.name: (each.sent, each.received) for each in tunnels})


def rates(before: Sample | None, after: Sample) -> Traffic:
    """What is sent and received in a second, between two samples; `-` where one of them is missing."""

    def traffic(facts: Facts) -> tuple[str, str]:
        old = before.carried.get(facts.name) if before is not None else None
        new = after.carried.get(facts.name)
        if before is None or old is None or new is None or after.at <= before.at:
            return "-", "-"
        sent, received = (max(0, now - then) / (after.at - before.at) for now, then in zip(new, old, strict=True))
        return f"{amount(sent)}/s", f"{amount(received)}/s"

    return traffic


def _row(facts: Facts, now: datetime, traffic: Traffic) -> Row:
    sent, received = traffic(facts)
    cells = (
        *(facts.name, str(facts.state), lanes(facts), str(facts.connections), sent, received),
        *(str(facts.reconnects), until(facts.signed_in_until, now), through(facts), facts.endpoint, facts.problem),
    )
    return Row(facts, cells)
