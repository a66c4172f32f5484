"""Through the official plugin, where the user insists on it: the user never sees its port, and it may die."""

import os
import signal
import sys

import pytest

from tests.standin import dead, mode

from .conftest import connect, echoed
from .test_supervision import end, no_session_is_open

_SCRIPT = """#!/bin/sh
[ "$1" = --version ] && {{ echo 1.2.677.0; exit; }}
echo $$ >> {folder}/pids
env > {folder}/env
echo "$@" > {folder}/argv
exec {python} -P {folder}/plugin.py "$@"
"""


class Plugin:
    """A session-manager-plugin that carries real sessions: ssmx's own, in its place. It tells who it is."""

    def __init__(self, folder):
        self.folder = folder
        self.path = folder / "session-manager-plugin"
        self.path.write_text(_SCRIPT.format(folder=folder, python=sys.executable))
        self.path.chmod(0o755)
        (folder / "plugin.py").write_text("import runpy; runpy.run_module('ssmx.dropin', run_name='__main__')")
        self.options = ("--transport", "plugin")
        self.env = {"SSMX_PLUGIN": str(self.path)}

    @property
    def pids(self):
        return [int(line) for line in (self.folder / "pids").read_text().split()]


@pytest.fixture
def plugin(tmp_path):
    return Plugin(tmp_path)


def test_its_port_is_not_the_users_and_the_users_stays_when_it_is_killed(tunnel, levers, plugin, scratch):
    running = tunnel("forward", "payments-api", "0:7", *plugin.options, **plugin.env, TMPDIR=str(scratch))
    first = running.event("ready")
    with connect(first["local_port"]) as before:
        assert echoed(before)
        os.kill(plugin.pids[0], signal.SIGKILL)
        with pytest.raises(ConnectionResetError):
            before.recv(1)
    assert "signal 9" in running.event("reconnecting")["reason"]
    assert running.event("ready")["session"] != first["session"]
    with connect(first["local_port"]) as after:
        assert echoed(after, os.urandom(300_000))
    assert running.stop() == 130
    assert len(plugin.pids) == 2
    assert all(dead(pid) for pid in plugin.pids)
    assert no_session_is_open(levers)


def test_no_token_is_on_its_command_line_and_its_keys_come_from_us(tunnel, levers, plugin, scratch):
    running = tunnel("forward", "payments-api", "0:7", *plugin.options, **plugin.env, TMPDIR=str(scratch))
    session = running.event("ready")["session"]
    [token] = [each["token"] for each in levers.sessions() if each["id"] == session]
    assert token not in (plugin.folder / "argv").read_text()
    environment = (plugin.folder / "env").read_text()
    assert "AWS_SECRET_ACCESS_KEY" not in environment
    assert f"AWS_CONFIG_FILE={scratch}/ssmx-" in environment
    [private] = scratch.iterdir()
    assert mode(private) == 0o700
    assert running.stop() == 130


def test_a_refusal_that_it_prints_is_told(ssmx, plugin):
    code = "import socket; c = socket.create_connection(('127.0.0.1', {port})); c.sendall(b'x'); print(c.recv(1))"
    words = ("forward", "payments-api", "0:81", *plugin.options, "--", sys.executable, "-c", code)
    assert "cannot connect to port 81" in ssmx(*words, **plugin.env).err


def test_a_session_that_the_service_ends_is_replaced(tunnel, levers, plugin):
    running = tunnel("forward", "payments-api", "0:7", *plugin.options, **plugin.env)
    first = running.event("ready")
    with connect(first["local_port"]) as before:
        assert echoed(before)
        end(levers, first)
        assert "administrator" in running.event("reconnecting")["reason"]
        running.event("ready")
    assert running.stop() == 130


def test_kill_9_of_ssmx_leaves_neither_plugin_nor_session_nor_port(tunnel, levers, plugin, scratch, free_port):
    running = tunnel(
        "forward", "payments-api", f"{free_port}:7", *plugin.options, **plugin.env, TMPDIR=str(scratch)
    )
    ready = running.event("ready")
    running.process.kill()
    running.ends()
    assert dead(plugin.pids[0])
    assert no_session_is_open(levers)
    with pytest.raises(ConnectionRefusedError):
        connect(ready["local_port"])


def test_a_plugin_that_does_not_run_is_said(ssmx, levers, tmp_path):
    broken = tmp_path / "session-manager-plugin"
    broken.write_text('#!/bin/sh\n[ "$1" = --version ] && echo 1.2.677.0\nexit 3\n')
    broken.chmod(0o755)
    result = ssmx("forward", "payments-api", "0:7", "--transport", "plugin", SSMX_PLUGIN=str(broken))
    assert result.status == 73
    assert "ended with status 3" in result.err
    assert levers.open_sessions() == []
