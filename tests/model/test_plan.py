import shlex
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmx.errors import AgentTooOld, UsageError
from ssmx.model.plan import (
    INTERACTIVE_COMMAND,
    Outputs,
    Stdio,
    Streams,
    check_agent,
    plan_forward,
    plan_run,
    plan_shell,
    plan_ssh,
    version,
)
from ssmx.model.target import Target

NODE = Target("i-0123456789abcdef0", "eu-west-1", name="api", agent_version="3.3.987.0")


def test_a_shell_names_no_document():
    assert plan_shell(NODE).request() == {"Target": NODE.id}


def test_a_request_has_lists_of_strings():
    plan = plan_shell(NODE, document="D", parameters=[("a", "1"), ("a", "2")], reason="why")
    assert plan.request() == {
        "Target": NODE.id,
        "DocumentName": "D",
        "Parameters": {"a": ["1", "2"]},
        "Reason": "why",
    }


def test_a_command_is_an_interactive_command():
    plan = plan_shell(NODE, command=["echo", "a b"])
    assert plan.document == INTERACTIVE_COMMAND
    assert plan.parameters == {"command": ("echo 'a b'",)}


def test_a_command_can_be_given_to_a_document_of_yours():
    assert plan_shell(NODE, document="Mine", command=["x"]).document == "Mine"


def test_the_aws_command_is_the_same_session():
    plan = plan_shell(NODE, document="D", parameters=[("a", "it's")], reason="two words")
    assert plan.aws_command(profile="prod", region="eu-west-1") == (
        "aws ssm start-session --target i-0123456789abcdef0 --document-name D "
        """--parameters '{"a": ["it'"'"'s"]}' --reason 'two words' --profile prod --region eu-west-1"""
    )


@pytest.mark.parametrize(
    "wish",
    [
        {"parameters": [("a", "b")]},
        {"reason": "x" * 257},
        {"reason": "two\nlines"},
        {"command": ["a"], "parameters": [("command", "b")]},
    ],
)
def test_what_aws_would_refuse_is_refused_before(wish):
    with pytest.raises(UsageError):
        plan_shell(NODE, **wish)


def test_an_agent_that_cannot_is_told_by_its_version():
    old = Target("i-0123456789abcdef0", "eu-west-1", agent_version="2.3.612.0")
    assert plan_shell(old).document == ""
    with pytest.raises(AgentTooOld):
        plan_shell(old, command=["top"])


def test_one_word_is_for_the_nodes_shell_and_several_are_an_argv():
    one = plan_run(NODE, ["df -h | tail -1"], timeout=30.0)
    assert one.local == Outputs(30.0)
    assert one.parameters == {"command": ("sh -c 'df -h | tail -1'",), "separateOutputStream": ("true",)}
    assert plan_run(NODE, ["echo", "$HOME", "a b"]).parameters["command"] == ("echo '$HOME' 'a b'",)


@given(st.lists(st.text(min_size=0, max_size=20), min_size=2, max_size=6).filter(any))
def test_the_agent_splits_the_command_into_the_words_that_were_given(words):
    assert shlex.split(plan_run(NODE, words).parameters["command"][0]) == words


def test_on_windows_one_word_is_for_powershell():
    node = replace(NODE, platform="Microsoft Windows Server 2022")
    command = plan_run(node, ["Get-Process | select -First 3"]).parameters["command"][0]
    assert shlex.split(command) == ["Get-Process | select -First 3"]


@pytest.mark.parametrize("words", [[], [""], ["", ""]])
def test_no_command_is_refused(words):
    with pytest.raises(UsageError):
        plan_run(NODE, words)


def test_an_agent_that_tells_no_status_is_refused_with_the_reason():
    with pytest.raises(AgentTooOld, match="do not tell how a command ended"):
        plan_run(replace(NODE, agent_version="3.1.1510.0"), ["true"])
    plan_run(replace(NODE, agent_version="3.1.1511.0"), ["true"])
    plan_run(replace(NODE, agent_version=""), ["true"])  # nobody knows: the handshake will tell
    check_agent(NODE.label, "", "AWS-StartNonInteractiveCommand")


def test_a_port_of_the_node_and_one_of_a_host_have_documents_of_their_own():
    own = plan_forward(NODE, port=5432)
    assert (own.document, own.local) == ("AWS-StartPortForwardingSession", Streams(5432))
    assert own.parameters == {"portNumber": ("5432",)}
    other = plan_forward(NODE, port=5432, host="db.internal")
    assert other.document == "AWS-StartPortForwardingSessionToRemoteHost"
    assert other.parameters == {"portNumber": ("5432",), "host": ("db.internal",)}
    with pytest.raises(AgentTooOld):
        plan_forward(replace(NODE, agent_version="3.1.1373.0"), port=5432, host="db.internal")


def test_an_ssh_stream_is_a_port_on_standard_input_and_output():
    plan = plan_ssh(NODE, port=2222)
    assert (plan.document, plan.local) == ("AWS-StartSSHSession", Stdio(2222))
    assert plan.parameters == {"portNumber": ("2222",)}


def test_versions_are_numbers():
    assert version("3.10.0.0") > version("3.9.0.0")
    assert version("3.x.1") == (3, 0, 1)
