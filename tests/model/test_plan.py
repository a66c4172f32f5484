import pytest

from ssmx.errors import AgentTooOld, UsageError
from ssmx.model.plan import INTERACTIVE_COMMAND, plan_shell, version
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


def test_versions_are_numbers():
    assert version("3.10.0.0") > version("3.9.0.0")
    assert version("3.x.1") == (3, 0, 1)
