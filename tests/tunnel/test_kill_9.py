"""Kill -9 of whoever is in the background, who started it, or carries its session; and terminals that are gone."""

import os
import pty
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from ssmx.process import birth
from tests.standin import dead
from tests.waiting import until

from .conftest import connect, echoed
from .kept import echo, lives, takes
from .test_plugin import Plugin
from .test_supervision import no_session_is_open


def is_cut(connection):
    """Whether the system has ended this connection, with or without a word."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def children(pid):
    return [each.pid for each in psutil.Process(pid).children()]


def test_the_port_of_a_keeper_that_is_killed_closes_at_once_and_it_is_not_taken_for_one_that_lives(
    background, levers, free_port
):
    background.forward(f"{free_port}:7", "--name", "one")
    with connect(free_port) as connection:
        assert echoed(connection)
        dead_one = background.kill()
        assert is_cut(connection)
    until(lambda: not takes(free_port))  # its threads end one after the other
    assert [each["pid"] for each in background.written] == [dead_one["pid"]]  # its file is there still
    again = background.forward(f"{free_port}:7", "--name", "one")  # the name is free, and so is the port
    assert again["pid"] != dead_one["pid"]
    assert [each["pid"] for each in background.written] == [again["pid"]]
    with connect(free_port) as connection:
        assert echoed(connection)
    background.kill(signal.SIGTERM)
    assert no_session_is_open(levers)


def test_up_after_kill_9_has_the_same_ports(background, levers):
    background.says("".join(echo(name) for name in ("one", "two", "three")))
    assert background.up().status == 0
    before = background.ports
    with connect(before["two"]) as connection:
        assert echoed(connection)
        background.kill()
        assert is_cut(connection)
    again = background.up()
    assert again.status == 0
    assert "up already" not in again.out
    assert background.ports == before
    for port in before.values():
        with connect(port) as connection:
            assert echoed(connection)
    assert background.down().status == 0
    assert no_session_is_open(levers)
    assert background.written == []


def test_down_after_kill_9_says_that_nothing_is_up(background):
    background.says(echo("one"))
    assert background.up().status == 0
    background.kill()
    result = background.down()
    assert (result.status, "nothing of" in result.err) == (0, True)
    assert background.written == []


def test_who_is_not_ready_when_its_parent_is_killed_ends_with_its_session(background, levers, free_port):
    levers.fault("StartSession", "", delay=2.0)
    words = ("forward", "payments-api", f"{free_port}:7", "--background", "--name", "one")
    with background.start(*words) as parent:
        until(lambda: levers.asked("StartSession"))
        [child] = children(parent.pid)
        background.seen[child] = birth(child)
        parent.kill()
    until(lambda: not lives(child))
    until(lambda: not takes(free_port))  # its threads end one after the other
    assert no_session_is_open(levers)
    assert background.written == []


def test_up_whose_parent_is_killed_before_it_is_ready_leaves_nothing(background, levers, tmp_path):
    background.says("".join(echo(f"t{number}") for number in range(40)))
    words = ("up", "-f", str(background.file))
    with background.start(*words) as parent:
        found = until(lambda: children(parent.pid))
        parent.kill()
    for child in found:
        background.seen[child] = birth(child)
        until(lambda child=child: not lives(child))
    assert [each for each in background.written if lives(each["pid"])] == []
    assert background.up().status == 0
    assert len(background.ports) == 40
    assert background.down().status == 0


def test_a_plugin_that_is_killed_under_a_tunnel_in_the_background_is_replaced(
    background, levers, tmp_path, scratch, free_port
):
    plugin = Plugin(tmp_path)
    environment = {**plugin.env, "TMPDIR": str(scratch)}
    background.forward(f"{free_port}:7", "--name", "one", *plugin.options, **environment)
    for turn in range(2):
        with connect(free_port) as connection:
            assert echoed(connection)
            os.kill(plugin.pids[turn], signal.SIGKILL)
            assert is_cut(connection)
        until(lambda turn=turn: len(plugin.pids) == turn + 2)
    with connect(free_port) as connection:
        assert echoed(connection)
    background.kill(signal.SIGTERM)
    assert all(dead(pid) for pid in plugin.pids)
    assert no_session_is_open(levers)


def test_kill_9_of_a_keeper_with_plugins_leaves_neither_them_nor_their_sessions(
    background, levers, tmp_path, scratch, free_port
):
    plugin = Plugin(tmp_path)
    environment = {**plugin.env, "TMPDIR": str(scratch)}
    background.forward(f"{free_port}:7", "--name", "one", "--lanes", "2", *plugin.options, **environment)
    assert len(plugin.pids) == 2
    background.kill()
    until(lambda: not takes(free_port))  # its threads end one after the other
    until(lambda: all(dead(pid) for pid in plugin.pids))
    assert no_session_is_open(levers)


class Terminal:
    """A terminal of its own, in which a shell leads the session that ssmx is started from."""

    def __init__(self, env):
        self.pid, self.descriptor = pty.fork()
        if not self.pid:
            os.execve("/bin/bash", ["bash", "--norc", "--noprofile", "-i"], {**env, "PYTHON": sys.executable})
        self.shown = b""

    def does(self, words):
        """Run ssmx there; gives what was shown until its prompt came back."""
        self.start(words + '; echo "status"=$?')
        return self.sees("status=")

    def start(self, words):
        os.write(self.descriptor, f'"$PYTHON" -m ssmx {words}\n'.encode())

    def sees(self, text):
        while text.encode() not in self.shown:
            try:
                self.shown += os.read(self.descriptor, 1 << 16)
            except OSError:
                break
        before, found, self.shown = self.shown.partition(text.encode())
        assert found, before
        return before.decode(errors="replace")

    def kill(self):
        """Kill the shell, and hang up."""
        os.kill(self.pid, signal.SIGKILL)
        self.close()

    def close(self):
        """Close the window."""
        os.close(self.descriptor)
        os.waitpid(self.pid, 0)


@pytest.fixture
def terminal(env):
    made = Terminal(env)
    yield made
    try:
        os.waitpid(made.pid, os.WNOHANG)
    except ChildProcessError:
        return
    os.kill(made.pid, signal.SIGKILL)
    made.close()


@pytest.mark.parametrize("end", ["close", "kill"])
def test_what_is_in_the_background_stays_when_its_terminal_is_gone(background, terminal, levers, free_port, end):
    background.says(echo("one"))
    terminal.does(f"forward payments-api {free_port}:7 --background --name other")
    terminal.does(f"up -f {background.file}")
    written = background.written
    assert len(written) == 2
    [up] = [each for each in written if each["file"]]
    with connect(free_port) as connection:
        assert echoed(connection)
        getattr(terminal, end)()
        assert echoed(connection)
        assert [lives(each["pid"]) for each in written] == [True, True]
        for each in written:  # what a shell sends its jobs when it hangs up
            assert os.getsid(each["pid"]) == each["pid"]
    with connect(free_port) as connection:
        assert echoed(connection)
    assert background.down().status == 0
    assert not lives(up["pid"])
    background.kill(signal.SIGTERM)
    assert no_session_is_open(levers)


@pytest.mark.parametrize("words", ["forward payments-api {port}:7 --name other", "up -f {file} --foreground"])
def test_what_is_in_the_foreground_ends_with_its_terminal(background, terminal, levers, free_port, words):
    background.says(echo("one", port=free_port))
    terminal.start(words.format(port=free_port, file=background.file))
    until(lambda: takes(free_port))
    with connect(free_port) as connection:
        assert echoed(connection)
        [keeper] = background.written
        terminal.close()
        until(lambda: not lives(keeper["pid"]))
        assert is_cut(connection)
    until(lambda: not takes(free_port))  # its threads end one after the other
    assert no_session_is_open(levers)
    assert background.written == []


def test_the_background_takes_no_terminal_with_it(background, terminal, free_port):
    """Neither its input nor its output: a pipe that waits for the end of ssmx has it at once."""
    done = subprocess.run(
        [sys.executable, "-m", "ssmx", "forward", "payments-api", f"{free_port}:7", "--background"],
        env=background.env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert "goes on in the background" in done.stderr
    pid = background.keeper["pid"]
    held = {str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir()}
    assert {each for each in held if each.startswith("/dev/")} <= {os.devnull}
    assert {each for each in held if each.startswith("pipe:")} == set()
    background.kill(signal.SIGTERM)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", free_port)) != 0
