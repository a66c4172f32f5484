"""The two files of a run, each read once, and what is done where one is broken or not trusted."""

import pytest

from ssmx.errors import ConfigError
from ssmx.store.config import Config, project_path

BROKEN = "regoin = 5\n"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_file_is_read_once(home):
    (home / "ssmx.toml").write_text('region = "eu-west-1"\n')
    config = Config()
    assert config.settings({}, {}).region.value == "eu-west-1"
    (home / "ssmx.toml").write_text(BROKEN)
    assert config.settings({}, {}).region.value == "eu-west-1"


def test_a_broken_file_says_nothing_to_who_forgives(home):
    (home / "ssmx.toml").write_text(BROKEN)
    config = Config()
    with pytest.raises(ConfigError, match=r"ssmx\.toml:1: unknown key"):
        config.settings({}, {})
    config.forgiving = True
    assert config.settings({}, {}).region.origin == "default"
    assert len(config.problems()) == 1


def test_what_needs_trust_is_left_out_by_who_forgives_and_the_rest_is_not(home):
    (home / "ssmx.toml").write_text('region = "eu-west-1"\nplugin = "x"\n[aliases]\ndb = "ls"\n')
    config = Config()
    with pytest.raises(ConfigError, match="setting plugin names a program"):
        config.settings({}, {})
    config.forgiving = True
    settings = config.settings({}, {})
    assert (settings.region.value, settings.plugin.value) == ("eu-west-1", "")
    assert config.alias("db") is None
    assert [each.where for each in config.untrusted()] == ["setting plugin", "alias db"]


def test_where_the_folder_is_gone_there_is_no_project(home, monkeypatch):
    (home / "ssmx.toml").write_text(BROKEN)
    (home / "gone").mkdir()
    monkeypatch.chdir(home / "gone")
    (home / "gone").rmdir()
    assert project_path() is None
