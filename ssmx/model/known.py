"""A node or an endpoint as one line of the index, and back.

    node      ID NAME AT NAMED IP STATE PING ZONE LAUNCHED LAST-PING AGENT PLATFORM TYPE VPC DNS PUBLIC-DNS SPOT
              TAG…
    endpoint  SERVICE NAME AT ROLE PART HOST PORT ENGINE STATUS

Fields stand between tabs; a tab, a newline and a backslash in one have a backslash before them. Times are seconds
since 1970; empty where unknown.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ssmx.model.endpoint import Endpoint
from ssmx.model.target import GROUP_TAG, Target

KIND, ID, NAME, AT, NAMED, TAGS = 0, 1, 2, 3, 4, 18  # fields of a node; of an endpoint, SERVICE is the one of ID
SERVICE = ID

NODE, ENDPOINT = "node", "endpoint"
_LONGEST_TAG = 128  # characters of key and value together; nobody types a longer one


def fields(line: str) -> list[str]:
    """The fields of a line, as they were."""
    found = line.split("\t")
    return found if "\\" not in line else [_meant(each) for each in found]


def told(text: str) -> str:
    """A text as a field."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def _meant(text: str) -> str:
    return text if "\\" not in text else _unescaped(text)


def _unescaped(text: str) -> str:
    parts = text.split("\\\\")
    return "\\".join(each.replace("\\t", "\t").replace("\\n", "\n") for each in parts)


def line_of(target: Target, at: float, named: float) -> str:
    """A node of which AWS told `at` a time, and of whose name it told all nodes at the time `named`."""
    tags = [
        f"{key}={value}"
        for key, value in target.tags.items()
        if key != "Name" and (not key.startswith("aws:") or key == GROUP_TAG) and len(key + value) < _LONGEST_TAG
    ]
    cells = [
        *(NODE, target.id, target.name, f"{at:.3f}", f"{named:.3f}"),
        *(target.private_ip, target.state, target.ping, target.zone),
        *(_seconds(target.launched), _seconds(target.last_ping)),
        *(target.agent_version, target.platform, target.type, target.vpc, target.private_dns, target.public_dns),
        *("spot" if target.spot else "", *tags),
    ]
    return "\t".join(map(told, cells))


def _cell(at: int) -> Any:
    return property(lambda self: self._cells[at])


def _time_in(at: int) -> Any:
    return property(lambda self: _time(self._cells[at]))


def _always(value: object) -> Any:
    return property(lambda _: value)


class KnownTarget(Target):
    """The node of a line that `line_of` made; its parts are read when they are asked for.

    A listing makes ten thousand, and asks for few of their parts. What no line has is as where it is not known.
    """

    __slots__ = ("_cells",)

    def __init__(self, line: str, region: str, account: str) -> None:
        for name, value in (("_cells", fields(line)), ("region", region), ("account", account)):
            object.__setattr__(self, name, value)

    id, name, private_ip, state, ping, zone = (_cell(at) for at in (ID, NAME, 5, 6, 7, 8))
    launched, last_ping = _time_in(9), _time_in(10)
    agent_version, platform, type, vpc, private_dns, public_dns = (_cell(at) for at in range(11, 17))
    spot = property(lambda self: self._cells[17] == "spot")
    tags = property(lambda self: _tags(self._cells))
    stopped, subnet, ipv6, groups, interfaces = map(_always, ("", "", (), (), ()))


def _tags(cells: list[str]) -> dict[str, str]:
    named = {"Name": cells[NAME]} if cells[NAME] else {}
    return named | dict(each.split("=", 1) for each in cells[TAGS:])


def endpoint_line(endpoint: Endpoint, at: float) -> str:
    """An endpoint of which AWS told `at` a time."""
    cells = [
        *(ENDPOINT, endpoint.service, endpoint.name, f"{at:.3f}", endpoint.role.value, endpoint.part),
        *(endpoint.host, str(endpoint.port), endpoint.engine, endpoint.status),
    ]
    return "\t".join(map(told, cells))


def _seconds(time: datetime | None) -> str:
    return f"{time.timestamp():.0f}" if time else ""


def _time(text: str) -> datetime | None:
    return datetime.fromtimestamp(float(text), UTC) if text else None
