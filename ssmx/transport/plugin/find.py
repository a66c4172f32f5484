"""Find the official plugin on this machine and ask it for its version."""

from __future__ import annotations

import os
import platform
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ssmx.model.plugin import Plugin, broken, judge, shim

NAME = "session-manager-plugin"
SHIM_MARK = b"ssmx.dropin"  # in the first lines of the executable that ssmx puts in the plugin's place

# Where the installers of AWS, Homebrew, Nix and a user without rights put it; a program that the desktop has
# started does not know the PATH of the shell.
_PLACES = (
    "/usr/local/sessionmanagerplugin/bin",
    "/usr/local/bin",
    "/usr/bin",
    "/opt/homebrew/bin",
    "/home/linuxbrew/.linuxbrew/bin",
    "/run/current-system/sw/bin",
    "~/.local/bin",
    "~/bin",
)
_SECONDS = 5.0
_MOST = 256  # bytes of an answer to --version


def installed(configured: str = "") -> Iterator[Plugin]:
    """The plugins of this machine, those on PATH first; only the one in `configured` where that is not empty.

    Each is run with --version, once it is asked for. An executable of ssmx's own under that name is a SHIM.
    """
    if configured:
        path = Path(configured).expanduser()
        yield _look(path) if path.exists() else broken(str(path), "there is no such file")
        return
    seen = set()
    folders = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if folder.startswith("/")]
    for folder in [*folders, *_PLACES]:
        path = Path(folder).expanduser() / NAME
        real = os.path.realpath(path)
        if real not in seen and path.is_file() and os.access(path, os.X_OK):
            seen.add(real)
            yield _look(path)


def this_platform() -> tuple[str, bool]:
    """The key of `how_to_install` for this machine, empty where there is none, and whether it is an ARM."""
    arm = platform.machine().lower() in ("arm64", "aarch64")
    if sys.platform == "darwin":
        return "macos", arm
    try:
        about = platform.freedesktop_os_release()
    except OSError:
        return "", arm
    kinds = {about.get("ID", ""), *about.get("ID_LIKE", "").split()}
    if kinds & {"debian", "ubuntu"}:
        return "debian", arm
    return ("redhat" if kinds & {"rhel", "fedora", "amzn", "centos"} else ""), arm


def _look(path: Path) -> Plugin:
    try:
        with path.open("rb") as file:
            if SHIM_MARK in file.read(4096):
                return shim(str(path))
        return judge(str(path), _version_of(path))
    except OSError as error:
        return broken(str(path), f"it cannot be run: {error.strerror}")
    except TimeoutError as error:
        return broken(str(path), str(error))


def _version_of(path: Path) -> str:
    """What it answers to --version. Raises OSError, TimeoutError; leaves no process."""
    process = subprocess.Popen(
        [str(path), "--version"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdout is not None
    answer = b""
    end = time.monotonic() + _SECONDS
    try:
        while len(answer) < _MOST:
            if not select.select([process.stdout], [], [], max(0.0, end - time.monotonic()))[0]:
                raise TimeoutError(f"it has not answered --version in {_SECONDS:.0f} seconds")
            data = os.read(process.stdout.fileno(), _MOST)
            if not data:
                break
            answer += data
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)  # one that floods, or hangs
        process.stdout.close()
        process.wait()
    return answer.decode("utf-8", "replace").strip()
