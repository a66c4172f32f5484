"""Processes that keep tunnels in the background: started, asked, killed, and looked for."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress

from ssmx.process import birth
from ssmx.tunnel.asking import ask
from tests.waiting import until


def free():
    """A port that no other test is given, as those that ssmx remembers are."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def takes(port):
    """Whether anybody listens there; not for a port that another test's tunnel may have."""
    with socket.socket() as probe:
        probe.settimeout(5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def lives(pid):
    return bool(birth(pid))


class Background:
    """The tunnels of one home. `team` is the text of its ssmx.toml."""

    def __init__(self, ssmx, env, home):
        self.ssmx, self.env = ssmx, env
        self.file = home / "ssmx.toml"
        self.journal_file = home / ".local/state/ssmx/sessions.jsonl"
        self.state = home / ".local/state/ssmx/tunnels"
        self.seen = {}  # births of pids, of all processes that were looked at

    # processes

    @property
    def written(self):
        """What is written down, of living processes and dead ones."""
        found = [json.loads(each.read_text()) for each in self.state.glob("*.json")]
        self.seen |= {each["pid"]: each["birth"] for each in found}
        return found

    @property
    def keeper(self):
        """The one process that keeps tunnels."""
        [found] = [each for each in self.written if birth(each["pid"]) == each["birth"]]
        return found

    def kill(self, number=signal.SIGKILL):
        """Kill the keeper, and wait for its end."""
        keeper = self.keeper
        os.kill(keeper["pid"], number)
        until(lambda: birth(keeper["pid"]) != keeper["birth"])
        return keeper

    def end(self):
        """End whatever still lives."""
        for each in self.written:
            self.seen[each["pid"]] = each["birth"]
        for number in (signal.SIGCONT, signal.SIGTERM, signal.SIGKILL):
            living = [pid for pid, born in self.seen.items() if birth(pid) == born]
            for pid in living:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
            deadline = time.monotonic() + (10 if number == signal.SIGTERM else 0.05)
            while any(birth(pid) == self.seen[pid] for pid in living) and time.monotonic() < deadline:
                time.sleep(0.02)

    # forwards

    def forward(self, *words, **changed):
        """`ssmx forward payments-api … --background`, which has to work."""
        result = self.ssmx("forward", "payments-api", *words, "--background", **changed)
        assert result.status == 0, result.err
        return self.keeper

    # a team's file

    def says(self, text, *, trusted=False):
        self.file.write_text(text)
        if trusted:
            assert self.ssmx("config", "trust", str(self.file)).status == 0

    def up(self, *words, **changed):
        return self.ssmx("up", "-f", str(self.file), *words, **changed)

    def down(self, *names):
        return self.ssmx("down", "-f", str(self.file), *names)

    def start(self, *words, **changed):
        """ssmx as a process that is not waited for."""
        return subprocess.Popen(
            [sys.executable, "-m", "ssmx", *words],
            env={**self.env, **changed},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def really(self, *words, **changed):
        """ssmx as a process of its own from the beginning; gives its exit status."""
        with self.start(*words, **changed) as process:
            process.communicate(timeout=60)
            return process.returncode

    # what they tell

    def facts(self):
        """What the keeper tells of its tunnels, by name."""
        return {each["name"]: each for each in ask(self.keeper["socket"], {})["tunnels"]}

    @property
    def ports(self):
        return {name: each["port"] for name, each in self.facts().items()}

    @property
    def journal(self):
        """The lines of the journal, oldest first."""
        return [json.loads(line) for line in self.journal_file.read_text().splitlines()]

    def how(self, session):
        """How the journal says that a session ended; nothing where it does not."""
        return [each["how"] for each in self.journal if each["event"] == "closed" and each["session"] == session]


def echo(name, **more):
    """A tunnel to the echo port of payments-api, as a team's file says it."""
    said = {"kind": "forward", "target": "payments-api", "remote": 7, **more}
    return f"[tunnels.{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in said.items())
