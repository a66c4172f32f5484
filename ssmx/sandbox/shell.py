"""A real shell on a real pty, as a node would run it: this machine's, in a folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import termios
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ssmx.process import signal_group
from ssmx.sandbox.roster import USER

# The shell must own its terminal (job control, /dev/tty, SIGHUP when the sandbox dies). The child leads a new
# session; the first terminal it opens becomes its own (setsid(2), tty(4)). So a first sh opens it and becomes the
# shell: code of ours between fork and exec could deadlock, this process has threads.
_OPEN_AND_BECOME = 'tty=$1; shift; exec "$@" <>"$tty" >&0 2>&1'
_GRACE = 0.3  # seconds between SIGHUP and SIGKILL


class Shell:
    """The process and the master side of its pty. `on_exit` is called once, on another thread."""

    def __init__(self, *, home: Path, host: str, command: str, on_exit: Callable[[], None]) -> None:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        # bash 5.1 and later print ESC[?2004h before each prompt; nodes with an older one do not
        (home / ".inputrc").write_text("set enable-bracketed-paste off\n", "ascii")
        self.master, self._slave = os.openpty()  # 0 columns and rows, as the agent's, until the client says
        os.set_blocking(self.master, False)
        program = _program(command)
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", _OPEN_AND_BECOME, "sh", os.ttyname(self._slave), *program],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=home,
            env=environment(home, host, program[0]),
            start_new_session=True,
        )
        self._on_exit = on_exit
        self._waiter = threading.Thread(target=self._wait, daemon=True)
        self._waiter.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def read(self, most: int) -> bytes:
        """What it printed, empty where there is nothing at the moment."""
        try:
            return os.read(self.master, most)
        except (BlockingIOError, OSError):
            return b""  # EIO: nobody has the terminal open any more

    def write(self, data: bytes) -> int:
        """How much of it the terminal took."""
        try:
            return os.write(self.master, data)
        except BlockingIOError:
            return 0
        except OSError:
            return len(data)  # nobody reads it any more

    def resize(self, columns: int, rows: int) -> None:
        """The kernel tells the foreground job with SIGWINCH."""
        with suppress(termios.error):
            termios.tcsetwinsize(self.master, (rows, columns))

    def close(self) -> None:
        """Give the terminal back; the kernel hangs up on whoever still has it. Kill what does not go."""
        if self.master < 0:
            return
        os.close(self.master)
        os.close(self._slave)
        self.master = self._slave = -1
        threading.Thread(target=self._end, daemon=True).start()

    def kill(self) -> None:
        """End everything in its session at once."""
        kill_session(self.pid)

    def _end(self) -> None:
        signal_group(self.pid, signal.SIGHUP)
        end = time.monotonic() + _GRACE
        while _session_members(self.pid) and time.monotonic() < end:
            time.sleep(0.02)
        self.kill()

    def _wait(self) -> None:
        self._process.wait()
        self._on_exit()


def _program(command: str) -> list[str]:
    """bash where there is one: the prompt's \\W, and line editing. Else sh, which is what the agent runs."""
    bash = shutil.which("bash")
    if command:
        return [bash or "/bin/sh", "-c", command]
    return [bash, "--norc", "--noprofile", "-i"] if bash else ["/bin/sh", "-i"]


def environment(home: Path, host: str, shell: str) -> dict[str, str]:
    """What a process on a node has. Nothing of ours: a shell on a node knows no AWS key of the sandbox."""
    return {
        "HISTFILE": "",
        "HOME": str(home),
        "HOSTNAME": host,
        "LANG": "C.UTF-8",
        "LOGNAME": USER,
        "PATH": os.environ.get("PATH", os.defpath),
        "PS1": f"[{USER}@{host} \\W]$ ",
        "SHELL": shell,
        "TERM": "xterm-256color",
        "USER": USER,
    }


def kill_session(leader: int) -> None:
    """End every process of the session that `leader` leads or led."""
    for pid in _session_members(leader):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def _session_members(leader: int) -> list[int]:
    """Every process of the session, its background jobs too: each of those is a process group of its own."""
    try:
        numbers = [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]  # noqa: PTH208 - names only
    except OSError:
        return _descendants_by_ps(leader)  # macOS
    found = []
    for pid in numbers:
        with suppress(OSError, ValueError, IndexError):
            stat = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
            state, _parent, _group, session = stat[stat.rindex(")") + 2 :].split()[:4]
            if int(session) == leader and state not in "ZX":
                found.append(pid)
    return found


def _descendants_by_ps(leader: int) -> list[int]:
    """ps on macOS prints sessions as addresses, so go by descent."""
    listed = subprocess.run(
        ["/bin/ps", "-A", "-o", "pid=,ppid=,stat="],
        capture_output=True,
        text=True,
        check=False,
    )
    rows = [line.split() for line in listed.stdout.splitlines()]
    living = [(int(row[0]), int(row[1])) for row in rows if len(row) == 3 and not row[2].startswith("Z")]
    family = {leader}
    while grown := {pid for pid, parent in living if parent in family and pid not in family}:
        family |= grown
    return [pid for pid, _ in living if pid in family]
