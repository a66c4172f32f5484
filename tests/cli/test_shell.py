import json
import shlex

import pytest

from tests.standin import StandIn


def test_without_a_terminal_a_shell_is_refused_before_a_session_starts(ssmx, levers):
    levers("POST", "reset")
    result = ssmx("shell", "payments-api")
    assert result.status == 73
    assert "ssmx run" in result.err
    assert levers.asked("StartSession") == []


def test_a_dry_run_prints_the_plan_and_starts_nothing(ssmx, levers, nodes):
    levers("POST", "reset")
    result = ssmx("shell", "payments-api", "--dry-run", "--reason", "ticket 7")
    assert result.status == 0
    assert f"aws ssm start-session --target {nodes['payments-api']} --reason 'ticket 7'" in result.out
    assert levers.asked("StartSession") == []


def test_a_dry_run_as_json_holds_the_same(ssmx):
    plan = ssmx("shell", "payments-api", "--dry-run", "-o", "json", "--", "top", "-n", "1").json
    assert plan["document"] == "AWS-StartInteractiveCommand"
    assert plan["parameters"] == {"command": ["top -n 1"]}
    words = shlex.split(plan["aws"])
    assert json.loads(words[words.index("--parameters") + 1]) == {"command": ["top -n 1"]}


def test_one_word_after_the_dashes_is_a_shell_string_and_several_are_quoted(ssmx):
    one = ssmx("shell", "payments-api", "--dry-run", "-o", "json", "--", "ls | wc -l").json
    several = ssmx("shell", "payments-api", "--dry-run", "-o", "json", "--", "ls", "a b", "--help").json
    assert one["parameters"] == {"command": ["ls | wc -l"]}
    assert several["parameters"] == {"command": ["ls 'a b' --help"]}


def test_parameters_of_a_document_are_collected(ssmx):
    plan = ssmx(
        "shell",
        "payments-api",
        "--dry-run",
        "-o",
        "json",
        "--document",
        "D-1",
        "--parameter",
        "a=1",
        "--parameter",
        "a=2=3",
    ).json
    assert plan["parameters"] == {"a": ["1", "2=3"]}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--parameter", "novalue", "--document", "D"], "KEY=VALUE"),
        (["--parameter", "a=b"], "give --document"),
        (["--reason", "x" * 257], "256"),
        (["--parameter", "command=x", "--document", "D", "--", "y"], "at once"),
        (["--transport", "pigeon"], "pigeon"),
        (["--newest", "--oldest"], "at once"),
        (["--", ""], "empty command"),
    ],
)
def test_a_wrong_wish_is_a_usage_error(ssmx, words, said):
    result = ssmx("shell", "payments-api", "--dry-run", *words)
    assert result.status == 2
    assert said in result.err
    assert result.err.count("\n") <= 2


def test_an_old_agent_is_told_before_a_session_starts(ssmx, levers):
    levers("POST", "reset")
    result = ssmx("shell", "legacy-batch", "--dry-run", "--", "top")
    assert result.status == 69
    assert "2.3.668.0" in result.err
    assert levers.asked("StartSession") == []


def test_a_plugin_that_was_asked_for_and_is_not_there_is_told_before_anything_starts(ssmx, levers):
    result = ssmx("shell", "payments-api", "--transport", "plugin", "--dry-run", SSMX_PLUGIN="/nowhere")
    assert result.status == 73
    assert "/nowhere: there is no such file (plugin from SSMX_PLUGIN)" in result.err
    assert "ssmx plugin status" in result.err
    assert levers.asked("StartSession") == []


@pytest.mark.parametrize(
    ("words", "carrier", "why"),
    [
        ([], "native", "is not AWS"),
        (["--transport", "native"], "native", "transport is native (--transport)"),
        (["--transport", "plugin"], "plugin", "transport is plugin (--transport)"),
    ],
)
def test_the_plan_says_what_would_carry_the_session(ssmx, tmp_path, words, carrier, why):
    plugin = StandIn(tmp_path / "bin")
    result = ssmx("shell", "payments-api", "--dry-run", "-o", "json", *words, SSMX_PLUGIN=str(plugin.path))
    assert result.json["transport"] == carrier
    assert why in result.json["why"]


def test_namesakes_that_are_asleep_are_mentioned(ssmx):
    result = ssmx("shell", "web", "--newest", "--dry-run")
    assert result.status == 0
    assert "left out: web (i-" in result.err
    assert "is stopped since" in result.err


def test_the_configured_document_is_for_shells_and_not_for_commands(ssmx):
    shell = ssmx("shell", "payments-api", "--dry-run", "-o", "json", SSMX_DOCUMENT="Team-Shell").json
    command = ssmx("shell", "payments-api", "--dry-run", "-o", "json", "--", "top", SSMX_DOCUMENT="Team-Shell").json
    assert shell["document"] == "Team-Shell"
    assert command["document"] == "AWS-StartInteractiveCommand"


def test_the_target_stands_before_the_dashes(ssmx):
    result = ssmx("shell", "--", "payments-api")
    assert result.status == 2
    assert "the target stands before --" in result.err
