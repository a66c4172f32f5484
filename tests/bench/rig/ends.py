"""What the agent puts at its end of a session: a shell, a command, or ports."""

import asyncio
import fcntl
import json
import os
import pty
import signal
import struct
import termios
from contextlib import suppress

from tests.bench.rig import smux, wire

READ_SIZE = 65536
TERMINAL_CHUNK = 4096
REAP_INTERVAL = 0.002
KEY_SIGNALS = {0x03: signal.SIGINT, 0x1C: signal.SIGQUIT, 0x1A: signal.SIGTSTP}


class Shell:
    """A program in a terminal."""

    def __init__(self, session, command=""):
        self.session, self.command = session, command
        self.pid = self.terminal = None
        self.ended = self.waiting = False
        self.keys = bytearray()

    def start(self):
        options = self.session.options
        words = ["/bin/sh", "-c", self.command] if self.command else options.shell.split()
        pid, terminal = pty.fork()
        if pid == 0:
            for name in [name for name in os.environ if name.startswith("AWS_")]:
                del os.environ[name]
            os.environ.update(TERM="xterm-256color", PS1=options.ps1, HISTFILE="/dev/null")
            try:
                os.execvp(words[0], words)
            finally:
                os._exit(127)
        self.pid, self.terminal = pid, terminal
        self.loop = asyncio.get_running_loop()
        os.set_blocking(terminal, False)
        self.resize(24, 80)
        self.pause(self.session.held)

    def resize(self, rows, columns):
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def readable(self):
        try:
            data = os.read(self.terminal, READ_SIZE)
        except BlockingIOError:
            return
        except OSError:  # EIO: nobody has the other side open any more
            data = b""
        if data:
            self.session.send_output(data)
            return
        self.ended = True
        self.loop.remove_reader(self.terminal)
        self.loop.remove_writer(self.terminal)
        self.waiting = False
        self.keys.clear()
        self.session.spawn(self.finished())

    async def finished(self):
        status = await self.reap()
        self.pid = None
        self.session.event("shell_exit", status=status)
        os.close(self.terminal)
        self.terminal = None
        await self.session.finish("")

    async def reap(self):
        """The exit status. The terminal can close before its program ends."""
        with suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    return os.waitstatus_to_exitcode(status)
                await asyncio.sleep(REAP_INTERVAL)
        return 0

    def pause(self, on):
        if self.terminal is None or self.ended:
            return
        if on:
            self.loop.remove_reader(self.terminal)
        else:
            self.loop.add_reader(self.terminal, self.readable)

    def input(self, message):
        if message.payload_type == wire.OUTPUT:
            self.keys += message.payload
            if not self.waiting:
                self.flush()
        elif message.payload_type == wire.SIZE:
            size = json.loads(message.payload)
            self.session.event("size", **size)
            if self.terminal is not None:
                self.resize(size["rows"], size["cols"])

    def flush(self):
        if self.waiting:
            self.waiting = False
            self.loop.remove_writer(self.terminal)
        while self.keys and self.terminal is not None:
            try:
                taken = os.write(self.terminal, self.keys[:TERMINAL_CHUNK])
            except BlockingIOError:
                self.waiting = True
                self.loop.add_writer(self.terminal, self.flush)
                return
            except OSError:
                self.keys.clear()
                return
            del self.keys[:taken]

    def stop(self):
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGHUP)


class Command:
    """A program without a terminal; its errors and exit status come apart if so wanted."""

    def __init__(self, session, command, separate):
        self.session, self.command, self.separate = session, command, separate
        self.process = None
        self.open = asyncio.Event()

    def start(self):
        self.pause(self.session.held)
        self.session.spawn(self.run())

    async def run(self):
        pipe = asyncio.subprocess.PIPE
        self.process = await asyncio.create_subprocess_exec(
            "/bin/sh",
            "-c",
            self.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe if self.separate else asyncio.subprocess.STDOUT,
        )
        pumps = [self.pump(self.process.stdout, wire.OUTPUT)]
        if self.separate:
            pumps.append(self.pump(self.process.stderr, wire.STANDARD_ERROR))
        await asyncio.gather(*pumps)
        status = await self.process.wait()
        if self.separate:
            self.session.send_stream(wire.EXIT_CODE, b"EXIT_CODE: %d" % status)
        await self.session.finish("")

    async def pump(self, source, payload_type):
        while data := await source.read(self.session.options.payload_size):
            await self.open.wait()
            self.session.send_stream(payload_type, data)

    def pause(self, on):
        (self.open.clear if on else self.open.set)()

    def input(self, message):
        if message.payload_type != wire.OUTPUT or not self.process or self.process.returncode is not None:
            return
        for key in message.payload:
            if number := KEY_SIGNALS.get(key):
                self.process.send_signal(number)
                self.session.event("signal", signal=int(number))
                return

    def stop(self):
        if self.process and self.process.returncode is None:
            self.process.kill()


class Mux:
    """A port with many connections at a time."""

    def __init__(self, session):
        self.session = session
        self.server = smux.Server(session, session.options.smux_version)

    def start(self):
        """Nothing: the client opens streams."""

    def input(self, message):
        if message.payload_type == wire.OUTPUT:
            self.server.feed(message.payload)
        elif message.payload_type == wire.FLAG:
            number = wire.flag(message.payload)
            self.session.event("flag", flag=number)
            if number == wire.TERMINATE_SESSION:
                self.session.spawn(self.session.finish(""))

    def pause(self, on):
        for stream in self.server.streams.values():
            stream.pause(on)

    def stop(self):
        self.server.close()


class Basic(asyncio.Protocol):
    """A port with one connection at a time; or the stream of ssh, which ends with its connection."""

    def __init__(self, session, *, once):
        self.session, self.once = session, once
        self.transport = None
        self.pending = []
        self.dialing = False
        self.blocked = False

    def start(self):
        """The agent dials before anybody has connected to the client."""
        self.dial()

    def dial(self):
        self.dialing = True
        self.session.spawn(self._dial())

    async def _dial(self):
        try:
            await asyncio.get_running_loop().create_connection(lambda: self, *self.session.target)
        except OSError as error:
            self.session.event("dial_failed", error=str(error))
            await self.session.finish(f"Unable to connect to specified port: {error}")
        self.dialing = False

    def connection_made(self, transport):
        self.transport = transport
        transport.set_write_buffer_limits(high=smux.WRITE_LIMIT)
        self.pause(self.session.held)
        for data in self.pending:
            transport.write(data)
        self.pending = []

    def data_received(self, data):
        self.session.send_output(data)

    def pause_writing(self):
        if not self.blocked:
            self.blocked = True
            self.session.target_blocked(+1)

    def resume_writing(self):
        if self.blocked:
            self.blocked = False
            self.session.target_blocked(-1)

    def connection_lost(self, exc):
        self.resume_writing()
        self.transport = None
        if self.once:
            self.session.spawn(self.session.finish(""))

    def input(self, message):
        if message.payload_type == wire.OUTPUT:
            if self.transport:
                self.transport.write(message.payload)
                return
            self.pending.append(message.payload)
            if not self.dialing:
                self.session.event("basic_redial")
                self.dial()
        elif message.payload_type == wire.FLAG:
            number = wire.flag(message.payload)
            self.session.event("flag", flag=number)
            if number == wire.DISCONNECT_TO_PORT and self.transport:
                self.transport.close()
            elif number == wire.TERMINATE_SESSION:
                self.session.spawn(self.session.finish(""))

    def pause(self, on):
        if self.transport and not self.transport.is_closing():
            (self.transport.pause_reading if on else self.transport.resume_reading)()

    def stop(self):
        if self.transport:
            self.transport.abort()
