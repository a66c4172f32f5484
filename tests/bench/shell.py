"""A shell on a terminal: our client of the data channel beside the official plugin, against one rig."""

import fcntl
import hashlib
import os
import pty
import random
import select
import string
import struct
import subprocess
import termios
import time
from statistics import median

from tests.bench.beside import clients, heading, measured
from tests.bench.rig.control import ROOT, Rig
from tests.carried import environment, words

MB = 1_000_000
KEYS = 300
PROMPT = b"fake$ "
PATIENCE = 120
LETTERS = string.ascii_letters.encode()


def table():
    """The lines of the table: medians of one run, and how many times the plugin's they are."""
    commands = clients()
    yield from heading(commands)
    with Rig() as rig, Rig("--kms-key", "arn:aws:kms:us-east-1:123456789012:key/k") as encrypted:
        rows = {
            "--version, ms": lambda command, _: version(command),
            "exec to first prompt, ms": lambda command, _: first_prompt(command, rig),
            "key echo every 10 ms, ms": lambda command, _: echo(command, rig),
            "paste, MB/s": lambda command, quick: paste(command, rig, 4 * MB if quick else MB // 5),
            "output of 50 MB, MB/s": lambda command, _: output(command, rig, 50),
        }
        yield from measured(rows, commands)
        ours = {client: command for client, command in commands.items() if client == "ssmx"}
        rows = {
            "encrypted: key echo every 10 ms, ms": lambda command, _: echo(command, encrypted),
            "encrypted: paste, MB/s": lambda command, _: paste(command, encrypted, 4 * MB),
            "encrypted: output of 50 MB, MB/s": lambda command, _: output(command, encrypted, 50),
        }
        yield from measured(rows, ours)


class Shell:
    """A client in a terminal of 120 x 40, at its first prompt."""

    def __init__(self, command, rig):
        request, answer = rig.start()
        line = [*command, *words(request, rig.endpoint)]
        env = {**environment(answer), "AWS_ENDPOINT_URL_KMS": rig.endpoint}
        started = time.perf_counter()
        self.pid, self.terminal = pty.fork()
        if not self.pid:
            os.chdir(ROOT)
            os.execvpe(line[0], line, env)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.until(PROMPT)
        self.first_prompt = time.perf_counter() - started

    def until(self, needle):
        """Read until this is shown; gives all that was."""
        shown = b""
        while needle not in shown[-200_000:]:
            shown += self.read()
        return shown

    def read(self):
        readable, _, _ = select.select([self.terminal], [], [], PATIENCE)
        assert readable, "nothing comes"
        return os.read(self.terminal, 1 << 16)

    def type(self, data):
        """All of it, reading meanwhile what is shown; gives that."""
        shown = b""
        left = memoryview(data)
        while left:
            readable, writable, _ = select.select([self.terminal], [self.terminal], [], PATIENCE)
            if readable:
                shown += os.read(self.terminal, 1 << 16)
            if writable:
                left = left[os.write(self.terminal, left[:1024]) :]
        return shown

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)


def version(command):
    times = []
    for _ in range(10):
        started = time.perf_counter()
        subprocess.run([*command, "--version"], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
        times.append(time.perf_counter() - started)
    return median(times) * 1000


def first_prompt(command, rig):
    times = []
    for _ in range(5):
        with Shell(command, rig) as shell:
            times.append(shell.first_prompt)
    return median(times) * 1000


def echo(command, rig):
    with Shell(command, rig) as shell:
        time.sleep(0.6)  # the plugin looks for the size twice a second, and may lose a key meanwhile
        shell.type(b"stty raw -echo; printf RE''ADY; cat\r")
        shell.until(b"READY")
        time.sleep(0.3)
        times = []
        for _ in range(KEYS):
            key = bytes([random.choice(LETTERS)])
            started = time.perf_counter()
            os.write(shell.terminal, key)
            while key not in shell.read():
                pass
            times.append(time.perf_counter() - started)
            time.sleep(0.01)
        return median(times) * 1000


def paste(command, rig, size):
    with Shell(command, rig) as shell:
        time.sleep(0.6)
        shell.type(b"stty raw -echo; printf RE''ADY; head -c %d | sha256sum; printf EN''D\r" % size)
        shell.until(b"READY")
        time.sleep(0.3)
        data = bytes(random.choices(LETTERS, k=size))
        started = time.perf_counter()
        shown = shell.type(data)
        if b"END" not in shown:
            shown += shell.until(b"END")
        seconds = time.perf_counter() - started
        assert hashlib.sha256(data).hexdigest().encode() in shown, "what was pasted did not arrive"
        return size / MB / seconds


def output(command, rig, size):
    with Shell(command, rig) as shell:
        time.sleep(0.6)
        shell.type(b"stty -onlcr; yes %s | head -c %d; printf 'EN''D!'\r" % (b"0123456789" * 9, size * MB))
        shell.until(b"0123456789")
        started, tail, came = time.perf_counter(), b"", 0
        while b"END!" not in tail:
            data = shell.read()
            came += len(data)
            tail = (tail + data)[-100:]
        assert came > size * MB * 0.99
        return size / (time.perf_counter() - started)
