"""The plugin as a process: on a terminal of its own, in a process group of its own, and certainly ended."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import termios
import tty
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial

from ssmx.process import signal_group

_GRACE = 0.3  # seconds between SIGINT, SIGTERM and SIGKILL


class PluginProcess:
    """A running plugin and the master side of its pty, which does not block."""

    def __init__(self, process: Process, master: int) -> None:
        self._process = process
        self.master = master
        self.pid = process.pid
        self._raw = termios.tcgetattr(master)[:4]  # the flags of input, output, control and local modes

    @classmethod
    async def start(cls, words: Sequence[str], env: Mapping[str, str], *, columns: int, rows: int) -> PluginProcess:
        """Run it as the leader of a session with its own terminal. Raises OSError where it cannot be run.

        Its terminal is raw from the start, so that Ctrl-C, Ctrl-Z, Ctrl-S and Enter reach it as the bytes they
        are, and not as signals. The `stty cbreak` it runs leaves that so on Linux; for BSD's see `keep_raw`.
        """
        master, slave = os.openpty()
        try:
            tty.setraw(slave)
            termios.tcsetwinsize(slave, (rows, columns))
            # Between fork and exec the child runs Python's own fork handlers and one C function, no code of ours.
            process = await asyncio.create_subprocess_exec(*words, env=env, preexec_fn=partial(os.login_tty, slave))
        except BaseException:
            os.close(master)
            raise
        finally:
            os.close(slave)
        os.set_blocking(master, False)
        return cls(process, master)

    def keep_raw(self) -> None:
        """Undo what its `stty cbreak` does on BSD: signals, flow control and output processing on."""
        with suppress(termios.error):
            if termios.tcgetattr(self.master)[:4] != self._raw:
                tty.setraw(self.master, termios.TCSANOW)
                self._raw = termios.tcgetattr(self.master)[:4]

    def resize(self, columns: int, rows: int) -> None:
        """Give its terminal this size; it looks twice a second."""
        with suppress(termios.error):
            termios.tcsetwinsize(self.master, (rows, columns))

    def read(self) -> bytes | None:
        """What it has printed; None where nothing is there now, empty where nothing can come any more."""
        try:
            return os.read(self.master, 1 << 16)
        except BlockingIOError:
            return None
        except OSError as error:
            if error.errno != errno.EIO:  # nobody has the terminal open any more
                raise
            return b""

    def write(self, data: bytes | bytearray) -> int:
        """How much of `data` its terminal took."""
        try:
            return os.write(self.master, data)
        except BlockingIOError:
            return 0
        except OSError:
            return len(data)  # it is gone

    async def wait(self) -> int:
        """Its exit status, negative for a signal."""
        return await self._process.wait()

    async def stop(self) -> None:
        """End it and all it started, whatever it makes of that: SIGINT, SIGTERM, SIGKILL. Once is enough."""
        if self.master < 0:
            return
        for number in (signal.SIGINT, signal.SIGTERM):
            if self._process.returncode is None:
                signal_group(self.pid, number)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._process.wait(), _GRACE)
        signal_group(self.pid, signal.SIGKILL)  # also what outlives it
        await self._process.wait()
        loop = asyncio.get_running_loop()
        loop.remove_reader(self.master)
        loop.remove_writer(self.master)
        os.close(self.master)
        self.master = -1
