"""Start, find and stop the sandbox of one folder. Light, because the CLI imports it."""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from ssmx.errors import LocalFault
from ssmx.process import birth

PROFILE = "sandbox"
STATE = "state.json"
LOG = "sandbox.log"
CA = "ca.pem"  # the certificate of the authority that its TLS servers have theirs from
_START_LIMIT = 60.0  # seconds
_STOP_LIMIT = 5.0
_UNSET = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_DEFAULT_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_CA_BUNDLE",
    "AWS_MAX_ATTEMPTS",
    "AWS_RETRY_MODE",
    "AWS_ENDPOINT_URL",
)


@dataclass(frozen=True, slots=True)
class Running:
    """A sandbox that answers. `started` tells its process from a later one with the same number."""

    pid: int
    started: str
    endpoint: str
    websocket: str
    region: str
    account: str
    config_file: Path
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)


def running(folder: Path) -> Running | None:
    """The sandbox of this folder, or None; a state file whose process is gone counts for nothing."""
    try:
        state = json.loads((folder / STATE).read_text("utf-8"))
        found = Running(**{**state, "config_file": Path(state["config_file"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return found if found.started and birth(found.pid) == found.started else None


def up(folder: Path, *, idle_minutes: float = 30.0, first_output: float = 0.1) -> Running:
    """The sandbox of this folder, started where none runs; raises LocalFault.

    It lives on when this process ends, and ends itself after `idle_minutes` without a request and without an
    open session. `first_output` is how long a shell waits before it prints, in seconds; a real agent waits 1.
    """
    _own(folder)
    with _lock(folder):
        found = running(folder)
        if found is not None:
            return found
        missing = [name for name in ("moto", "flask", "flask_cors") if importlib.util.find_spec(name) is None]
        if missing:
            raise LocalFault(
                f"the sandbox needs packages that are not installed: {', '.join(missing)}",
                hint="pip install 'ssmx-cli[sandbox]'",
            )
        (folder / STATE).unlink(missing_ok=True)
        _launch(folder, idle_minutes=idle_minutes, first_output=first_output)
        found = running(folder)
        if found is None:
            raise LocalFault(
                f"the sandbox ended while it started: {_last_line(folder / LOG)}",
                hint=f"its log is {folder / LOG}",
            )
        return found


def down(folder: Path) -> bool:
    """Stop the sandbox of this folder; whether one ran."""
    if not folder.is_dir():
        return False
    with _lock(folder):
        found = running(folder)
        if found is None:
            return False
        for sign, seconds in ((signal.SIGTERM, _STOP_LIMIT), (signal.SIGKILL, _STOP_LIMIT)):
            with suppress(ProcessLookupError):
                os.kill(found.pid, sign)
            end = time.monotonic() + seconds
            while birth(found.pid) == found.started and time.monotonic() < end:
                time.sleep(0.02)
            if birth(found.pid) != found.started:
                break
        (folder / STATE).unlink(missing_ok=True)
        return True


def environment(found: Running) -> dict[str, str | None]:
    """What to set (or, where None, to unset) so that AWS clients and ssmx talk to this sandbox and nothing else."""
    unset = [*_UNSET, *(name for name in os.environ if name.startswith("AWS_ENDPOINT_URL_"))]
    return {
        **dict.fromkeys(unset),
        "AWS_CONFIG_FILE": str(found.config_file),
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_PROFILE": PROFILE,
        "AWS_EC2_METADATA_DISABLED": "true",
        **{name: _with_loopback(os.environ.get(name, "")) for name in ("NO_PROXY", "no_proxy")},
        # logs:StartLiveTail would otherwise be sent to streaming-127.0.0.1
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "SSMX_CA_BUNDLE": str(found.config_file.with_name(CA)),
    }


def _with_loopback(hosts: str) -> str:
    """A list of hosts that go by no proxy, with this machine in it: botocore proxies even 127.0.0.1."""
    kept = [host for host in hosts.split(",") if host.strip()]
    return ",".join([*kept, *(host for host in ("127.0.0.1", "localhost") if host not in kept)])


def _own(folder: Path) -> None:
    """Make the folder ours and closed to everybody else: it holds the key to a shell."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = folder.lstat()
        if folder.is_symlink() or not folder.is_dir() or facts.st_uid != os.getuid():
            raise LocalFault(f"{folder} is not a folder of yours", hint="name another folder for the sandbox")
        folder.chmod(0o700)
    except OSError as error:
        raise LocalFault(f"the sandbox cannot use {folder}: {error.strerror}") from error


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    handle = os.open(folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _launch(folder: Path, *, idle_minutes: float, first_output: float) -> None:
    """Start the detached process and wait until it is ready or has ended: both close the pipe it was given."""
    source = str(Path(__file__).resolve().parents[2])
    inherited = os.environ.get("PYTHONPATH", "")
    # Nothing of the user's AWS, and nothing that changes how moto answers.
    env = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}
    env["PYTHONPATH"] = os.pathsep.join(part for part in (source, inherited) if part)
    log = os.open(folder / LOG, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    ready, inform = os.pipe()
    command = [sys.executable, "-P", "-m", "ssmx.sandbox", "--detach", "--ready", str(inform)]
    command += ["--folder", str(folder.resolve()), "--idle-minutes", str(idle_minutes)]
    command += ["--first-output", str(first_output)]
    try:
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=env,
            pass_fds=(inform,),
            start_new_session=True,
        ) as process:
            os.close(inform)
            _await_end(ready, _START_LIMIT, folder)
            process.wait(_STOP_LIMIT)  # it left a child behind and ended at once
    finally:
        os.close(log)
        os.close(ready)


def _await_end(pipe: int, seconds: float, folder: Path) -> None:
    readable, _, _ = select.select([pipe], [], [], seconds)
    if not readable:
        raise LocalFault(
            f"the sandbox was not ready after {seconds:.0f} seconds", hint=f"its log is {folder / LOG}"
        )


def _last_line(log: Path) -> str:
    with suppress(OSError):
        lines = log.read_text("utf-8", "replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "it said nothing")
    return "it left no log"
