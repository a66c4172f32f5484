"""`ssmx sessions` without a live session; tests/terminal/test_endings.py has the rest."""

import json
import os

import pytest

from tests.conftest import boto3_session, client_of


def test_no_session_is_an_empty_answer_and_a_note(ssmx):
    result = ssmx("sessions", "ls")
    assert (result.status, result.out) == (0, "")
    assert "no open session in eu-west-1" in result.err
    assert ssmx("sessions", "ls", "-o", "json").json == []


def test_ending_nothing_in_particular_is_a_usage_error(ssmx):
    assert ssmx("sessions", "end").status == 2


def test_a_session_that_is_not_ours_is_not_ended(ssmx, levers):
    levers("POST", "reset")
    result = ssmx("sessions", "end", "somebody-0123456789abcdef0")
    assert result.status == 68
    assert levers.asked("TerminateSession") == []


def test_ending_all_of_none_is_done(ssmx):
    assert ssmx("sessions", "end", "--all").status == 0


def left(home, **about):
    """A line of the journal that an ssmx of this machine, dead since, has left."""
    folder = home / ".local" / "state" / "ssmx"
    folder.mkdir(parents=True, exist_ok=True)
    line = {
        "at": "2026-11-01T00:00:00+00:00",
        "event": "opened",
        "session": "ravi-0e34861185201706f",
        "account": "123456789012",
        "region": "eu-west-1",
        "host": os.uname().nodename,
        "pid": 1,
        "birth": "long ago",
        **about,
    }
    with (folder / "sessions.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")
    return folder / "sessions.jsonl"


def test_a_session_that_the_service_has_forgotten_is_closed_in_the_journal(ssmx, home):
    journal = left(home)
    assert ssmx("sessions", "ls", "-o", "json").json == []
    assert json.loads(journal.read_text().splitlines()[-1])["event"] == "closed"


def test_a_leftover_of_another_region_is_listed_and_not_ended_by_mistake(ssmx, home, levers):
    left(home, region="us-east-1", profile="prod")
    (listed,) = ssmx("sessions", "ls", "-o", "json").json
    assert (listed["region"], listed["status"]) == ("us-east-1", "not asked")
    levers("POST", "reset")
    result = ssmx("sessions", "end", "ravi-0e34861185201706f")
    assert result.status == 68
    assert "-r us-east-1 -p prod" in result.err
    assert ssmx("sessions", "end", "--all").status == 0
    assert levers.asked("TerminateSession") == []


def test_a_session_opened_on_another_machine_is_not_taken_for_left_over(ssmx, home):
    left(home, host="another-machine", region="us-east-1")
    assert ssmx("sessions", "ls", "-o", "json").json == []


@pytest.mark.parametrize("spoilt", [{"at": "yesterday"}, {"pid": "abc"}, {"at": None}])
def test_a_spoilt_line_of_the_journal_is_skipped(ssmx, home, spoilt):
    left(home, **spoilt)
    assert ssmx("sessions", "ls").status == 0


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("DoesNotExistException", "Session does not exist."),
        ("ValidationException", "Session is not in a valid state for termination."),
    ],
)
def test_a_session_that_has_ended_counts_as_ended(ssmx, running, nodes, levers, code, said):
    ssm = client_of(running, "ssm")
    session = ssm.start_session(Target=nodes["payments-api"])["SessionId"]
    levers.fault("TerminateSession", code, said)
    result = ssmx("sessions", "end", session)
    assert result.status == 0
    assert "had ended already" in result.err
    ssm.terminate_session(SessionId=session)
    ssm.close()


def test_a_leftover_of_another_role_of_ours_is_listed_and_not_forgotten(ssmx, running, nodes, home):
    """Each `botocore-session-…` is another owner to AWS."""
    sts = client_of(running, "sts")
    keys = sts.assume_role(RoleArn="arn:aws:iam::123456789012:role/engineer", RoleSessionName="other")[
        "Credentials"
    ]
    other = boto3_session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region=running.region)
    ssm = other.client("ssm", endpoint_url=running.endpoint)
    session = ssm.start_session(Target=nodes["payments-api"])["SessionId"]
    left(home, session=session)
    listed = {each["session"]: each["status"] for each in ssmx("sessions", "ls", "-o", "json").json}
    assert listed[session] == "left over"
    assert ssmx("sessions", "end", "--left-over").status == 0
    assert ssmx("sessions", "ls", "-o", "json").json == []
    sts.close()
    ssm.close()
