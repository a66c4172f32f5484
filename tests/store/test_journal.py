import json

from ssmx.model.plan import plan_shell
from ssmx.model.session import Outcome
from ssmx.model.target import Target
from ssmx.store.journal import Journal

NODE = Target("i-0123456789abcdef0", "eu-west-1", account="123456789012", name="api")


def test_a_session_that_was_not_closed_is_open_and_its_process_known(tmp_path):
    journal = Journal(tmp_path / "j")
    journal.opened("s-1", plan_shell(NODE), profile="prod")
    journal.opened("s-2", plan_shell(NODE), profile="prod")
    journal.closed("s-1", Outcome(0, "exited"))
    (entry,) = journal.unclosed()
    assert (entry.session, entry.target, entry.name, entry.profile) == ("s-2", NODE.id, "api", "prod")
    assert entry.pid > 0


def test_a_session_whose_process_is_gone_is_left_over(tmp_path):
    journal = Journal(tmp_path / "j")
    journal.opened("s-1", plan_shell(NODE), profile="")
    line = json.loads((tmp_path / "j").read_text())
    (tmp_path / "j").write_text(json.dumps({**line, "birth": "another process with this pid"}) + "\n")
    (entry,) = journal.unclosed()
    assert entry.pid == 0


def test_no_parameter_is_written_because_a_command_may_hold_a_password(tmp_path):
    journal = Journal(tmp_path / "j")
    journal.opened("s-1", plan_shell(NODE, command=["mysql", "-psecret"]), profile="")
    assert "secret" not in (tmp_path / "j").read_text()
    assert (tmp_path / "j").stat().st_mode & 0o777 == 0o600


def test_a_line_cut_by_a_crash_is_skipped(tmp_path):
    journal = Journal(tmp_path / "j")
    journal.opened("s-1", plan_shell(NODE), profile="")
    with (tmp_path / "j").open("a") as file:
        file.write('{"event": "ope')
    journal.opened("s-2", plan_shell(NODE), profile="")
    assert [entry.session for entry in journal.unclosed()] == ["s-1", "s-2"]


def test_only_a_process_that_would_be_seen_is_certainly_dead(tmp_path):
    journal = Journal(tmp_path / "j")
    journal.opened("s-1", plan_shell(NODE), profile="")
    line = json.loads((tmp_path / "j").read_text())
    for about in ({}, {"birth": "b"}, {"birth": ""}, {"birth": "b", "namespace": "pid:[1]"}, {"host": "another"}):
        (tmp_path / "j").write_text(json.dumps({**line, **about}) + "\n")
        (entry,) = journal.unclosed()
        assert entry.orphaned is (about == {"birth": "b"})
