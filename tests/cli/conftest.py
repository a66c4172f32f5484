"""Tunnels in the background, and a team's file with what is up of it; they end with the test."""

import json
import os
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path

import pytest

from ssmx.process import birth

PROFILES = ("prod", "preprod")


class Team:
    """`ssmx up` and `down` of one file; `says(text)` writes it. Nothing of it is up at the end."""

    def __init__(self, ssmx, home):
        self.ssmx = ssmx
        self.file = home / "ssmx.toml"
        self.state = home / ".local/state/ssmx/tunnels"

    def says(self, text, *, trusted=False):
        self.file.write_text(text)
        if trusted:
            assert self.ssmx("config", "trust", str(self.file)).status == 0
        return self

    def up(self, *words, **changed):
        return self.ssmx("up", "-f", str(self.file), *words, **changed)

    def down(self, *names):
        return self.ssmx("down", "-f", str(self.file), *names)

    @property
    def written(self):
        """What the processes that keep tunnels have written down."""
        texts = []
        for each in self.state.glob("*.json"):
            with suppress(FileNotFoundError):  # one that has just failed is ending
                texts.append(each.read_text())
        return [json.loads(each) for each in texts]

    def port(self, name, **changed):
        """Where a tunnel listens."""
        result = self.up(name, "-o", "json", **changed)
        return {each["name"]: each["port"] for each in result.json["tunnels"]}[name]

    def ends(self, keeper):
        """End a process that keeps tunnels."""
        if birth(keeper["pid"]) == keeper["birth"]:
            with suppress(ProcessLookupError):
                os.kill(keeper["pid"], signal.SIGTERM)
                os.kill(keeper["pid"], signal.SIGCONT)  # where the test has stopped it
        deadline = time.monotonic() + 15
        while birth(keeper["pid"]) == keeper["birth"]:
            assert time.monotonic() < deadline
            time.sleep(0.02)


@pytest.fixture
def background(ssmx, levers):
    """Start one: `background("payments-api", "0:7", "--name", "echo")` gives what `ssmx ps` tells of it."""

    def start(*words, **changed):
        result = ssmx("forward", *words, "--background", "-o", "json", **changed)
        assert result.status == 0, result.err
        return next(each for each in ssmx("ps", "-o", "json").json if each["pid"] == result.json["pid"])

    yield start
    assert ssmx("stop", "--all").status == 0
    assert ssmx("ps", "-o", "json").json == []


@pytest.fixture
def team(ssmx, home, env, none_open):
    made = Team(ssmx, home)
    yield made
    for each in made.written:
        made.ends(each)


@pytest.fixture
def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@pytest.fixture
def index(cache):
    return cache / "ssmx" / "index"


@pytest.fixture
def profiles(running, env, home):
    """Two profiles in an AWS config of the user's own: `profiles("preprod")` gives what chooses one."""
    text = Path(running.config_file).read_text()
    keys = text.partition("\n")[2]
    config = home / "aws-config"
    config.write_text("".join(f"[profile {name}]\n{keys}\n" for name in PROFILES))
    os.utime(config, (1, 1))
    return lambda name: {"AWS_CONFIG_FILE": str(config), "AWS_PROFILE": name}


@pytest.fixture
def forgotten(ssmx, levers):
    """Nothing is known, and nothing was asked."""
    assert ssmx("index", "clear").status == 0
    levers("POST", "reset")
