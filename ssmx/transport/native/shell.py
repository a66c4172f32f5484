"""A session with a terminal at the local end."""

from __future__ import annotations

from ssmx.channel.events import Event, Notice, Output, Ready
from ssmx.errors import HungUp, Interrupted, SignInExpired, SsmxError
from ssmx.model.plan import Plan
from ssmx.model.wording import printable
from ssmx.transport.ending import closed, quiet
from ssmx.transport.escapes import HELP, Escape, Escapes
from ssmx.transport.interrupt import Interrupt
from ssmx.transport.native.driver import Driver
from ssmx.transport.native.support import Support
from ssmx.transport.question import Questions
from ssmx.transport.terminal import Keyboard, Screen, attached, size

_CTRL_C = b"\x03"


class Shell:
    """The user's terminal. Made on the event loop; run it once, with the driver that was made with it."""

    def __init__(self, plan: Plan, support: Support, interrupt: Interrupt) -> None:
        self._plan = plan
        self._support = support
        self._interrupt = interrupt
        self._driver: Driver | None = None
        self._keyboard = Keyboard(typed=self._typed, resized=self._resize)
        self._screen = Screen()
        self._questions = Questions(show=self._screen.write, asked=self.settle)
        self._declined = False
        self._escapes = Escapes(on=support.escapes)
        self.sent = 0
        self.received = 0

    async def run(self, driver: Driver) -> int:
        """Carry until the session ends; the terminal is restored in every case. Gives the exit status."""
        self._driver = driver
        async with attached(self._keyboard, self._screen, self._interrupt):
            self._resize()
            try:
                with self._support.asked_here(self._ask):
                    reason = await self._interrupt.beside(driver.run(self))
            finally:
                self._questions.end()
            if reason.strip():
                raise closed(reason, self._plan, ready=self._keyboard.started)
        return 0

    def _ask(self, question: str) -> str:
        """Ask for a secret, once: who does not answer is not asked again each time that resuming is tried."""
        if self._declined:
            raise SignInExpired("the sign-in was not renewed")
        try:
            return self._questions.ask(question)
        except SignInExpired:
            self._declined = True
            raise

    # the driver's End

    def handle(self, event: Event) -> None:
        """Show output and notices; take keys once the session is ready."""
        match event:
            case Output(data):
                self.received += len(data)
                self._screen.write(data)
            case Ready(session_type, agent_version):
                self._start(session_type, agent_version)
            case Notice(text):
                self._screen.write(printable(text).encode() + b"\r\n")
            case _:
                pass

    def settle(self) -> None:
        """A paste waits in the terminal, not in our memory; where the connection is lost, Ctrl-C must be heard."""
        self._screen.check()
        if self._driver is not None:
            has_room = self._driver.channel.room > 0
            self._keyboard.flow(on=has_room or not self._driver.connected or self._questions.open)

    @property
    def full(self) -> bool:
        """Whether the terminal is behind."""
        return self._screen.full

    async def room(self) -> None:
        """Wait for the terminal."""
        await self._screen.room()

    def tell(self, text: str) -> None:
        """Tell the user something, on a line of its own."""
        if self._keyboard.started:
            self._screen.write(f"\r\nssmx: {text}\r\n".encode())
        else:
            self._support.note(text)

    def _start(self, session_type: str, agent_version: str) -> None:
        assert self._driver is not None
        self._support.detail(f"session ready: {session_type or 'no handshake'} {agent_version}".rstrip())
        if not self._driver.channel.heard:
            self._support.note(quiet(self._plan))
        self._keyboard.start()

    # the keyboard

    def _resize(self) -> None:
        if self._driver is not None:
            self._driver.channel.resize(*size())
            self._driver.flush()

    def _typed(self, data: bytes) -> None:
        driver = self._driver
        if driver is None or self._questions.typed(data):
            return
        if error := self._leaves(data, driver):
            driver.fail(error)
            return
        for part in self._escapes.take(data):
            match part:
                case Escape.END:
                    driver.fail(Interrupted("ended with ~."))
                    return
                case Escape.HELP:
                    self._screen.write(HELP)
                case bytes():
                    self.sent += len(part)
                    driver.channel.send(part)
        driver.flush()
        self.settle()

    def _leaves(self, data: bytes, driver: Driver) -> SsmxError | None:
        if not data:
            return HungUp("the terminal is gone")
        if _CTRL_C in data and not driver.channel.heard:
            # A node that has said nothing at all, not even that it got our size, cannot be interrupted by a byte.
            return Interrupted("interrupted before the node answered")
        if _CTRL_C in data and driver.outage_told:
            return Interrupted("interrupted while the connection was lost")
        return None
