"""`auto`: the official plugin where a supported one is installed and AWS is AWS; the other way once, and said."""

import pytest

from tests.standin import STARTING, dead
from tests.transport.node import closed, node, output, says
from tests.transport.plugin.conftest import GOOD


def test_a_supported_plugin_carries_a_shell(shell, plugin):
    status, shown = shell().ends()
    assert status == 0
    assert "hello" in shown
    assert plugin.fact("argv")


@pytest.mark.parametrize("words", [["--transport", "native"], []])
def test_native_is_native_whatever_is_installed(shell, plugin, words):
    status, shown = shell(*words, **({} if words else {"SSMX_TRANSPORT": "native"})).ends()
    assert status == 75, shown
    assert "cannot open the data channel" in shown
    assert plugin.facts("argv") == []


def test_a_stream_url_that_is_not_of_aws_is_carried_natively(shell, plugin, aws):
    with node(says(output(0, b"native hello\r\n"), closed())) as port:
        aws.stream_url = f"ws://127.0.0.1:{port}/v1/data-channel/ravi-1?role=publish_subscribe"
        status, shown = shell().ends()
    assert status == 0, shown
    assert "native hello" in shown
    assert plugin.facts("argv") == []


@pytest.mark.parametrize("version", ["1.2.688.0", "1.2.600.0", "1.2.0.0"])
def test_an_unsupported_plugin_is_tried_once_where_our_own_client_cannot_open_the_channel(shell, plugin, version):
    plugin.plays(*GOOD, version=version)
    status, shown = shell().ends()
    assert status == 0, shown
    assert "cannot open the data channel to ssmmessages.eu-west-1.amazonaws.com" in shown
    assert f"trying session-manager-plugin {version} ({plugin.path}), " in shown
    assert shown.endswith("hello\n")
    assert len(plugin.facts("argv")) == 1


def test_what_it_says_then_is_the_error(shell, plugin):
    plugin.plays(("say", STARTING), ("say", "\n\nSessionId: {id} : no\n\n"), version="1.2.600.0")
    status, shown = shell().ends()
    assert status == 69
    assert "refused the session: no" in shown


def test_a_plugin_of_which_the_token_would_be_seen_is_never_tried(shell, plugin):
    plugin.plays(*GOOD, version="1.2.497.0")
    status, shown = shell().ends()
    assert status == 75, shown
    assert plugin.facts("argv") == []


UNOPENED = [
    [("end", 0)],
    [("crash", "KILL")],
    [("say", STARTING), ("say", "Cannot perform start session: websocket: bad handshake\n")],
    [("say", STARTING), ("say", "Cannot perform start session: dial tcp: i/o timeout\n"), ("sleep", 0.2)],
]


@pytest.mark.parametrize("steps", UNOPENED, ids=["ends", "killed", "refused", "slow to end"])
def test_where_a_good_plugin_does_not_open_the_channel_our_own_client_is_tried(shell, plugin, steps):
    plugin.plays(*steps)
    status, shown = shell().ends()
    assert "trying ssmx's own client, once" in shown
    assert status == 75  # which does not reach AWS here, and says so
    assert "cannot open the data channel" in shown.rpartition("once")[2]


@pytest.mark.waits
def test_a_plugin_that_says_nothing_where_the_channel_cannot_be_reached_is_not_waited_for(shell, plugin, aws):
    plugin.plays(("say", STARTING), "hang")
    status, shown = shell().ends()
    assert status == 75
    assert "cannot open the data channel" in shown
    assert dead(plugin.fact("pid"))
    assert aws.operations()[-1] == "TerminateSession"


def test_a_plugin_whose_node_has_said_something_is_not_replaced(shell, plugin):
    plugin.plays(("say", STARTING), ("say", "$ "), ("crash", "KILL"))
    status, shown = shell().ends()
    assert status == 74
    assert "trying" not in shown


def test_ctrl_c_is_not_a_reason_to_try_the_other(shell, plugin):
    plugin.plays(("say", STARTING), "hang")
    running = shell()
    plugin.fact("pid")
    running.keys("\x03")
    status, shown = running.ends()
    assert status == 130
    assert "trying" not in shown


def test_a_configured_plugin_that_is_missing_is_said_and_not_needed(shell):
    status, shown = shell(SSMX_PLUGIN="/nowhere/plugin").ends()
    assert status == 75
    assert "/nowhere/plugin: there is no such file (plugin from SSMX_PLUGIN)" in shown
    assert "cannot open the data channel" in shown
