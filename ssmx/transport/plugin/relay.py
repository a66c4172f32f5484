"""Relay a plugin's terminal to the user's: keys one way, what the node prints the other, chatter removed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from ssmx.errors import HungUp, Interrupted, NoPlugin, SsmxError
from ssmx.model.plan import Plan
from ssmx.model.plugin import Plugin
from ssmx.model.session import Session
from ssmx.transport.ending import quiet, wrong_type
from ssmx.transport.escapes import HELP, Escape, Escapes
from ssmx.transport.interrupt import Interrupt, fail, fail_with
from ssmx.transport.plugin.chatter import Chatter, Said
from ssmx.transport.plugin.failure import failure
from ssmx.transport.plugin.patience import CtrlC, Silence
from ssmx.transport.plugin.process import PluginProcess
from ssmx.transport.question import Questions
from ssmx.transport.terminal import Keyboard, Screen, attached, size

_CTRL_C = b"\x03"
_START_SECONDS = 10.0  # every version prints its first line at once
_QUIET_SECONDS = 3.0  # a command such as `cat` prints nothing, and waits for keys
_LONG_QUIET_SECONDS = 8.0  # by then a channel is open or will never be; the plugin does not say which
_HOLD_SECONDS = 0.03  # the plugin writes each line at once
_LAST_SECONDS = 2.0  # from its last word to its end
_LONGEST_LINE = 300
_BACKLOG = 1 << 16  # bytes typed or pasted that the plugin has not taken; the rest waits in the terminal


class Relay:
    """One session with a terminal at the local end, carried by `process`. Made on the event loop.

    `reach()` raises what keeps this machine from the data channel; `is_open()` is whether the service holds the
    session open. Both are asked where the plugin leaves us in doubt.
    """

    def __init__(
        self,
        process: PluginProcess,
        session: Session,
        plan: Plan,
        plugin: Plugin,
        interrupt: Interrupt,
        *,
        reach: Callable[[], Awaitable[None]],
        is_open: Callable[[], Awaitable[bool]],
        note: Callable[[str], None],
        escapes: bool,
    ) -> None:
        self._process = process
        self._plan = plan
        self._plugin = plugin
        self._interrupt = interrupt
        self._reach = reach
        self._is_open = is_open
        self._note = note
        self._loop = asyncio.get_running_loop()
        self._chatter = Chatter(session.id)
        self._keyboard = Keyboard(typed=self._typed, resized=self._resize)
        self._screen = Screen()
        self._escapes = Escapes(on=escapes, twice=plugin.escapes)
        self._silence = Silence()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._over = False  # nothing is taken from the plugin or given to it any more
        self._typing = bytearray()  # not yet taken by the plugin
        self._questions = Questions(show=self._screen.write, asked=self._take_keys)
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.sent = 0
        self.received = 0

    @property
    def opened(self) -> bool:
        """Whether the data channel stood: the node has said something."""
        return self._silence.heard

    async def run(self) -> None:
        """Relay until the session ends. Raises what ended it badly; the terminal is restored in every case."""
        self._begin(self._wait())
        self._later("start", _START_SECONDS, self._check_start)
        self._listen()
        async with attached(self._keyboard, self._screen, self._interrupt):
            try:
                self._resize()
                await self._interrupt.beside(asyncio.shield(self._ended))
            finally:
                self._leave()

    def _leave(self) -> None:
        """Take nothing from the plugin and give it nothing any more."""
        self._over = True
        for task in list(self._tasks):
            task.cancel()
        for timer in self._timers.values():
            timer.cancel()
        self._loop.remove_reader(self._process.master)
        self._loop.remove_writer(self._process.master)
        self._questions.end()

    def ask(self, question: str) -> str:
        """Ask the user for a secret in the middle of the session. For other threads; raises SignInExpired."""
        return self._questions.ask(question)

    def tell(self, text: str) -> None:
        """Tell the user something in the middle of the session, in one line and without control characters."""
        line = "".join(each if each.isprintable() else " " for each in text)[:_LONGEST_LINE]
        if self._keyboard.started:
            self._screen.write(f"\r\nssmx: {line}\r\n".encode())
        else:
            self._note(line)

    # from the plugin

    async def _wait(self) -> None:
        """The end of the process is the end of the session, once all it printed is read."""
        status = await self._process.wait()
        while data := self._process.read():
            self._print(self._chatter.take(data))
            await self._screen.room()
            self._screen.check()
        self._conclude(f"was killed by signal {-status}" if status < 0 else f"ended with status {status}")

    def _conclude(self, how: str) -> None:
        """It ends, or has to: `how` is told where its words do not tell why."""
        rest, words = self._chatter.finish()
        self._print(rest)
        if words.said is not Said.EXITING:
            fail(self._ended, failure(words, self._plan, self._plugin, heard=self._silence.heard, how=how))
        elif not self._ended.done():
            self._ended.set_result(None)

    def _listen(self) -> None:
        self._loop.add_reader(self._process.master, self._readable)
        self._hold()

    async def _listen_later(self) -> None:
        await self._screen.room()
        if not self._over:
            self._listen()

    def _readable(self) -> None:
        data = self._process.read()
        if data is None:
            return
        if not data:
            # It has closed its terminal: it ends, or it never will.
            self._loop.remove_reader(self._process.master)
            closed = "closed its terminal and did not end"
            self._later("last", _LAST_SECONDS, lambda: self._conclude(closed))
            return
        self._print(self._chatter.take(data))
        if (gone := self._screen.failure()) is not None:
            fail(self._ended, gone)
        elif self._chatter.lost:
            fail(self._ended, NoPlugin(f"{self._plugin.label} is none: it prints other things"))
        elif self._chatter.port:
            fail(self._ended, wrong_type(self._plan, "Port"))
        if self._chatter.started and "quiet" not in self._timers:
            self._later("quiet", _QUIET_SECONDS, self._take_keys)
            self._later("long", _LONG_QUIET_SECONDS, lambda: self._begin(self._doubt()))
        if self._screen.full:
            # Nothing is held against the clock while we do not look what follows it.
            self._loop.remove_reader(self._process.master)
            self._stop_timer("hold")
            self._begin(self._listen_later())
        else:
            self._hold()

    def _hold(self) -> None:
        """What may be a last word is shown, if nothing makes it one; a last word is followed by the end."""
        self._stop_timer("hold")
        if self._chatter.last:
            self._later("hold", _LAST_SECONDS, lambda: self._begin(self._doubt_the_end()))
        elif self._chatter.waits:
            # The first that comes, with nothing after it, is rather the plugin's than the node's.
            seconds = _HOLD_SECONDS if self._silence.heard else _QUIET_SECONDS
            self._later("hold", seconds, lambda: self._print(self._chatter.release()))

    async def _doubt_the_end(self) -> None:
        """It has told the end, and lives on: it hangs, or it was the node that printed such a line."""
        try:
            goes_on = await self._is_open()
        except SsmxError:
            goes_on = False
        if not goes_on:
            self._conclude("did not end")
        elif self._chatter.last:
            self._print(self._chatter.release())

    def _print(self, data: bytes) -> None:
        if not data:
            return
        self.received += len(data)
        self._silence.broken()
        self._take_keys()
        self._screen.write(data)

    # before the node has said anything

    def _take_keys(self) -> None:
        if self._keyboard.started or self._over:
            return
        if not self._silence.heard and not self._questions.open:
            self._note(quiet(self._plan))
        self._keyboard.start()

    def _check_start(self) -> None:
        if not self._chatter.started:
            said = f"{self._plugin.label} has said nothing in {_START_SECONDS:.0f} seconds"
            fail(self._ended, NoPlugin(said))

    async def _doubt(self) -> None:
        """The plugin says nothing where it cannot reach the data channel: find out."""
        if self._silence.heard:
            return
        await self._reach()  # its error is the end
        if not self._silence.heard:
            self.tell(f"still nothing from {self._plan.target.label}, though the way there is open; Ctrl-C ends")

    # from the keyboard

    def _resize(self) -> None:
        self._process.resize(*size())

    def _typed(self, data: bytes) -> None:
        if self._over:
            return
        if not data:
            fail(self._ended, HungUp("the terminal is gone"))
            return
        if self._questions.typed(data):
            return
        if _CTRL_C in data:
            match self._silence.ctrl_c():
                case CtrlC.LEAVE:
                    fail(self._ended, Interrupted("interrupted while nothing answered"))
                    return
                case CtrlC.WARN:
                    seconds = self._silence.seconds
                    self.tell(f"nothing has come for {seconds:.0f} seconds; Ctrl-C again ends the session")
                case CtrlC.KEY:
                    pass
        for part in self._escapes.take(data):
            match part:
                case Escape.END:
                    fail(self._ended, Interrupted("ended with ~."))
                    return
                case Escape.HELP:
                    self._screen.write(HELP)
                case bytes():
                    self.sent += len(part)
                    self._typing += part
        self._process.keep_raw()
        self._type()

    def _type(self) -> None:
        """Give the plugin what was typed, as fast as it takes it."""
        if self._over:
            return
        del self._typing[: self._process.write(self._typing[: 1 << 16])]
        if self._typing:
            self._loop.add_writer(self._process.master, self._type)
        else:
            self._loop.remove_writer(self._process.master)
        self._keyboard.flow(on=len(self._typing) < _BACKLOG)

    # timers and tasks, which end with the session

    def _later(self, name: str, seconds: float, callback: Callable[[], object]) -> None:
        self._stop_timer(name)
        if not self._over:
            self._timers[name] = self._loop.call_later(seconds, callback)

    def _stop_timer(self, name: str) -> None:
        if name in self._timers:
            self._timers.pop(name).cancel()

    def _begin(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        fail_with(task, self._ended)
