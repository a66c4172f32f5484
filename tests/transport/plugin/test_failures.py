"""Each line of the table of the plugin's words becomes an error of ours; a plugin that lies or breaks is told."""

import pytest

from tests.standin import EXITING, STARTING, dead
from tests.terminal.conftest import two_lines

CANNOT = "Cannot perform start session: "


@pytest.mark.parametrize(
    ("said", "status", "shown"),
    [  # one of each kind; test_failure.py has the other reasons
        (CANNOT + "websocket: bad handshake\n", 77, "ssmmessages:OpenDataChannel"),
        (CANNOT + "something new\n", 74, "something new"),
        ("\nConnection to destination port failed, check SSM Agent logs.\n", 69, "remote port"),
        ("\n\nSessionId: {id} : Unable to start command: no such user\n\n", 69, "no such user"),
        (
            "\n\nSessionId: {id} : Please update session manager plugin version (minimum required version 1.2)\n\n",
            73,
            "too old",
        ),
        ("Session: {id} timed out.\n", 74, "timed out"),
    ],
)
def test_a_line_of_the_table_is_an_error_of_ours(shell, plugin, aws, said, status, shown):
    plugin.plays(("say", STARTING), ("say", said))
    got, seen = shell("--transport", "plugin").ends()
    assert got == status, seen
    assert shown in seen
    assert two_lines(seen)
    assert aws.operations()[-1] == "TerminateSession"


def test_an_end_for_a_reason_in_the_middle_is_a_lost_session(shell, plugin):
    why = "\n\nSessionId: {id} : ended by\nan administrator\n\n"
    plugin.plays(("say", STARTING), ("say", "$ "), ("say", why))
    status, shown = shell("--transport", "plugin").ends()
    assert status == 74
    assert "was ended: ended by an administrator" in shown
    assert two_lines(shown)


def test_a_session_that_times_out_says_why(shell, plugin):
    plugin.plays(("say", STARTING), ("say", "$ "), ("say", "Session: {id} timed out.\n"))
    status, shown = shell("--transport", "plugin").ends()
    assert status == 74
    assert "timed out" in shown


def test_what_cannot_be_read_from_the_environment_is_said(shell, plugin):
    plugin.plays(("say", CANNOT + "invalid character 'A' looking for beginning of value\n"))
    status, shown = shell("--transport", "plugin").ends()
    assert status == 73
    assert "does not take the session from its environment" in shown
    assert two_lines(shown)


def test_a_document_that_opens_a_port_is_no_shell(shell, plugin):
    port = "Port 5432 opened for sessionId {id}.\n"
    plugin.plays(("say", STARTING), ("say", port), ("say", "\nWaiting for connections...\n"), "hang")
    words = ("--document", "AWS-StartPortForwardingSession", "--parameter", "portNumber=80")
    status, shown = shell("--transport", "plugin", *words).ends()
    assert status == 2
    assert "opens a Port session, not a shell" in shown
    assert dead(plugin.fact("pid"))


@pytest.mark.parametrize(
    ("steps", "status", "shown"),
    [
        ([("say", STARTING), ("say", "$ "), ("end", 0)], 74, "without saying why"),
        ([("say", STARTING), ("say", "$ "), ("end", 2)], 74, "ended with status 2"),
        ([("say", STARTING), ("say", "$ "), ("crash", "KILL")], 74, "killed by signal 9"),
        ([("say", STARTING), ("end", 0)], 73, "without saying why"),
        ([("end", 0)], 73, "without saying why"),
        ([("say", "panic: runtime error\n"), ("end", 2)], 73, "panic: runtime error"),
        ([("say", STARTING), ("say", "$ "), ("say", EXITING.replace("{id}", "other"))], 74, "without saying why"),
        ([("flood", 5000, "what?\n"), "hang"], 73, "prints other things"),
        ([("say", STARTING), ("say", "$ "), "close", "hang"], 74, "closed its terminal and did not end"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_plugin_that_breaks_or_lies_is_told_and_ended(shell, plugin, aws, steps, status, shown):
    plugin.plays(*steps)
    got, seen = shell("--transport", "plugin").ends()
    assert got == status, seen
    assert shown in seen
    assert two_lines(seen)
    assert dead(plugin.fact("pid"))
    assert aws.operations()[-1] == "TerminateSession"


def test_words_that_come_in_pieces_and_long_before_the_end_still_decide(shell, plugin):
    said = "Cannot perform start session: websocket: bad handshake\n"
    plugin.plays(("say", STARTING), ("say", said[:20]), ("sleep", 0.1), ("say", said[20:]), ("sleep", 0.3))
    status, shown = shell("--transport", "plugin").ends()
    assert status == 77
    assert "ssmmessages:OpenDataChannel" in shown
    plugin.plays(("say", STARTING), ("say", "$ "), ("say", EXITING[:20]), ("sleep", 0.3), ("say", EXITING[20:]))
    assert shell("--transport", "plugin").ends()[0] == 0


def test_what_the_agent_and_the_plugin_say_of_a_connection_is_shown(shell, plugin):
    said = "This session is encrypted using AWS KMS.\r\n"
    plugin.plays(("say", STARTING), ("say", said), ("say", "$ "), ("say", EXITING))
    status, shown = shell("--transport", "plugin").ends()
    assert status == 0
    assert "This session is encrypted using AWS KMS.\n$ " in shown


def test_one_that_does_not_go_after_its_last_word_is_ended(shell, plugin):
    plugin.plays(("ignore", "INT", "TERM", "HUP"), ("say", STARTING), ("say", "hello"), ("say", EXITING), "hang")
    status, shown = shell("--transport", "plugin").ends()
    assert status == 0, shown
    assert dead(plugin.fact("pid"))


@pytest.mark.waits
def test_one_that_says_nothing_at_all_is_ended(shell, plugin, aws):
    plugin.plays(("ignore", "INT", "TERM", "HUP"), "hang")
    status, shown = shell("--transport", "plugin").ends()
    assert status == 73
    assert "has said nothing in 10 seconds" in shown
    assert two_lines(shown)
    assert dead(plugin.fact("pid"))
    assert aws.operations()[-1] == "TerminateSession"


def test_what_it_started_ends_with_it(shell, plugin):
    plugin.plays(("say", STARTING), ("child",), ("say", "hello"), ("say", EXITING))
    assert shell("--transport", "plugin").ends()[0] == 0
    assert dead(plugin.fact("child"))
