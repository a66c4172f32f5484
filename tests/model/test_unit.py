"""The units of systemd and launchd that run ssmx."""

import os
import plistlib
import shutil
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from ssmx.errors import ConfigError, Terminated, UsageError
from ssmx.model.unit import UNITS, passed_on, unit

WORDS = ["/abs/python", "-m", "ssmx", "up", "--foreground", "-f", "/abs/ssmx.toml"]
HOSTILE = ["a b", "50%", "%h", "$HOME", "${HOME}", "$$", 'say "x"', "it's", "back\\slash\\", ";", "", "é", "-", "#"]


def made(kind, *, words=WORDS, folder="/abs", label="ssmx-payments", **env):
    return unit(kind, words=words, folder=folder, label=label, env=env)


def test_systemd_runs_it_until_it_is_told_not_to():
    text = made("systemd", AWS_PROFILE="prod")
    lines = text.splitlines()
    for line in (
        "Type=exec",
        "WorkingDirectory=/abs",
        "Environment=AWS_PROFILE=prod",
        "ExecStart=/abs/python -m ssmx up --foreground -f /abs/ssmx.toml",
        "Restart=on-failure",
        "KillSignal=SIGTERM",
        "After=network-online.target",
        "WantedBy=default.target",
    ):
        assert lines.count(line) == 1, line
    assert f"RestartPreventExitStatus={UsageError.exit} {ConfigError.exit}" in lines
    assert f"SuccessExitStatus={Terminated.exit}" in lines
    assert "systemctl --user enable --now ssmx-payments.service" in text


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("a b", '"a b"'),
        ("50%", "50%%"),
        ("$HOME", "$$HOME"),
        ('say "x"', '"say \\"x\\""'),
        ("back\\", '"back\\\\"'),
        ("it's", '"it\'s"'),
        (";", '";"'),
        ("", '""'),
    ],
)
def test_systemd_is_given_each_word_as_it_is(word, written):
    assert f"\nExecStart=/abs/python {written}\n" in made("systemd", words=["/abs/python", word])


def test_systemd_finds_no_variable_in_a_value_and_in_the_program():
    text = made("systemd", words=["/a$b/python"], folder="/50%", NAME="$x %i \\ \"'")
    assert "\nExecStart=/a$b/python\n" in text
    assert "\nWorkingDirectory=/50%%\n" in text
    assert '\nEnvironment="NAME=$x %%i \\\\ \\"\'"\n' in text


def test_systemd_itself_finds_nothing_wrong(tmp_path):
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        pytest.skip("no systemd-analyze")
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    file = tmp_path / "ssmx-payments.service"
    folder = tmp_path / "a 100% folder"
    folder.mkdir()
    env = {"AWS_PROFILE": "a 'b' \"c\" %h \\", "PATH": os.environ["PATH"]}
    file.write_text(made("systemd", words=[sys.executable, "-m", "ssmx", *HOSTILE], folder=str(folder), **env))
    done = subprocess.run(
        [analyze, "verify", "--user", "--man=no", str(file)],
        env={**os.environ, "XDG_RUNTIME_DIR": str(runtime)},
        capture_output=True,
        text=True,
        check=False,
    )
    if "Failed to initialize manager" in done.stderr:
        pytest.skip("systemd-analyze does not run here")
    assert (done.returncode, done.stderr) == (0, "")


def test_launchd_runs_it_until_it_ends_well():
    words = [*WORDS, *HOSTILE]
    text = made("launchd", words=words, folder="/a & b", AWS_PROFILE='<prod> -- "x"')
    told = plistlib.loads(text.encode())
    assert told["ProgramArguments"] == words
    assert told["Label"] == "ssmx-payments"
    assert told["KeepAlive"] == {"SuccessfulExit": False}
    assert told["RunAtLoad"] is True
    assert told["WorkingDirectory"] == "/a & b"
    assert told["EnvironmentVariables"] == {"AWS_PROFILE": '<prod> -- "x"'}
    assert told["StandardErrorPath"] == "/a & b/ssmx-payments.log"
    assert ElementTree.fromstring(text.encode()).tag == "plist"
    assert "launchctl bootstrap gui/$UID ~/Library/LaunchAgents/ssmx-payments.plist" in text


@pytest.mark.parametrize("kind", UNITS)
def test_what_no_unit_can_say_is_refused(kind):
    for label in ("a b", "a/b", "a--b", "a@b", "-a", "", "a\n"):
        with pytest.raises(UsageError, match="name of a unit"):
            made(kind, label=label)
    for wrong in ({"words": ["/abs/python", "a\nExecStart=b"]}, {"folder": "/a\nb"}, {"NAME": "a\nb"}):
        with pytest.raises(UsageError, match="control characters"):
            made(kind, **wrong)
    with pytest.raises(UsageError, match="cron"):
        made("cron")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PATH", "/usr/bin"),
        ("AWS_PROFILE", "prod"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_CONFIG_FILE", "/c"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/c"),
        ("AWS_CA_BUNDLE", "/c"),
        ("SSMX_PROFILE", "prod"),
        ("SSMX_CA_BUNDLE", "/c"),
        ("HTTPS_PROXY", "http://proxy:3128"),
        ("https_proxy", "proxy:3128"),
        ("NO_PROXY", ".internal,10.0.0.0/8"),
        ("XDG_CONFIG_HOME", "/c"),
    ],
)
def test_a_unit_has_the_settings_of_who_made_it(name, value):
    assert passed_on({name: value, "OTHER": "x"}) == {name: value}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_ACCESS_KEY_ID", "AKIA"),
        ("AWS_SECRET_ACCESS_KEY", "hush"),
        ("AWS_SESSION_TOKEN", "hush"),
        ("AWS_SECURITY_TOKEN", "hush"),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "hush"),
        ("PGPASSWORD", "hush"),
        ("SSMX_TOKEN", "hush"),
        ("SSMX_HOST", "127.0.0.1"),
        ("HTTPS_PROXY", "http://me:hush@proxy:3128"),
        ("https_proxy", "me:hush@proxy:3128"),
        ("HTTPS_PROXY", "http://token@proxy"),
        ("AWS_PROFILE", ""),
        ("AWS_PROFILE", "a\nb"),
        ("HOME", "/root"),
    ],
)
def test_a_unit_has_no_secret_and_nothing_else(name, value):
    assert passed_on({name: value}) == {}
