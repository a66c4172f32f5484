"""AWS or the node says no at the start: the reason, the status, and no session left."""

import pytest

from tests.terminal.conftest import two_lines


@pytest.fixture(autouse=True)
def _nothing_left_open(live):
    pass


NODE = "arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0"
DENIED = (
    "User: arn:aws:iam::123456789012:user/ravi is not authorized to perform: ssm:StartSession on resource: "
    f"{NODE} because no identity-based policy allows the ssm:StartSession action"
)


@pytest.mark.parametrize(
    ("code", "said", "status", "shown"),
    [
        ("AccessDeniedException", DENIED, 77, NODE),
        ("TargetNotConnected", "i-0 is not connected.", 69, "is not connected to Systems Manager"),
        ("ThrottlingException", "Rate exceeded", 75, "throttles ssm:StartSession"),
        ("ExpiredTokenException", "The security token included in the request is expired", 77, "sso login"),
    ],
)
def test_start_session_is_refused(user, levers, code, said, status, shown):
    levers.fault("StartSession", code, said, times=9)
    user.types("export AWS_MAX_ATTEMPTS=1")
    user.sees("LOCAL> ")
    user.ssmx("shell payments-api")
    got, text = user.back()
    assert got == status
    assert shown in text.replace("\r\n", "")
    assert two_lines(text)


def test_an_unknown_document(user):
    user.ssmx("shell payments-api --document Nobody-Wrote-This")
    status, shown = user.back()
    assert status == 69
    assert "Document with name Nobody-Wrote-This does not exist" in shown.replace("\r\n", "")
    assert two_lines(shown)


def test_a_parameter_of_the_wrong_form(user):
    user.ssmx("shell payments-api --document AWS-StartPortForwardingSession --parameter portNumber=door")
    status, shown = user.back()
    assert status == 2
    assert "portNumber" in shown
    assert two_lines(shown)


def test_a_document_that_is_no_shell(user):
    user.ssmx("shell payments-api --document AWS-StartPortForwardingSession --parameter portNumber=80")
    status, shown = user.back()
    assert status == 2
    assert "opens a Port session, not a shell" in shown
    assert two_lines(shown)


def test_waiting_for_a_node_ends_when_it_is_online(user, levers, nodes):
    node = nodes["search-indexer"]
    user.ssmx("shell search-indexer --wait")
    user.sees("waiting for it")
    levers("POST", f"node/{node}", {"ping": "Online"})
    user.sees(r"\$ ")
    user.types("exit")
    assert user.back()[0] == 0


def test_waiting_ends_with_a_status_that_says_try_later(user, levers):
    user.types("export SSMX_WAIT_TIMEOUT=1")
    user.sees("LOCAL> ")
    user.ssmx("shell search-indexer --wait")
    status, shown = user.back()
    assert status == 75
    assert "after 1 s" in shown
    assert two_lines(shown)
