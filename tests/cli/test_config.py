"""What an ssmx.toml may do is read, trusted and withdrawn by its user."""

import json
import os
from functools import partial

import pytest

from ssmx.app import App
from ssmx.errors import ConfigError
from ssmx.reach.team import check_trust, declared

GUARDED = """\
[tunnels.db]
kind = "rds"
endpoint = "payments-prod"
client = "psql -c 'select 1'"

[tunnels.ldap]
kind = "host"
endpoint = "ldap.corp.internal:636"
jump = "bastion-prod"
"""
PLAIN = '[tunnels.db]\nkind = "rds"\nendpoint = "payments-prod"\n'


@pytest.fixture
def project(env, home):
    """A folder with an ssmx.toml of this text."""
    (home / "project" / "deep").mkdir(parents=True)

    def write(text):
        (home / "project" / "ssmx.toml").write_text(text)
        return home / "project" / "ssmx.toml"

    return write


@pytest.fixture
def config(ssmx, project, home, monkeypatch):
    """Run `ssmx config` below that folder."""
    monkeypatch.chdir(home / "project" / "deep")
    return partial(ssmx, "config")


def trusted(home):
    path = home / ".local" / "state" / "ssmx" / "trusted.json"
    return json.loads(path.read_text()) if path.exists() else {}


def test_a_file_is_trusted_after_it_was_told_what_it_does(config, project, home):
    path = project(GUARDED)
    result = config("trust")
    assert result.status == 0
    assert result.out.splitlines() == [
        "LINE  WHERE        WHAT IT DOES",
        "4     tunnel db    names a program, `psql -c 'select 1'` (client)",
        '7     tunnel ldap  leads to a host of its own, ldap.corp.internal:636 (kind = "host")',
    ]
    assert result.err == f"ssmx: {path} is trusted until it is changed\n"
    assert list(trusted(home)) == [str(path)]


def test_trust_is_withdrawn_and_was_there_only_once(config, project, home):
    path = project(GUARDED)
    config("trust")
    assert config("untrust").err == f"ssmx: {path} is no longer trusted\n"
    assert trusted(home) == {}
    again = config("untrust")
    assert (again.status, again.err) == (0, f"ssmx: {path} was not trusted\n")


@pytest.fixture
def app(env, monkeypatch):
    """The App of a command that is about to do what the file says; none does yet."""
    for name in os.environ.keys() - env.keys():
        monkeypatch.delenv(name)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    return App([], None, sandbox=lambda app: None)


def test_nothing_that_needs_trust_is_done_without_it(app, project):
    path = project(GUARDED)
    with pytest.raises(ConfigError) as raised:
        check_trust(app, declared(app, str(path)))
    assert raised.value.message == (
        f"{path}:4: tunnel db names a program, `psql -c 'select 1'` (client), and the file is not trusted"
    )
    assert raised.value.hint == "read it, then `ssmx config trust`"
    assert [each["line"] for each in raised.value.details["guarded"]] == [4, 7]
    path = project(PLAIN)
    check_trust(app, declared(app, str(path)))


def test_an_edit_ends_the_trust_and_its_undoing_brings_it_back(app, config, project):
    path = project(GUARDED)
    config("trust")
    read_before = declared(app, str(path))
    check_trust(app, read_before)
    project(GUARDED.replace("select 1", "drop table payments"))
    check_trust(app, read_before)  # what was read is what was trusted
    with pytest.raises(ConfigError, match=r"drop table payments.* is not trusted"):
        check_trust(app, declared(app, str(path)))
    project(GUARDED)
    check_trust(app, declared(app, str(path)))
    config("untrust")
    with pytest.raises(ConfigError, match="is not trusted"):
        check_trust(app, declared(app, str(path)))


def test_a_file_that_is_named_is_the_one_and_may_be_gone_when_trust_is_withdrawn(config, project, home):
    path = project(PLAIN)
    other = home / "other.toml"
    other.write_text(GUARDED)
    assert config("trust", "../../other.toml").status == 0
    assert list(trusted(home)) == [str(other)]
    path.unlink()
    other.unlink()
    assert config("untrust", str(other)).status == 0
    assert trusted(home) == {}


def test_a_file_that_does_nothing_of_the_kind_needs_no_trust(config, project, home):
    path = project(PLAIN)
    result = config("trust")
    assert (result.status, result.out) == (0, "")
    assert result.err == f"ssmx: {path} does nothing that needs trust\n"
    assert trusted(home) == {}


def test_what_is_trusted_can_be_read_by_programs(config, project):
    path = project(GUARDED)
    said = config("trust", "-o", "json").json
    assert (said["file"], said["trusted"]) == (str(path), True)
    assert [(each["line"], each["where"]) for each in said["guarded"]] == [(4, "tunnel db"), (7, "tunnel ldap")]
    assert config("trust", "-o", "tsv").out.startswith("4\ttunnel db\tnames a program")
    assert config("trust", "-o", "name").out == f"{path}\n"


def test_a_broken_file_is_not_trusted_and_its_line_is_told(config, project, home):
    path = project(GUARDED + "prot = 5\n")
    result = config("trust")
    assert result.status == 78
    assert result.err.splitlines()[0] == f"ssmx: {path}:10: unknown key 'prot' in tunnel ldap; did you mean 'port'?"
    assert trusted(home) == {}
    error = json.loads(config("trust", "-o", "json").err)
    assert (error["error"], error["exit"]) == ("config", 78)
    assert error["message"].startswith(f"{path}:10: unknown key 'prot'")
    assert error["hint"].startswith("known are kind, target")


@pytest.mark.parametrize("word", ["trust", "untrust"])
def test_no_file_is_said_with_what_writes_one(config, word):
    result = config(word)
    assert result.status == 78
    assert result.err == "ssmx: no ssmx.toml here or above\n  try: `ssmx init` writes one\n"


def test_a_file_that_is_not_there_is_said(config, project):
    path = project(PLAIN).parent / "deep" / "none.toml"
    result = config("trust", "none.toml")
    assert result.status == 78
    assert result.err.splitlines()[0] == f"ssmx: cannot read {path}: No such file or directory"


def test_what_a_file_does_cannot_steer_the_terminal(config, project):
    project(GUARDED.replace("select 1", "\\u001b[2J"))
    result = config("trust")
    assert "\x1b" not in result.out
    assert "\\x1b[2J" in result.out


def test_no_aws_is_asked_and_no_sandbox_started(config, project):
    project(GUARDED)
    assert (
        config("trust", "--sandbox", AWS_PROFILE="none", SSMX_SANDBOX="1", AWS_ENDPOINT_URL="http://[").status == 0
    )


def test_where_nothing_can_be_kept_that_is_said(config, project, tmp_path):
    project(GUARDED)
    (tmp_path / "file").touch()
    result = config("trust", XDG_STATE_HOME=str(tmp_path / "file"))
    assert result.status == 73
    assert "cannot make" in result.err
