"""An agent's duty in a shell or an interactive command: a pty."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from pathlib import Path

from ssmx.channel import payload
from ssmx.channel.frame import Message
from ssmx.channel.payload import PayloadType
from ssmx.sandbox.duty import Post
from ssmx.sandbox.shell import Shell
from ssmx.sandbox.utf8 import Cutter

_AT_ONCE = 64 * 1024  # bytes read at a turn, so that acknowledgements get theirs


class Terminal:
    """`first_output` is how long it waits before it prints, in seconds; a real agent waits 1."""

    def __init__(
        self, post: Post, *, home: Path, host: str, command: str, profile: str, first_output: float
    ) -> None:
        self._post = post
        self._profile = profile
        self._first_output = first_output
        self._loop = asyncio.get_running_loop()
        self._shell = Shell(home=home, host=host, command=command, on_exit=self._ended_elsewhere)
        self._cutter = Cutter()
        self._typed: deque[tuple[Message, bytes]] = deque()  # not yet taken by the terminal
        self._speaks = self._reading = self._over = False

    @property
    def pid(self) -> int | None:
        return self._shell.pid

    def begin(self) -> None:
        if self._profile:
            self._shell.write(self._profile.encode() + b"\n")
        self._loop.call_later(self._first_output, self._speak)

    def take(self, message: Message) -> None:
        """A message is acknowledged when the terminal has all of it."""
        if message.payload_type == PayloadType.OUTPUT:
            self._typed.append((message, message.payload))
            self._type()
            return
        self._post.acknowledge(message)
        if message.payload_type == PayloadType.SIZE:
            self._shell.resize(*payload.parse_size(message.payload))

    def attend(self) -> None:
        if self._shell.master < 0:
            return
        wanted = self._speaks and self._post.listens()
        if wanted and not self._reading:
            self._loop.add_reader(self._shell.master, self._printed)
        elif self._reading and not wanted:
            self._loop.remove_reader(self._shell.master)
        self._reading = wanted

    def close(self) -> None:
        self._over = True
        if self._shell.master >= 0:
            self._loop.remove_reader(self._shell.master)
            self._loop.remove_writer(self._shell.master)
            self._reading = False
            self._shell.close()

    def kill(self) -> None:
        self._shell.kill()

    def _speak(self) -> None:
        self._speaks = True
        self.attend()

    def _printed(self, most: int = _AT_ONCE) -> None:
        while most > 0 and (data := self._shell.read(most)):
            most -= len(data)
            for piece in self._cutter.cut(data):
                self._post.say(PayloadType.OUTPUT, piece)
        self.attend()

    def _ended_elsewhere(self) -> None:
        with suppress(RuntimeError):  # the loop is gone: so is the sandbox
            self._loop.call_soon_threadsafe(self._ended)

    def _ended(self) -> None:
        if not self._over:
            self._printed(most=1 << 30)
            self.close()
            self._post.end("")

    def _type(self) -> None:
        while self._typed and self._shell.master >= 0:
            message, rest = self._typed[0]
            rest = rest[self._shell.write(rest) :]
            if rest:
                self._typed[0] = (message, rest)
                self._loop.add_writer(self._shell.master, self._type)
                return
            self._typed.popleft()
            self._post.acknowledge(message)
            self._loop.remove_writer(self._shell.master)
