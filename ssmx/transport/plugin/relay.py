"""Relay a plugin's terminal to the user's: keys one way, what the node prints the other, chatter removed."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import suppress

from ssmx.errors import HungUp, Interrupted, NoPlugin, SignInExpired, SsmxError
from ssmx.model.plan import Plan
from ssmx.model.plugin import Plugin
from ssmx.model.session import Session
from ssmx.transport.ending import wrong_type
from ssmx.transport.interrupt import Interrupt, fail
from ssmx.transport.plugin.chatter import Chatter, Said
from ssmx.transport.plugin.failure import failure
from ssmx.transport.plugin.process import PluginProcess
from ssmx.transport.terminal import Keyboard, Screen, size

_CTRL_C = b"\x03"
_START_SECONDS = 10.0  # every version prints its first line at once
_QUIET_SECONDS = 3.0  # a command such as `cat` prints nothing, and waits for keys
_LONG_QUIET_SECONDS = 15.0  # by then a channel is open or will never be; the plugin does not say which
_HOLD_SECONDS = 0.03  # the plugin writes each line at once
_LAST_SECONDS = 2.0  # from its last word to its end
_UNANSWERED_SECONDS = 5.0
_BACKLOG = 1 << 16  # bytes typed or pasted that the plugin has not taken; the rest waits in the terminal


class Relay:
    """One session with a terminal at the local end, carried by `process`. Made on the event loop."""

    def __init__(
        self,
        process: PluginProcess,
        session: Session,
        plan: Plan,
        plugin: Plugin,
        interrupt: Interrupt,
        *,
        note: Callable[[str], None],
    ) -> None:
        self._process = process
        self._plan = plan
        self._plugin = plugin
        self._interrupt = interrupt
        self._note = note
        self._loop = asyncio.get_running_loop()
        self._chatter = Chatter(session.id)
        self._keyboard = Keyboard(typed=self._typed, resized=lambda: process.resize(*size()))
        self._screen = Screen()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._typing = bytearray()  # not yet taken by the plugin
        self._holding: asyncio.TimerHandle | None = None
        self._timers: list[asyncio.TimerHandle] = []
        self._waiting_for_room: asyncio.Future[None] | None = None
        self._question: _Question | None = None
        self._ready = False
        self._heard = False
        self._unanswered = 0.0  # when the first Ctrl-C was typed that nothing has answered
        self._warned = False
        self.sent = 0
        self.received = 0

    @property
    def opened(self) -> bool:
        """Whether the plugin has taken the session."""
        return self._chatter.started

    async def run(self) -> None:
        """Relay until the session ends. Raises what ended it badly; the terminal is restored in every case."""
        waiting = asyncio.create_task(self._wait())
        waiting.add_done_callback(self._done)
        self._timers = [
            self._loop.call_later(_START_SECONDS, self._check_start),
            self._loop.call_later(_LONG_QUIET_SECONDS, self._say_quiet),
        ]
        self._loop.add_reader(self._process.master, self._readable)
        try:
            with self._keyboard.watched():
                await self._interrupt.beside(asyncio.shield(self._ended))
        except SsmxError:
            if self._ready and os.isatty(1):
                self._screen.write(b"\r\n")  # what went wrong stands on a line of its own
            raise
        finally:
            waiting.cancel()
            self._loop.remove_reader(self._process.master)
            self._loop.remove_writer(self._process.master)
            for timer in [*self._timers, *([self._holding] if self._holding else [])]:
                timer.cancel()
            if self._question is not None:
                self._question.give_up()
            try:
                await self._screen.finish(self._keyboard, self._interrupt)
            finally:
                self._keyboard.stop()
                self._screen.close()
        self._screen.check()
        self._interrupt.check()

    def ask(self, question: str) -> str:
        """Ask the user for a secret in the middle of the session. For other threads; raises SignInExpired."""
        return asyncio.run_coroutine_threadsafe(self._ask(question), self._loop).result()

    def tell(self, text: str) -> None:
        """Tell the user something in the middle of the session."""
        if self._ready:
            self._screen.write(f"\r\nssmx: {text}\r\n".encode())
        else:
            self._note(text)

    # from the plugin

    async def _wait(self) -> None:
        """The end of the process is the end of the session, once all it printed is read."""
        status = await self._process.wait()
        while data := self._process.read():
            self._print(self._chatter.take(data))
            await self._screen.room()
            self._screen.check()
        rest, words = self._chatter.finish()
        self._print(rest)
        if words.said is not Said.EXITING:
            raise failure(words, self._plan, self._plugin, ready=self._heard, status=status)

    def _done(self, waiting: asyncio.Task[None]) -> None:
        if waiting.cancelled():
            return
        if (error := waiting.exception()) is not None:
            fail(self._ended, error)
        elif not self._ended.done():
            self._ended.set_result(None)

    def _readable(self) -> None:
        data = self._process.read()
        if data is None:
            return
        if not data:
            # It has closed its terminal: it ends, or it never will.
            self._loop.remove_reader(self._process.master)
            self._timers.append(self._loop.call_later(_LAST_SECONDS, self._overdue))
            return
        self._print(self._chatter.take(data))
        if self._chatter.lost:
            fail(self._ended, NoPlugin(f"{self._plugin.label} is none: it prints other things"))
        elif self._chatter.port:
            fail(self._ended, wrong_type(self._plan, "Port"))
        if self._chatter.started and not self._ready:
            self._timers.append(self._loop.call_later(_QUIET_SECONDS, self._begin))
        self._hold()

    def _hold(self) -> None:
        """What may be a last word is shown, if nothing makes it one; a last word is followed by the end."""
        if self._holding is not None:
            self._holding.cancel()
            self._holding = None
        if self._chatter.last:
            self._holding = self._loop.call_later(_LAST_SECONDS, self._overdue)
        elif self._chatter.waits:
            self._holding = self._loop.call_later(_HOLD_SECONDS, self._let_go)

    def _let_go(self) -> None:
        self._print(self._chatter.release())

    def _overdue(self) -> None:
        """It has said that the session is over, or cannot say anything any more, and does not end."""
        _, words = self._chatter.finish()
        if words.said is Said.EXITING:
            if not self._ended.done():
                self._ended.set_result(None)
        else:
            fail(self._ended, failure(words, self._plan, self._plugin, ready=self._heard, status=0))

    def _print(self, data: bytes) -> None:
        if not data:
            return
        self.received += len(data)
        self._unanswered = 0.0
        self._warned = False
        if not self._heard:
            self._heard = True
            self._begin()
        self._screen.write(data)
        if self._screen.fault is not None:
            try:
                self._screen.check()
            except SsmxError as error:
                fail(self._ended, error)
        elif self._screen.full and not self._ended.done():
            self._loop.remove_reader(self._process.master)
            self._waiting_for_room = asyncio.ensure_future(self._read_again())

    async def _read_again(self) -> None:
        await self._screen.room()
        if not self._ended.done() and not self._interrupt.came:
            self._loop.add_reader(self._process.master, self._readable)

    # before the node has said anything

    def _begin(self) -> None:
        """Take keys from here on."""
        if self._ready or self._ended.done() or self._interrupt.came:
            return
        if not self._heard and self._question is None:
            self._note(f"nothing from {self._plan.target.label} yet; Ctrl-C ends")
        self._ready = True
        self._keyboard.start()

    def _check_start(self) -> None:
        if not self._chatter.started:
            said = f"{self._plugin.label} has said nothing in {_START_SECONDS:.0f} seconds"
            fail(self._ended, NoPlugin(said))

    def _say_quiet(self) -> None:
        if not self._heard and not self._ended.done():
            self.tell(
                f"still nothing from {self._plan.target.label}. The plugin says nothing where it cannot reach"
                " ssmmessages; Ctrl-C ends, `--transport native` tells why"
            )

    # from the keyboard

    def _typed(self, data: bytes) -> None:
        if not data:
            fail(self._ended, HungUp("the terminal is gone"))
        elif self._question is not None:
            self._question.typed(data)
        elif _CTRL_C in data and self._leaves():
            fail(self._ended, Interrupted("interrupted while nothing answered"))
        else:
            self.sent += len(data)
            self._typing += data
            self._type()

    def _leaves(self) -> bool:
        """Whether this Ctrl-C is for us: nobody has ever answered, or not for long, and the user was told."""
        if not self._heard:
            return True
        now = time.monotonic()
        if not self._unanswered:
            self._unanswered = now
        elif self._warned:
            return True
        elif now - self._unanswered > _UNANSWERED_SECONDS:
            seconds = now - self._unanswered
            self.tell(f"nothing has come for {seconds:.0f} seconds; Ctrl-C again ends the session")
            self._warned = True
        return False

    def _type(self) -> None:
        """Give the plugin what was typed, as fast as it takes it."""
        del self._typing[: self._process.write(self._typing[: 1 << 16])]
        if self._typing:
            self._loop.add_writer(self._process.master, self._type)
        else:
            self._loop.remove_writer(self._process.master)
        self._keyboard.flow(on=len(self._typing) < _BACKLOG)

    async def _ask(self, question: str) -> str:
        while self._question is not None:
            with suppress(SignInExpired):
                await self._question.answer
        self._question = _Question(question, self._screen)
        self._begin()
        try:
            return await self._question.answer
        finally:
            self._question = None


class _Question:
    """A line typed without echo, while the session waits."""

    def __init__(self, question: str, screen: Screen) -> None:
        self.answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._screen = screen
        self._line = bytearray()
        screen.write(f"\r\nssmx: {question}".encode())

    def typed(self, data: bytes) -> None:
        for byte in data:
            match byte:
                case 0x0D | 0x0A:
                    self._screen.write(b"\r\n")
                    if not self.answer.done():
                        self.answer.set_result(self._line.decode("utf-8", "replace"))
                    return
                case 0x03 | 0x04:
                    self._screen.write(b"\r\n")
                    self.give_up()
                    return
                case 0x08 | 0x7F:
                    del self._line[-1:]
                case 0x15:
                    self._line.clear()
                case _:
                    self._line.append(byte)

    def give_up(self) -> None:
        if not self.answer.done():
            self.answer.set_exception(SignInExpired("the sign-in was not renewed", hint="sign in again"))
