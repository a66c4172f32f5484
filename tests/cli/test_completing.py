"""What completion scripts ask of Python: `ssmx __complete KIND`."""

import json
import os
import subprocess
import sys

import pytest


def asked(env, *words, cwd=None):
    done = subprocess.run(
        [sys.executable, "-m", "ssmx", *words], env=env, capture_output=True, text=True, check=False, cwd=cwd
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.fixture
def home(tmp_path):
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PWD": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }


def test_profiles_are_the_headings_of_both_files(home, tmp_path):
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(
        '[default]\nregion = x\n[profile prod]\n[profile "a b"]\n[sso-session corp]\n[services local]\n'
    )
    (tmp_path / ".aws" / "credentials").write_text("[prod]\n[old]\naws_access_key_id = [x]\n")
    assert asked(home, "__complete", "profile") == ["default", "prod", "a b", "old"]


def test_aliases_and_targets_are_those_of_the_user_and_of_the_project(home, tmp_path):
    (tmp_path / "config" / "ssmx").mkdir(parents=True)
    (tmp_path / "config" / "ssmx" / "config.toml").write_text(
        '[aliases]\np = "shell web"\n[targets.box]\nname = "web"\n'
    )
    (tmp_path / "ssmx.toml").write_text(
        '[aliases]\nq = "ps"\n[tunnels.payments]\nkind = "rds"\n[targets."my box"]\n'
    )
    assert asked(home, "__complete", "alias", cwd=tmp_path) == ["p", "q"]
    assert asked(home, "__complete", "target", cwd=tmp_path) == ["box", "my box"]
    assert asked(home, "__complete", "declared", cwd=tmp_path) == ["payments"]
    (tmp_path / "other.toml").write_text("[tunnels.other]\n")
    assert asked(home, "__complete", "declared", str(tmp_path / "other.toml")) == ["other"]


def test_running_tunnels_are_those_whose_process_lives(home, tmp_path):
    folder = tmp_path / "state" / "ssmx" / "tunnels"
    folder.mkdir(parents=True)
    dead = subprocess.Popen(["true"])
    dead.wait()
    for pid, name in ((os.getpid(), "alive"), (dead.pid, "dead")):
        (folder / f"{name}.json").write_text(json.dumps({"pid": pid, "tunnels": [{"name": name, "declared": {}}]}))
    (folder / "broken.json").write_text("{")
    assert asked(home, "__complete", "running") == ["alive"]


@pytest.mark.parametrize(
    "words", [["__complete"], ["__complete", "nothing"], ["__complete", "running"], ["__refresh", "-p", "x"]]
)
def test_whatever_is_missing_there_is_nothing_and_no_error(words, home):
    assert asked({"PATH": home["PATH"]}, *words) == []


def test_a_file_that_is_broken_gives_nothing(home, tmp_path):
    (tmp_path / "ssmx.toml").write_bytes(b"[aliases]\n\xff = \n")
    (tmp_path / ".aws").mkdir()
    os.mkfifo(tmp_path / ".aws" / "config")
    assert asked(home, "__complete", "alias", cwd=tmp_path) == []
    assert asked(home, "__complete", "profile") == []
