"""Which plugin is found and what is thought of it, before any session is started."""

import time

import pytest

from ssmx.process import birth
from tests.standin import StandIn, dead
from tests.terminal.conftest import two_lines
from tests.transport.plugin.conftest import GOOD

SHIM = '#!/bin/sh\nexec python3 -m ssmx.dropin "$@"\n'


@pytest.mark.parametrize(
    ("version", "warning"),
    [
        ("1.2.764.0", ""),
        ("1.2.763.9", "is old: AWS asks for 1.2.764.0 or newer"),
        ("1.2.458.0", None),
        ("1.2.688.0", "is bad: AWS withdrew it: it refuses to work"),
        ("1.2.889.0", "is bad: AWS withdrew it on the day"),
        ("1.2.0.0", "is unknown: built from source"),
        ("1.2.497.0", None),
        ("banana", None),
    ],
)
def test_a_plugin_that_was_asked_for_is_used_with_a_warning_or_not_at_all(shell, plugin, aws, version, warning):
    plugin.plays(("say", "\nStarting session with SessionId: x\n"), ("say", "hi"), version=version)
    status, shown = shell("--transport", "plugin").ends()
    if warning is None:
        assert status == 73, shown
        assert two_lines(shown)
        assert "StartSession" not in aws.operations()
        assert plugin.facts("argv") == []
    else:
        assert "StartSession" in aws.operations(), shown
        assert ("warning: " in shown) == bool(warning)
        assert warning in shown


@pytest.mark.parametrize("version", ["hang", "flood"])
def test_one_that_hangs_or_floods_when_asked_for_its_version_is_ended(shell, plugin, aws, version):
    plugin.plays(version=version)
    status, shown = shell("--transport", "plugin").ends()
    assert status == 73, shown
    assert "StartSession" not in aws.operations()
    assert dead(plugin.fact("version"))
    assert "it has not answered --version in 5 seconds" in shown or "prints without end" in shown


def test_nobody_waits_for_its_version_before_the_session_is_started(shell, plugin, aws):
    plugin.plays(version="hang")
    started = shell()
    asked = plugin.fact("version")
    while "StartSession" not in aws.operations():
        time.sleep(0.02)
        assert birth(asked), "it was waited for"
    status, shown = started.ends()
    assert status == 75, shown  # our own client is tried, which does not reach AWS here
    assert "cannot open the data channel" in shown
    assert dead(asked)


def test_where_no_session_is_started_it_is_ended_as_well(shell, plugin, aws):
    plugin.plays(version="hang")
    aws.stream_url = ""  # which is no session
    status, shown = shell().ends()
    assert status == 69, shown
    assert all(dead(each, seconds=0) for each in plugin.facts("version"))


def test_our_own_shim_is_not_taken_for_it(shell, plugin, aws, tmp_path):
    folder = tmp_path / "shim"
    folder.mkdir()
    (folder / "session-manager-plugin").write_text(SHIM)
    (folder / "session-manager-plugin").chmod(0o755)
    assert shell("--transport", "plugin", PATH=f"{folder}:{plugin.env['PATH']}", SSMX_PLUGIN="").ends()[0] == 0
    assert plugin.fact("pid")
    status, shown = shell("--transport", "plugin", SSMX_PLUGIN=str(folder / "session-manager-plugin")).ends()
    assert status == 73
    assert "it is ssmx under the plugin's name" in shown


def test_a_good_one_further_down_path_is_preferred_to_an_old_one(shell, plugin, tmp_path):
    old = StandIn(tmp_path / "old", version="1.2.553.0")
    assert shell("--transport", "plugin", PATH=f"{old.folder}:{plugin.env['PATH']}", SSMX_PLUGIN="").ends()[0] == 0
    assert plugin.fact("pid")
    assert old.facts("pid") == []


def test_a_configured_path_is_the_only_one_looked_at(shell, plugin, home, tmp_path):
    elsewhere = StandIn(tmp_path / "elsewhere", version="1.2.553.0")
    folder = home / ".config" / "ssmx"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(f'plugin = "{elsewhere.path}"\n')
    shell("--transport", "plugin", SSMX_PLUGIN="").ends()
    assert elsewhere.fact("pid")
    assert plugin.facts("pid") == []


@pytest.mark.parametrize("what", ["missing", "folder", "text", "foreign"])
def test_a_configured_path_that_is_no_plugin_is_told(shell, aws, tmp_path, what):
    path = tmp_path / "it"
    if what == "folder":
        path.mkdir()
    elif what != "missing":
        path.write_bytes(b"\x7fELF\x00\x01" if what == "foreign" else b"hello\n")
        path.chmod(0o755 if what == "foreign" else 0o644)
    status, shown = shell("--transport", "plugin", SSMX_PLUGIN=str(path)).ends()
    assert status == 73, shown
    assert f"can be used: {path}: it " in shown or f"can be used: {path}: there is no such file" in shown
    assert "(plugin from SSMX_PLUGIN)" in shown
    assert "StartSession" not in aws.operations()


def test_what_is_not_executable_or_not_absolute_is_passed_over(shell, plugin, tmp_path):
    folder = tmp_path / "first"
    folder.mkdir()
    (folder / "session-manager-plugin").write_text("no program")
    (tmp_path / "session-manager-plugin").symlink_to(plugin.path)
    assert shell("--transport", "plugin", PATH=f".:{folder}:{plugin.env['PATH']}", SSMX_PLUGIN="").ends()[0] == 0


def test_a_relative_path_is_the_file_here_and_not_one_on_path(shell, plugin, tmp_path, monkeypatch):
    here = StandIn(tmp_path / "here", *GOOD)
    monkeypatch.chdir(here.folder)
    assert shell("--transport", "plugin", SSMX_PLUGIN="session-manager-plugin").ends()[0] == 0
    assert here.fact("pid")
    assert plugin.facts("pid") == []


def test_a_warning_before_the_version_is_passed_over(shell, plugin):
    plugin.plays(*GOOD, version="WARN something\n1.2.896.0")
    assert shell("--transport", "plugin").ends()[0] == 0


@pytest.mark.parametrize("bad", ["{tmp}/locked/bin", "/" + "x" * 300, "~nobody/bin", ""])
def test_a_folder_on_path_that_cannot_be_looked_into_is_passed_over(shell, plugin, tmp_path, bad):
    (tmp_path / "locked").mkdir(mode=0)  # root may look all the same
    path = f"{bad.format(tmp=tmp_path)}:{plugin.env['PATH']}"
    assert shell("--transport", "plugin", PATH=path, SSMX_PLUGIN="").ends()[0] == 0
    status, _ = shell("--transport", "plugin", SSMX_PLUGIN=f"{bad.format(tmp=tmp_path)}/plugin").ends()
    assert status == 73
