"""An agent's duty in a command without a terminal (AWS-StartNonInteractiveCommand).

As amazon-ssm-agent 3.3.0.0: the words go to the program without a shell; with separate outputs the errors and the
exit status come apart, without them everything comes at the end and no status. Nothing can be typed, but two bytes
are signals.
"""

from __future__ import annotations

import asyncio
import shlex
import signal
import subprocess
from pathlib import Path

from ssmx.channel.frame import Message
from ssmx.channel.payload import PayloadType
from ssmx.channel.reliable import CHUNK
from ssmx.sandbox.duty import Post
from ssmx.sandbox.shell import environment, kill_session

_SIGNALS = {0x03: signal.SIGINT, 0x1C: signal.SIGQUIT}
_LOOK = 0.02  # seconds between two looks whether somebody listens again


class Command:
    """`separate`: whether the errors and the status are told apart, which takes a new agent."""

    def __init__(self, post: Post, *, home: Path, host: str, command: str, separate: bool) -> None:
        self._post = post
        self._home = home
        self._host = host
        self._command = command
        self._separate = separate
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def begin(self) -> None:
        self._task = asyncio.create_task(self._run())

    def take(self, message: Message) -> None:
        self._post.acknowledge(message)
        if message.payload_type == PayloadType.OUTPUT and self._process is not None:
            for byte in message.payload:
                if byte in _SIGNALS and self._process.returncode is None:
                    self._process.send_signal(_SIGNALS[byte])

    def attend(self) -> None:
        """Whether somebody listens is looked at before each read."""

    def close(self) -> None:
        self.kill()
        if self._task is not None:
            self._task.cancel()

    def kill(self) -> None:
        if self._process is not None:
            kill_session(self._process.pid)  # what it left in the background too

    async def _run(self) -> None:
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            words = shlex.split(self._command)
            self._process = await asyncio.create_subprocess_exec(
                *words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE if self._separate else subprocess.STDOUT,
                cwd=self._home,
                env=environment(self._home, self._host, "/bin/sh"),
                start_new_session=True,
                limit=CHUNK,
            )
        except (OSError, ValueError, TypeError) as error:
            self._not_started(error)
            return
        process = self._process
        assert process.stdout is not None
        if self._separate:
            assert process.stderr is not None
            await asyncio.gather(
                self._tell(process.stdout, PayloadType.OUTPUT), self._tell(process.stderr, PayloadType.STDERR)
            )
            status = await process.wait()
            # Go has no better number than -1 for a command that a signal ended.
            self._post.say(PayloadType.EXIT_CODE, b"EXIT_CODE: %d" % max(status, -1))
        else:
            said = await process.stdout.read(-1)
            await process.wait()
            for start in range(0, len(said), CHUNK):
                self._post.say(PayloadType.OUTPUT, said[start : start + CHUNK])
        self._post.end("")

    async def _tell(self, stream: asyncio.StreamReader, kind: PayloadType) -> None:
        while data := await stream.read(CHUNK):
            self._post.say(kind, data)
            while not self._post.listens():
                await asyncio.sleep(_LOOK)

    def _not_started(self, error: Exception) -> None:
        text = f"Error occurred starting the command: {error}\n"
        if not self._separate:
            self._post.fail(text)
            return
        self._post.say(PayloadType.EXIT_CODE, b"EXIT_CODE: 1")
        self._post.say(PayloadType.STDERR, text.encode(errors="replace"))
        self._post.end("")
