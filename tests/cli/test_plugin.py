"""`ssmx plugin status`: what is installed, what it is worth, what `auto` does with it, how to get one."""

import subprocess

import pytest

from ssmx.channel.payload import CLIENT_VERSION
from tests.standin import StandIn

SHELL = "shell, or a command on a terminal"
KINDS = [SHELL, "port forward", "tunnel to a remote host", "ssh stream", "command without a terminal"]


@pytest.fixture
def status(ssmx, tmp_path):
    """Run it with a plugin of this version; gives the result and the plugin."""

    def run(version, *words, **changed):
        plugin = StandIn(tmp_path / "bin", version=version)
        return ssmx("plugin", "status", *words, SSMX_PLUGIN=str(plugin.path), **changed), plugin

    return run


def test_a_good_one(status):
    result, plugin = status("1.2.896.0")
    assert result.status == 0
    rows = [line.split("  ") for line in result.out.splitlines()]
    assert [cell for cell in rows[1] if cell] == [str(plugin.path), "1.2.896.0", "good"]
    assert f"{SHELL}  plugin      session-manager-plugin 1.2.896.0 is installed" in result.out
    assert all(f"\n{kind}  " in result.out for kind in KINDS)
    assert "install the newest" not in result.out


@pytest.mark.parametrize(
    ("version", "said"),
    [("1.2.600.0", "AWS asks for 1.2.764.0"), ("1.2.889.0", "withdrew"), ("x", "calls its version")],
)
def test_one_that_is_no_good_says_why_and_how_to_get_another(status, version, said):
    result, _ = status(version)
    assert result.status == 1
    assert said in result.out
    assert "To install the newest:" in result.out
    assert f"{SHELL}  native" in result.out


def test_in_json(status):
    result, plugin = status("1.2.800.0", "-o", "json")
    body = result.json
    assert result.status == 0
    assert body["plugins"] == [
        {
            "path": str(plugin.path),
            "version": "1.2.800.0",
            "verdict": "good",
            "why": "for tunnels 1.2.835.0 is the oldest that survives a reconnect",
            "supported": True,
            "usable": True,
            "official": True,
        }
    ]
    assert body["used"] == str(plugin.path)
    assert {kind: each["transport"] for kind, each in body["auto"].items()} == {
        kind: "plugin" if kind == SHELL else "native" for kind in KINDS
    }
    assert set(body["install"]) == {"debian", "redhat", "macos", "windows"}


@pytest.mark.parametrize(("form", "shown"), [("name", "{path}\n"), ("tsv", "{path}\t1.2.896.0\tgood\t\n")])
def test_for_programs(status, form, shown):
    result, plugin = status("1.2.896.0", "-o", form)
    assert result.out == shown.format(path=plugin.path)


def test_a_transport_that_is_set_is_said(status):
    result, _ = status("1.2.896.0", SSMX_TRANSPORT="native")
    assert "yours is native (SSMX_TRANSPORT)" in result.out


def test_it_asks_nothing_of_aws(status):
    result, _ = status("1.2.896.0", AWS_CONFIG_FILE="/dev/null", AWS_PROFILE="nobody")
    assert (result.status, result.err) == (0, "")


def test_a_path_that_leads_nowhere(ssmx):
    result = ssmx("plugin", "status", SSMX_PLUGIN="/nowhere")
    assert result.status == 1
    assert "there is no such file" in result.out


@pytest.mark.parametrize("place", [".local/bin", "bin"])
def test_one_that_is_not_on_path_is_found_where_people_put_it(ssmx, home, place):
    plugin = StandIn(home / place)
    result = ssmx("plugin", "status", "-o", "json", PATH="/nowhere", SSMX_PLUGIN="")
    assert str(plugin.path) in [each["path"] for each in result.json["plugins"]]


def test_the_shim_is_ssmx_and_callers_find_it(ssmx, env, tmp_path):
    folder = tmp_path / "somewhere new" / "bin"
    path = folder / "session-manager-plugin"
    result = ssmx("plugin", "shim", "--dir", str(folder))
    assert (result.status, result.out) == (0, f"{path}\n")
    assert "is not on PATH yet" in result.err or "comes first on PATH" in result.err
    assert path.stat().st_mode & 0o777 == 0o755
    said = subprocess.run([path, "--version"], env=env, capture_output=True, text=True, check=True)
    assert said.stdout == f"{CLIENT_VERSION}\n"
    on_path = {"PATH": f"{folder}:{env['PATH']}"}
    again = ssmx("plugin", "shim", "--dir", str(folder), **on_path)
    assert (again.status, again.out, again.err) == (0, f"{path}\n", "")
    status = ssmx("plugin", "status", "-o", "tsv", **on_path)
    assert f"{path}\t\tshim\tit is ssmx under the plugin's name" in status.out
    removed = ssmx("plugin", "shim", "--dir", str(folder), "--remove")
    assert (removed.status, removed.out) == (0, "")
    assert not path.exists()
    assert list(folder.iterdir()) == []
    assert ssmx("plugin", "shim", "--dir", str(folder), "--remove").status == 1


def test_the_shim_goes_to_the_users_own_folder(ssmx, home):
    path = home / ".local" / "bin" / "session-manager-plugin"
    assert ssmx("plugin", "shim").out == f"{path}\n"
    assert ssmx("plugin", "shim", "--remove").status == 0
    assert not path.exists()


def test_another_plugin_that_comes_first_is_named(ssmx, env, tmp_path):
    official = StandIn(tmp_path / "bin")
    result = ssmx("plugin", "shim", "--dir", str(tmp_path / "ours"), PATH=f"{official.folder}:{env['PATH']}")
    assert result.status == 0
    assert f"{official.path} comes first on PATH" in result.err


@pytest.mark.parametrize("words", [(), ("--remove",)])
def test_the_official_plugin_is_never_touched(ssmx, tmp_path, words):
    official = StandIn(tmp_path / "bin")
    before = official.path.read_text()
    result = ssmx("plugin", "shim", "--dir", str(official.folder), *words)
    assert result.status == (1 if words else 73)
    assert official.path.read_text() == before
    if not words:
        first, second = result.err.splitlines()
        assert first == f"ssmx: {official.path} is there already, and it is not ssmx's"
        assert second.startswith("  try: name another folder")


def test_a_folder_that_cannot_be_written_to_is_an_error_of_two_lines(ssmx, tmp_path):
    (tmp_path / "file").write_text("")
    result = ssmx("plugin", "shim", "--dir", str(tmp_path / "file"))
    assert result.status == 73
    assert len(result.err.splitlines()) == 2


def test_a_home_that_nobody_knows_is_no_bug(ssmx):
    result = ssmx("plugin", "shim", "--dir", "~nosuchuser/bin", "--remove")
    assert result.status == 1
    assert "there is no shim" in result.err
