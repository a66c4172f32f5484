"""Trust is in a file as it was read."""

import pytest

from ssmx.errors import LocalFault
from ssmx.store.trust import Trust


@pytest.fixture
def trust(tmp_path):
    return Trust(tmp_path / "trusted.json")


def test_nothing_is_trusted_before_it_was_said(trust, tmp_path):
    assert not trust.given(tmp_path / "a", "text")


def test_another_text_and_another_file_are_not_trusted(trust, tmp_path):
    trust.give(tmp_path / "a", "text")
    assert trust.given(tmp_path / "a", "text")
    assert not trust.given(tmp_path / "a", "text ")
    assert not trust.given(tmp_path / "b", "text")


def test_the_last_text_alone_is_trusted(trust, tmp_path):
    trust.give(tmp_path / "a", "old")
    trust.give(tmp_path / "a", "new")
    assert trust.given(tmp_path / "a", "new")
    assert not trust.given(tmp_path / "a", "old")


def test_trust_is_withdrawn_once(trust, tmp_path):
    trust.give(tmp_path / "a", "text")
    trust.give(tmp_path / "b", "text")
    assert trust.withdraw(tmp_path / "a")
    assert not trust.withdraw(tmp_path / "a")
    assert not trust.given(tmp_path / "a", "text")
    assert trust.given(tmp_path / "b", "text")


def test_a_file_is_the_same_by_every_way_to_it(trust, tmp_path, monkeypatch):
    (tmp_path / "a").touch()
    (tmp_path / "link").symlink_to("a")
    monkeypatch.chdir(tmp_path)
    trust.give(tmp_path / "x" / ".." / "link", "text")
    assert trust.given(type(tmp_path)("a"), "text")


def test_only_the_user_reads_what_is_trusted(trust, tmp_path):
    trust.give(tmp_path / "a", "secret")
    assert (tmp_path / "trusted.json").stat().st_mode & 0o777 == 0o600
    assert "secret" not in (tmp_path / "trusted.json").read_text()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 5}'])
def test_a_broken_file_is_no_trust(trust, tmp_path, text):
    (tmp_path / "trusted.json").write_text(text)
    assert not trust.given(tmp_path / "a", "text")


def test_what_cannot_be_kept_is_said(tmp_path):
    trust = Trust(tmp_path / "no" / "folder" / "trusted.json")
    with pytest.raises(LocalFault, match=r"cannot write .*trusted\.json: No such file"):
        trust.give(tmp_path / "a", "text")
    with pytest.raises(LocalFault, match="cannot write"):
        trust.withdraw(tmp_path / "a")
