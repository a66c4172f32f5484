"""`ssmx init`: a team's file from the tunnels that run."""

from __future__ import annotations

import re
from collections.abc import Container
from itertools import count
from pathlib import Path
from typing import Any

import tomlkit

from ssmx.app import App
from ssmx.errors import LocalFault, SsmxError
from ssmx.model.pointer import FILE
from ssmx.model.team import parse
from ssmx.reach.keepers import keepers
from ssmx.reach.team import here
from ssmx.tunnel.asking import ask

_HEAD = "the tunnels of this project: `ssmx up` brings them up, `ssmx status` watches them"
_EXAMPLE = """
[tunnels.payments]
kind = "rds"                 # any service of `ssmx ls endpoints`; db, forward, host
endpoint = "payments-prod"
port = 15432                 # leave it out for one that ssmx chooses, the same every time
# profile = "payments-prod"
# region = "eu-west-1"
# jump = "bastion-prod"      # leave it out, and ssmx chooses a node

# [tunnels.admin]
# kind = "forward"           # a port of a node
# target = "admin-ui"
# remote = 8080
"""


def init(app: App, file: str | None) -> int:
    """Write it to `file`, or to ssmx.toml here; gives the exit status. Raises LocalFault where one is there."""
    path = Path(file) if file is not None else here() / FILE
    tables = _running()
    text = _written(tables) if tables else f"# {_HEAD}\n{_EXAMPLE}"
    parse(text, str(path))
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise LocalFault(f"{path} is there already", hint="name another with -f, or edit it") from None
    except OSError as error:
        raise LocalFault(
            f"cannot write {path}: {error.strerror}", hint="make room there, or name another"
        ) from error
    app.show.lines([str(path)])
    said = f"it has {', '.join(tables)}" if tables else "no tunnel runs: it is one to fill in"
    app.show.note(f"{said}; `ssmx up` brings up what it says")
    return 0


def _running() -> dict[str, dict[str, Any]]:
    """The tunnels that run, as a file says them, with the ports that they have; one at a socket has none."""
    found: dict[str, dict[str, Any]] = {}
    for keeper in keepers().living():
        try:
            ports = {each["name"]: each["port"] for each in ask(keeper.socket, {})["tunnels"]}
        except SsmxError:
            ports = {}
        for each in keeper.tunnels:
            if each.declared and ports.get(each.name, -1):
                port = {"port": ports[each.name]} if each.name in ports else {}
                found[_name(each.name, found)] = {**each.declared, **port}
    return found


def _name(text: str, taken: Container[str]) -> str:
    """A name that a file takes, and no other tunnel has."""
    name = re.sub(r"[^A-Za-z0-9._-]", "-", text).lstrip("._-") or "tunnel"
    others = (f"{name}-{number}" for number in count(2))
    return name if name not in taken else next(each for each in others if each not in taken)


def _written(tables: dict[str, dict[str, Any]]) -> str:
    document = tomlkit.document()
    document.add(tomlkit.comment(_HEAD))
    tunnels = tomlkit.table(is_super_table=True)
    for name, body in tables.items():
        table = tomlkit.table()
        for key, value in body.items():
            table.add(key, value)
        tunnels.add(name, table)
    document.add("tunnels", tunnels)
    return tomlkit.dumps(document)
