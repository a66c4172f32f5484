"""Find the official plugin on this machine and ask it for its version."""

# os.path, because pathlib raises where a folder may not be entered, or where nobody knows our home.
# ruff: noqa: PTH100, PTH110, PTH111, PTH113, PTH118, PTH123

from __future__ import annotations

import os
import platform
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

from ssmx.model.plugin import Plugin, broken, judge, shim
from ssmx.process import signal_group

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
_MOST = 4096  # bytes of an answer to --version


def installed(configured: str = "") -> Iterator[Plugin]:
    """The plugins of this machine, those on PATH first; only the one in `configured` where that is not empty.

    Each is run with --version, once it is asked for. An executable of ssmx's own under that name is a SHIM.
    """
    if configured:
        # Absolute, because a name without a slash would be looked up on PATH when it is run.
        path = os.path.abspath(os.path.expanduser(configured))
        if os.path.isfile(path):
            yield _look(path)
        else:
            yield broken(path, "it is no file" if os.path.exists(path) else "there is no such file")
        return
    seen = set()
    folders = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if folder.startswith("/")]
    for folder in [*folders, *_PLACES]:
        path = os.path.join(os.path.expanduser(folder), NAME)
        real = os.path.realpath(path)
        if real not in seen and os.path.isfile(path) and os.access(path, os.X_OK):
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


def _look(path: str) -> Plugin:
    try:
        with open(path, "rb") as file:
            if SHIM_MARK in file.read(4096):
                return shim(path)
        said = _version_of(path).splitlines() or [""]
        return judge(path, said[-1].strip())  # a warning may stand before it
    except TimeoutError as error:
        return broken(path, str(error))
    except OSError as error:
        return broken(path, f"it cannot be run: {error.strerror}")


def _version_of(path: str) -> str:
    """What it answers to --version. Raises OSError, TimeoutError; leaves no process."""
    process = subprocess.Popen(
        [path, "--version"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdout is not None
    answer = b""
    end = time.monotonic() + _SECONDS
    try:
        while True:
            if len(answer) > _MOST:
                raise TimeoutError("it prints without end when it is asked for its version")
            if not select.select([process.stdout], [], [], max(0.0, end - time.monotonic()))[0]:
                raise TimeoutError(f"it has not answered --version in {_SECONDS:.0f} seconds")
            data = os.read(process.stdout.fileno(), _MOST)
            if not data:
                break
            answer += data
    finally:
        signal_group(process.pid, signal.SIGKILL)  # one that floods, or hangs
        process.stdout.close()
        process.wait()
    return answer.decode("utf-8", "replace").strip()
