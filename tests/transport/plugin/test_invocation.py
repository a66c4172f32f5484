"""What the plugin is given, on which terminal it runs, and what the user sees of it."""

import json
import re
import subprocess

from tests.standin import EXITING, STARTING
from tests.transport.plugin.conftest import GOOD, STREAM, TOKEN


def test_its_command_line_and_environment_are_the_documented_ones(shell, plugin, aws):
    assert shell("--transport", "plugin").ends()[0] == 0
    response, region, operation, profile, request, endpoint = plugin.fact("argv")
    assert (response, region, operation, profile) == (
        "AWS_SSM_START_SESSION_RESPONSE",
        "eu-west-1",
        "StartSession",
        "ssmx",
    )
    assert json.loads(request) == {"Target": "i-0123456789abcdef0"}
    assert endpoint == aws.endpoint
    env = plugin.fact("env")
    assert json.loads(env[response]) == {"SessionId": "ravi-1", "TokenValue": TOKEN, "StreamUrl": STREAM}
    assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"}.isdisjoint(env)


def test_the_request_holds_document_parameters_and_reason(shell, plugin):
    shell("--transport", "plugin", "--reason", "why", "--", "top", "-b").ends()
    assert json.loads(plugin.fact("argv")[4]) == {
        "Target": "i-0123456789abcdef0",
        "DocumentName": "AWS-StartInteractiveCommand",
        "Parameters": {"command": ["top -b"]},
        "Reason": "why",
    }


def test_no_process_shows_the_token_or_a_key(shell, plugin):
    plugin.plays(("say", STARTING), ("say", "hello"), ("keys", "q"), ("say", EXITING))
    running = shell("--transport", "plugin")
    running.sees("hello")
    listed = subprocess.run(["ps", "-ww", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "AWS_SSM_START_SESSION_RESPONSE eu-west-1 StartSession ssmx" in listed
    assert TOKEN not in listed
    assert "AKIDEXAMPLE" not in listed
    running.keys("q")
    assert running.ends()[0] == 0


def test_it_leads_a_process_group_on_a_raw_terminal_of_its_own(shell, plugin):
    plugin.plays(("size",), ("stty",), ("say", STARTING), ("say", "hello"), ("keys", "q"), ("say", EXITING))
    running = shell("--transport", "plugin", size=(33, 111))
    running.sees("hello")
    pid = plugin.fact("pid")
    record = plugin.records()[0]
    assert record["group"] == record["session"] == record["foreground"] == pid
    assert plugin.fact("size") == [111, 33]
    running.raw()
    running.keys("a\r\x03\x1a\x1c\x13\x11q")
    assert running.ends()[0] == 0
    assert plugin.fact("keys") == "a\r\x03\x1a\x1c\x13\x11q"


def test_its_terminal_follows_the_users(shell, plugin):
    plugin.plays(("say", STARTING), ("say", "hello"), ("resized", 122, 44), ("say", EXITING))
    running = shell("--transport", "plugin")
    running.sees("hello")
    running.resize(44, 122)
    assert running.ends()[0] == 0


def test_nothing_it_says_itself_is_shown(shell, plugin):
    status, shown = shell("--transport", "plugin").ends()
    assert status == 0
    assert shown.endswith("eu-west-1\nhello\n")
    assert "session" not in shown


def test_what_looks_like_its_last_word_and_is_none_is_shown(shell, plugin):
    quoted = "Cannot perform start session: quoted\r\n\n\nExiting session with sessionId: ravi-1. or not\r\n"
    plugin.plays(("say", STARTING), ("say", quoted), ("say", "more\r\n"), ("sleep", 0.2), ("say", EXITING))
    status, shown = shell("--transport", "plugin").ends()
    assert status == 0
    assert "Cannot perform start session: quoted" in shown
    assert "Exiting session with sessionId: ravi-1. or not\nmore\n" in shown


def test_words_in_pieces_are_recognised(shell, plugin):
    pieces = [("say", piece) for piece in re.split("(Ses|Id)", EXITING)]
    plugin.plays(("say", STARTING[:9]), ("say", STARTING[9:]), ("say", "hello\r\n"), *pieces)
    status, shown = shell("--transport", "plugin").ends()
    assert (status, shown[-6:]) == (0, "hello\n")


def test_a_large_paste_arrives_whole(shell, plugin):
    plugin.plays(("stty",), ("say", STARTING), ("say", "hello"), ("count", "$"), ("say", EXITING))
    running = shell("--transport", "plugin")
    running.sees("hello")
    running.raw()
    for _ in range(64):
        running.keys("x" * 1024)
    running.keys("$")
    assert running.ends()[0] == 0
    assert plugin.fact("count") == 64 * 1024 + 1


def test_much_output_is_shown_whole(shell, plugin):
    line = "z" * 78 + "\r\n"
    plugin.plays(("say", STARTING), ("flood", 50_000, line), ("say", EXITING))
    running = shell("--transport", "plugin")
    status, shown = running.ends()
    assert status == 0
    assert shown.count("z") == 50_000 * 78


def test_verbose_names_it(shell, plugin):
    _, shown = shell("--transport", "plugin", "-v").ends()
    assert f"through session-manager-plugin 1.2.896.0 ({plugin.path})" in shown


def test_it_runs_where_the_user_is(shell, plugin):
    plugin.plays(*GOOD)
    assert shell("--transport", "plugin").ends()[0] == 0
    assert plugin.fact("env")["AWS_REGION"] == "eu-west-1"
