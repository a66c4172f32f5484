"""Lend the plugin credentials that outlive the hour: a profile of its own that asks the running ssmx.

Nothing secret is written: the private folder holds a config file, a script and a socket, and is removed afterwards.
"""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from ssmx.errors import LocalFault, SsmxError
from ssmx.transport.plugin import ask
from ssmx.transport.plugin.contract import PROFILE

_LONGEST_PARENT = 80  # bytes; a unix socket's path has 104 on macOS, and `/ssmx-12345678/socket` is ours
_PREFIX = "ssmx-"


@asynccontextmanager
async def lending(
    credentials: Callable[[], Mapping[str, str | int]],
    *,
    profile: Mapping[str, str],
    told: Callable[[SsmxError], object],
) -> AsyncIterator[Path]:
    """Within it, the config file it gives has a profile that answers with what `credentials()` gives.

    `credentials` is called on a thread, each time the plugin asks; `told` hears of the error it raises, which the
    plugin would keep to itself. `profile` are further lines of the profile. Raises LocalFault.
    """
    folder = _private_folder()

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        body: Mapping[str, str | int] = {"error": "the session is over"}
        try:
            body = await asyncio.to_thread(credentials)
        except SsmxError as error:
            told(error)
            body = {"error": error.message}
        except Exception as error:  # the terminal is the session's: no traceback there
            told(SsmxError(f"{type(error).__name__} while signing in"))
            body = {"error": "ssmx failed"}
        except asyncio.CancelledError:
            pass  # the session has ended; asyncio would print this
        finally:
            writer.write(json.dumps(body).encode())
            writer.close()

    try:
        try:
            config = _config(folder, profile)
            server = await asyncio.start_unix_server(answer, path=folder / "socket")
            (folder / "socket").chmod(0o600)  # nobody else can enter the folder in between
        except OSError as error:
            raise LocalFault(f"cannot lend credentials to the plugin in {folder}: {error.strerror}") from error
        try:
            yield config
        finally:
            server.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _private_folder() -> Path:
    """A folder of ours alone, in memory where the system has such a place, with a short path."""
    for parent in (os.environ.get("XDG_RUNTIME_DIR", ""), os.environ.get("TMPDIR", ""), "/tmp"):  # noqa: S108
        # The path goes into an INI file and through a shell, which not every SDK quotes alike.
        if not parent.startswith("/") or len(parent) > _LONGEST_PARENT or shlex.quote(parent) != parent:
            continue
        try:
            return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        except OSError:
            continue
    raise LocalFault("no folder for the plugin's private files", hint="set TMPDIR to a folder you can write to")


def _config(folder: Path, profile: Mapping[str, str]) -> Path:
    script = folder / "credentials"
    helper = shlex.join([sys.executable, "-IS", ask.__file__, str(folder / "socket")])
    _write(script, f"exec {helper}\n")
    lines = [f"[profile {PROFILE}]", f"credential_process = /bin/sh {script}"]
    lines += [f"{key} = {value}" for key, value in profile.items()]
    config = folder / "config"
    _write(config, "\n".join(lines) + "\n")
    return config


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
