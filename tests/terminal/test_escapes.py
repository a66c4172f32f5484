"""~. and its kin, after Enter, on a real terminal."""

import pytest

from tests.standin import STARTING, StandIn


def test_tilde_dot_ends_a_shell_whatever_runs_in_it(user, levers, live):
    user.opens()
    session = live()
    user.types("sleep 1000")
    user.sees("sleep 1000\r\n")
    user.keys("\r~.")
    status, shown = user.back()
    assert status == 130
    assert "ssmx: ended with ~." in shown
    assert [each["parameters"]["SessionId"] for each in levers.asked("TerminateSession")] == [session]


def test_tilde_question_mark_explains_and_a_double_tilde_is_one(user, live):
    user.opens()
    user.keys("~?")
    user.sees("Supported escape sequences:")
    user.sees(r"after Enter\.\)\r\n")
    user.keys("~~\x08echo ~ a~.b\r")
    shown = user.sees(r"a~\.b\r\n")
    assert "Supported" not in shown
    user.sees(user.remote)
    user.types("exit")
    assert user.back()[0] == 0


def test_a_setting_turns_them_off(user, live):
    user.does("export SSMX_ESCAPES=0")
    user.opens()
    user.keys("~.\x15exit\r")
    assert user.back()[0] == 0


def test_tilde_dot_ends_a_shell_whose_connection_is_lost(user, levers, live):
    user.opens()
    session = live()
    levers.fault("ResumeSession", "InternalServerError", "busy", status=500, times=1000)
    levers("POST", f"session/{session}/cut")
    user.sees("Ctrl-C ends")
    user.keys("\r~.")
    assert user.back()[0] == 130


@pytest.mark.parametrize(("version", "arrives"), [("1.2.764.0", "~x"), ("1.2.896.0", "~~x")])
def test_the_plugin_gets_what_is_the_nodes_and_no_escape(user, live, tmp_path, version, arrives):
    """One with escapes of its own would swallow a single tilde."""
    steps = ("say", STARTING), ("say", "hello\r\n"), "stty", ("keys", "\r"), "hang"
    plugin = StandIn(tmp_path / "bin", *steps, version=version)
    user.does(f"export SSMX_PLUGIN={plugin.path}")
    user.ssmx("shell payments-api --transport plugin")
    user.sees("hello")
    plugin.fact("pid")
    user.keys("~~x\r")
    assert plugin.fact("keys") == f"{arrives}\r"
    user.keys("~?")
    user.sees("Supported escape sequences:")
    user.keys("~.")
    status, shown = user.back()
    assert status == 130
    assert "ended with ~." in shown
