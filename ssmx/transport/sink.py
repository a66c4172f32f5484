"""Standard output and standard error, written without ever blocking the event loop that reads the node."""

from __future__ import annotations

import asyncio
import errno
import os
import select
import socket
import stat
import sys
from contextlib import suppress

from ssmx.errors import HungUp, LocalFault, ReaderGone, SsmxError
from ssmx.transport.interrupt import Interrupt

_ROOM = 1 << 18  # bytes waiting for a slow reader before we stop taking more from the node


class Sink:
    """Descriptor 1 or 2. Made on the event loop; to be closed."""

    def __init__(self, descriptor: int) -> None:
        sys.stdout.flush()
        self._descriptor, self._ours = _own_description(descriptor)
        self._socket = _socket(self._descriptor)
        self._waiting = bytearray()
        self._drained = asyncio.Event()
        self._drained.set()
        self.fault: OSError | None = None
        """Why nothing can be written any more."""

    @property
    def full(self) -> bool:
        """Whether the reader is behind, so that nothing is to be taken from the node."""
        return len(self._waiting) > _ROOM

    @property
    def behind(self) -> bool:
        """Whether anything waits to be written."""
        return not self._drained.is_set()

    def write(self, data: bytes) -> None:
        """Write `data`; afterwards `await room()` before more is taken from the node."""
        self._waiting += data
        if self._drained.is_set():
            self._flush()

    async def room(self) -> None:
        """Wait until the reader has taken what it was given, if it is behind by much."""
        if self.full:
            await self._drained.wait()

    async def drained(self) -> None:
        """Wait until everything is written, or nothing can be any more."""
        await self._drained.wait()

    async def let_go(self, interrupt: Interrupt) -> None:
        """Write what is left, however slow the reader is, unless a signal ends us; then close."""
        try:
            with suppress(SsmxError):
                await interrupt.beside(self.drained())
        finally:
            self.close()

    def check(self) -> None:
        """Raise the error of `failure`, if there is one."""
        if (error := self.failure()) is not None:
            raise error

    def failure(self) -> SsmxError | None:
        """ReaderGone, HungUp or LocalFault where nothing can be written any more."""
        if self.fault is None:
            return None
        match self.fault.errno:
            case errno.EPIPE | errno.ECONNRESET:
                return ReaderGone("nobody reads our standard output any more")
            case errno.EIO:
                return HungUp("the terminal is gone")
            case _:
                said = f"cannot write what the node prints: {self.fault.strerror}"
                return LocalFault(said, hint="make room there")

    @property
    def deserted(self) -> bool:
        """Whether nobody reads any more, as far as the system tells before something is written."""
        watched = select.poll()
        watched.register(self._descriptor, 0)
        return any(events & (select.POLLERR | select.POLLHUP) for _, events in watched.poll(0))

    def close(self) -> None:
        """Give back what was opened."""
        asyncio.get_running_loop().remove_writer(self._descriptor)
        if self._socket is not None:
            self._socket.detach()
        if self._ours:
            os.close(self._descriptor)

    def _write(self, data: bytes | bytearray) -> int:
        if self._socket is not None:
            return self._socket.send(data, socket.MSG_DONTWAIT)
        return os.write(self._descriptor, data)

    def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                del self._waiting[: self._write(self._waiting[: 1 << 16])]
        except BlockingIOError:
            self._drained.clear()
            loop.add_writer(self._descriptor, self._flush)
            return
        except OSError as fault:  # EPIPE, EIO: nobody looks any more; ENOSPC
            self._waiting.clear()
            self.fault = fault
        if not self._drained.is_set():
            loop.remove_writer(self._descriptor)
            self._drained.set()


def _own_description(descriptor: int) -> tuple[int, bool]:
    """A non-blocking descriptor for the same file, and whether it is ours to close.

    O_NONBLOCK belongs to the open file description, which we share with the shell that started us: setting it
    there would break that shell. A terminal or a Linux pipe can be opened again; a socket is told with each write.
    """
    try:
        if os.isatty(descriptor):
            path = os.ttyname(descriptor)
        elif stat.S_ISFIFO(os.fstat(descriptor).st_mode) and sys.platform == "linux":
            path = f"/proc/self/fd/{descriptor}"
        else:
            return descriptor, False
        return os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY), True
    except OSError:
        return descriptor, False


def _socket(descriptor: int) -> socket.socket | None:
    """The descriptor as a socket, if it is one; to be detached, because it is not ours."""
    try:
        if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            return socket.socket(fileno=descriptor)
    except OSError:
        pass
    return None
