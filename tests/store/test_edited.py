"""One value of a file is changed; every other byte stays."""

import os
import stat
import threading
from functools import partial

import pytest

from ssmx.errors import ConfigError, LocalFault
from ssmx.store.edited import change, with_value, without

TEXT = """\
# ours
region = "eu-west-1"   # where we are

# words of our own
[aliases]
db = "tunnel rds payments-prod"  # the database

# nodes
[targets.api]
target = "api"
"""


@pytest.mark.parametrize(
    ("key", "value", "before", "after"),
    [
        (("region",), "us-east-1", '"eu-west-1" ', '"us-east-1" '),
        (("input",), False, "# where we are\n", "# where we are\ninput = false\n"),
        (("resume_timeout",), 900, "# where we are\n", "# where we are\nresume_timeout = 900\n"),
        (("aliases", "ops"), "run 'a'", "# the database\n", "# the database\nops = \"run 'a'\"\n"),
        (("targets", "api", "profile"), "prod", 'target = "api"\n', 'target = "api"\nprofile = "prod"\n'),
        (("targets", "a.b", "target"), "x", '"api"\n', '"api"\n\n[targets."a.b"]\ntarget = "x"\n'),
    ],
)
def test_a_value_comes_to_its_place_and_nothing_else_changes(key, value, before, after):
    assert before in TEXT
    assert with_value(TEXT, key, value) == TEXT.replace(before, after, 1)


@pytest.mark.parametrize(
    ("text", "key", "after"),
    [
        ("", ("region",), 'region = "x"\n'),
        ("# ours\n", ("region",), '# ours\nregion = "x"\n'),
        ("# ours\n\n[aliases]\n", ("region",), '# ours\nregion = "x"\n\n[aliases]\n'),
        ("", ("aliases", "db"), '[aliases]\ndb = "x"\n'),
        ('output = "json"', ("region",), 'output = "json"\nregion = "x"\n'),
        ('output = "json"\r\n[aliases]\r\n', ("region",), 'output = "json"\r\nregion = "x"\r\n[aliases]\r\n'),
        ("[aliases] # mine\n[targets]\n", ("aliases", "db"), '[aliases] # mine\ndb = "x"\n[targets]\n'),
        ("[aliases]\nops = '''\n'''\n# end\n", ("aliases", "db"), "[aliases]\nops = '''\n'''\ndb = \"x\"\n# end\n"),
    ],
)
def test_a_value_comes_where_none_was(text, key, after):
    assert with_value(text, key, "x") == after


@pytest.mark.parametrize("text", ['aliases = { db = "a" }\n', 'aliases.db = "a"\n'])
def test_a_table_that_is_written_otherwise_takes_it_too(text):
    assert "ops" in with_value(text, ("aliases", "ops"), "x")


def test_a_value_goes_and_the_comments_stay():
    assert without(TEXT, ("aliases", "db")) == TEXT.replace('db = "tunnel rds payments-prod"  # the database\n', "")
    assert without(TEXT, ("targets", "api", "profile")) == TEXT
    assert "api" not in without(TEXT, ("targets", "api"))


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def test_a_file_is_made_for_its_user_alone(tmp_path):
    path = tmp_path / "new" / "config.toml"
    change(path, lambda text: f"{text}# new\n")
    assert path.read_text() == "# new\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_stays_one_and_the_file_keeps_its_mode_and_its_mark(tmp_path):
    kept = tmp_path / "dotfiles.toml"
    kept.write_bytes(b'\xef\xbb\xbfregion = "a"\r\n')
    kept.chmod(0o644)
    (tmp_path / "config.toml").symlink_to(kept)
    change(tmp_path / "config.toml", lambda text: with_value(text, ("region",), "b"))
    assert (tmp_path / "config.toml").is_symlink()
    assert kept.read_bytes() == b'\xef\xbb\xbfregion = "b"\r\n'
    assert stat.S_IMODE(kept.stat().st_mode) == 0o644


def test_two_at_once_lose_nothing(tmp_path):
    path = tmp_path / "config.toml"

    def change_it(name):
        for number in range(5):
            change(path, partial(with_value, key=("aliases", f"{name}{number}"), value="ls"))

    threads = [threading.Thread(target=change_it, args=(name,)) for name in "ab"]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert path.read_text().count("ls") == 10


def test_what_is_refused_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(TEXT)

    def refuse(text):
        raise ConfigError("no")

    with pytest.raises(ConfigError, match="no"):
        change(path, refuse)
    assert path.read_text() == TEXT


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_a_folder_that_takes_no_file_is_said(tmp_path):
    (tmp_path / "shut").mkdir(mode=0o500)
    with pytest.raises(LocalFault, match="cannot write"):
        change(tmp_path / "shut" / "config.toml", lambda text: "x = 1\n")
