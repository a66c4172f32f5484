"""Which ssmx.toml is meant, whose it may be, and what can be read of it."""

import os

import pytest

from ssmx.errors import ConfigError
from ssmx.store.team import find, read

NOBODY = 54321
as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")


@pytest.fixture
def home(tmp_path):
    (tmp_path / "home" / "project" / "deep").mkdir(parents=True)
    return tmp_path / "home"


def write(folder):
    (folder / "ssmx.toml").write_text("")
    return folder / "ssmx.toml"


def test_the_nearest_file_is_found_from_below(home):
    write(home)
    here = write(home / "project")
    assert find(home / "project", home) == here
    assert find(home / "project" / "deep", home) == here


def test_home_is_the_last_folder_that_is_looked_in(home, tmp_path):
    write(tmp_path)
    assert find(home / "project", home) is None
    above = write(home)
    assert find(home / "project", home) == above


def test_outside_home_the_folders_of_the_user_are_looked_in(home, tmp_path):
    above = write(tmp_path)
    assert find(home / "project", tmp_path / "elsewhere") == above


@as_root
def test_outside_home_a_folder_of_somebody_else_ends_the_search(home, tmp_path):
    write(tmp_path)
    os.chown(home, NOBODY, NOBODY)
    write(home)
    assert find(home / "project", tmp_path / "elsewhere") is None
    assert find(home, tmp_path / "elsewhere") == home / "ssmx.toml", "where the user stands is looked in"


@as_root
def test_a_file_of_somebody_else_is_refused_with_whose_it_is(home):
    os.chown(write(home), NOBODY, NOBODY)
    with pytest.raises(ConfigError, match=f"ssmx.toml is user {NOBODY}'s"):
        find(home / "project", home)


@as_root
def test_a_link_that_somebody_else_made_is_refused_though_it_leads_to_a_file_of_ours(home):
    link = home / "project" / "ssmx.toml"
    link.symlink_to(write(home))
    assert find(home / "project", home) == link
    os.chown(link, NOBODY, NOBODY, follow_symlinks=False)
    with pytest.raises(ConfigError, match=f"user {NOBODY}'s"):
        find(home / "project", home)


@as_root
def test_under_sudo_the_files_of_who_called_it_are_taken(home, monkeypatch):
    os.chown(write(home), NOBODY, NOBODY)
    monkeypatch.setenv("SUDO_UID", str(NOBODY))
    assert find(home, home) == home / "ssmx.toml"
    monkeypatch.setenv("SUDO_UID", "nobody")
    with pytest.raises(ConfigError):
        find(home, home)


def test_a_home_that_is_a_link_is_the_folder_it_leads_to(home, tmp_path):
    write(tmp_path)
    (tmp_path / "link").symlink_to(home)
    assert find(tmp_path / "link" / "project", home) is None
    assert find(home / "project", tmp_path / "link") is None


def test_a_file_is_read_without_its_byte_order_mark(tmp_path):
    (tmp_path / "f").write_bytes(b"\xef\xbb\xbfa = 1\r\n")
    assert read(tmp_path / "f") == "a = 1\r\n"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "cannot read .*: No such file"),
        (lambda path: path.mkdir(), "is a folder"),
        (os.mkfifo, "is no file"),
        (lambda path: path.symlink_to(path), "cannot read .*: Too many levels"),
        (lambda path: path.write_bytes(b"a = 1\nb = '\xff'"), "f:2: it is not UTF-8"),
        (lambda path: path.write_bytes(b"#" * 1_000_001), "is larger than 1 MB"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path, make, said):
    make(tmp_path / "f")
    with pytest.raises(ConfigError, match=said):
        read(tmp_path / "f")
