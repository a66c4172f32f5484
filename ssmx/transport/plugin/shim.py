"""The executable that puts ssmx in the plugin's place: write it, know it again, take it away."""

from __future__ import annotations

import os
import secrets
import shlex
import sys
from pathlib import Path

from ssmx.errors import LocalFault
from ssmx.transport.plugin.find import NAME, SHIM_MARK

DEFAULT_FOLDER = Path("~/.local/bin")  # on PATH of most systems, and a user's own

_SCRIPT = """#!/bin/sh
# ssmx in the place of session-manager-plugin ({mark}). `ssmx plugin shim --remove` takes it away.
exec {python} -P -m {mark} "$@"
"""


def place(folder: Path) -> Path:
    """Where the executable is, or would be, in `folder`."""
    return Path(os.path.expanduser(folder)) / NAME  # noqa: PTH111  # which does not raise


def is_shim(path: Path) -> bool:
    """Whether this is one of ours. Raises LocalFault."""
    try:
        with path.open("rb") as file:
            return SHIM_MARK in file.read(4096)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _fault(path, error) from error


def write(folder: Path) -> Path:
    """Write it, whole or not at all; gives its path. Raises LocalFault; never replaces anything but one of ours."""
    path = place(folder)
    if os.path.lexists(path) and not is_shim(path):
        raise LocalFault(
            f"{path} is there already, and it is not ssmx's",
            hint="name another folder with --dir; ssmx does not replace the official plugin",
        )
    draft = path.with_name(f".{NAME}.{secrets.token_hex(4)}")
    text = _SCRIPT.format(mark=SHIM_MARK.decode(), python=shlex.quote(sys.executable))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            draft.write_text(text, "utf-8")
            draft.chmod(0o755)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise _fault(path, error) from error
    return path


def remove(folder: Path) -> bool:
    """Take it away; False where there is none of ours. Raises LocalFault."""
    path = place(folder)
    if not is_shim(path):
        return False
    try:
        path.unlink()
    except OSError as error:
        raise _fault(path, error) from error
    return True


def first_on_path() -> str:
    """The executable that callers of the plugin find now; empty where they find none."""
    folders = [each for each in os.environ.get("PATH", "").split(os.pathsep) if each]
    candidates = (os.path.join(each, NAME) for each in folders)  # noqa: PTH118  # as `exec` has it
    return next((each for each in candidates if os.access(each, os.X_OK)), "")


def _fault(path: Path, error: OSError) -> LocalFault:
    return LocalFault(f"{path}: {error.strerror}", hint="name another folder with --dir")
