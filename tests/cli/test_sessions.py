"""`ssmx sessions` without a live session; tests/terminal/test_endings.py has the rest."""

import json


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


def test_a_session_that_aws_has_forgotten_counts_as_ended(ssmx, home):
    folder = home / ".local" / "state" / "ssmx"
    folder.mkdir(parents=True)
    left = {"at": "2026-11-01T00:00:00+00:00", "event": "opened", "session": "ravi-0e34861185201706f", "pid": 1}
    (folder / "sessions.jsonl").write_text(json.dumps(left) + "\n")
    result = ssmx("sessions", "end", "ravi-0e34861185201706f")
    assert result.status == 0
    assert "had ended already" in result.err
    assert ssmx("sessions", "end", "ravi-0e34861185201706f").status == 68
