"""Whatever ends ssmx or the plugin leaves no process, no open session and no file."""

import os
import signal
import time

import pytest

from tests.standin import EXITING, STARTING, dead
from tests.terminal.conftest import two_lines
from tests.transport.node import node

STUBBORN = [("ignore", "INT", "TERM", "HUP"), ("say", STARTING), ("say", "hello"), "hang"]


PLAIN = [("say", STARTING), ("say", "hello"), "hang"]


@pytest.mark.parametrize(
    ("steps", "number", "status"),
    [
        (PLAIN, signal.SIGTERM, 143),
        (PLAIN, signal.SIGHUP, 129),
        (PLAIN, signal.SIGINT, 130),
        (STUBBORN, signal.SIGTERM, 143),
    ],
    ids=["SIGTERM", "SIGHUP", "SIGINT", "deaf"],
)
def test_a_signal_ends_the_plugin_and_the_session(shell, plugin, aws, steps, number, status):
    plugin.plays(*steps)
    running = shell("--transport", "plugin")
    running.sees("hello")
    os.kill(running.pid, number)
    assert running.ends()[0] == status
    assert dead(plugin.fact("pid"))
    assert aws.operations()[-1] == "TerminateSession"


def test_it_is_stopped_with_sigint_first(shell, plugin):
    plugin.plays(("notice", "INT", "TERM"), ("say", STARTING), ("say", "hello"), "hang")
    running = shell("--transport", "plugin")
    running.sees("hello")
    os.kill(running.pid, signal.SIGTERM)
    assert running.ends()[0] == 143
    assert plugin.facts("signal") == ["INT", "TERM"]


def test_ctrl_c_before_the_node_has_answered_ends_it(shell, plugin, aws):
    plugin.plays(("say", STARTING), "hang")
    running = shell("--transport", "plugin")
    plugin.fact("pid")
    running.keys("\x03")
    assert running.ends()[0] == 130
    assert dead(plugin.fact("pid"))
    assert aws.operations()[-1] == "TerminateSession"


def test_a_quiet_command_gets_its_keys_and_ctrl_c_still_ends(shell, plugin):
    plugin.plays(("say", STARTING), ("keys", "q"), "hang")
    running = shell("--transport", "plugin")
    running.sees("nothing from payments-api.* yet; Ctrl-C ends")
    running.raw()
    running.keys("abcq")
    assert plugin.fact("keys") == "abcq"
    running.keys("\x03")
    assert running.ends()[0] == 130
    assert dead(plugin.fact("pid"))


@pytest.mark.waits
def test_a_long_silence_is_ended_where_the_data_channel_cannot_be_reached(shell, plugin, aws):
    plugin.plays(("say", STARTING), "hang")
    status, shown = shell("--transport", "plugin").ends()
    assert status == 75
    assert "cannot open the data channel" in shown
    assert two_lines(shown)
    assert aws.operations()[-1] == "TerminateSession"


@pytest.mark.waits
def test_a_long_silence_is_explained_where_it_can(shell, plugin, aws):
    plugin.plays(("say", STARTING), "hang")
    with node(lambda socket: None) as port:
        aws.stream_url = f"ws://127.0.0.1:{port}/v1/data-channel/ravi-1"
        running = shell("--transport", "plugin")
        running.sees("still nothing from payments-api.*, though the way there is open; Ctrl-C ends")
        running.keys("\x03")
        assert running.ends()[0] == 130


def test_a_plugin_that_hangs_in_the_middle_is_left_with_ctrl_c(shell, plugin, aws):
    plugin.plays(*STUBBORN)
    running = shell("--transport", "plugin")
    running.sees("hello")
    running.raw()
    running.keys("\x03")
    time.sleep(5.2)
    running.keys("\x03")
    running.sees(r"nothing has come for \d+ seconds; Ctrl-C again ends the session")
    running.keys("\x03")
    assert running.ends()[0] == 130
    assert dead(plugin.fact("pid"))
    assert aws.operations()[-1] == "TerminateSession"


def test_the_end_of_the_terminal_ends_everything(shell, plugin, aws):
    plugin.plays(*STUBBORN)
    running = shell("--transport", "plugin")
    running.sees("hello")
    running.child.ptyproc.fileobj.close()
    assert dead(running.pid)
    assert dead(plugin.fact("pid"))
    assert aws.operations()[-1] == "TerminateSession"


def test_nothing_is_stopped_twice_after_a_good_end(shell, plugin):
    plugin.plays(("notice", "INT", "TERM"), ("say", STARTING), ("say", "hello"), ("say", EXITING))
    assert shell("--transport", "plugin").ends()[0] == 0
    assert plugin.facts("signal") == []


def test_a_resize_in_the_first_moment_is_not_lost(shell, plugin):
    plugin.plays(("size",), ("say", STARTING), ("sleep", 0.7), ("size",), ("say", "hello"), ("say", EXITING))
    running = shell("--transport", "plugin")
    plugin.fact("pid")
    running.resize(44, 122)
    assert running.ends()[0] == 0
    assert plugin.facts("size")[-1] == [122, 44]
