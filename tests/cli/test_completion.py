"""The scripts are asked in the shells themselves, where these are installed."""

import shutil
import subprocess

import pytest

from ssmx.cli import COMMANDS
from tests.conftest import ROOT


def bash(line):
    """What bash offers for `line`, whose last word is being typed."""
    script = f"""
    source {ROOT}/completions/ssmx.bash
    COMP_LINE={line!r}
    COMP_POINT=${{#COMP_LINE}}
    _ssmx ssmx "${{COMP_LINE##* }}"
    echo "${{COMPREPLY[@]}}"
    """
    environ = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
    done = subprocess.run(
        ["bash", "--norc", "-c", script], env=environ, capture_output=True, text=True, check=True, cwd="/"
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("ssmx sh", ["shell"]),
        ("ssmx ", [*COMMANDS]),
        ("ssmx forward web 80 --ev", ["--events"]),
        ("ssmx tunnel rds x --transport p", ["plugin"]),
        ("ssmx sessions e", ["end"]),
        ("ssmx -p prod sessions ", ["end", "ls"]),
        ("ssmx shell --new", ["--newest"]),
        ("ssmx run web --ti", ["--timeout"]),
        ("ssmx shell --transport ", ["auto", "plugin", "native"]),
        ("ssmx ls -o j", ["json"]),
        ("ssmx completion show f", ["fish"]),
        ("ssmx shell web -- ls -", []),
        ("ssmx shell --document AWS-StartI", ["AWS-StartInteractiveCommand"]),
        ("ssmx tunnel redshift", ["redshift", "redshift-serverless"]),
        ("ssmx ls -r eu-no", ["eu-north-1"]),
        ("ssmx logs -f ", []),
    ],
)
def test_bash_offers_commands_options_and_their_words(line, offered):
    assert bash(line) == offered


@pytest.mark.parametrize(
    ("line", "offered"), [("ssmx sh", "shell"), ("ssmx sessions e", "end"), ("ssmx shell --new", "--newest")]
)
def test_fish_offers_the_same(line, offered):
    if not shutil.which("fish"):
        pytest.skip("fish is not installed")
    script = f"source {ROOT}/completions/ssmx.fish; complete -C {line!r}"
    done = subprocess.run(["fish", "--no-config", "-c", script], capture_output=True, text=True, check=True)
    assert offered in done.stdout.split()


def test_zsh_loads_its_script_as_the_help_says(tmp_path):
    if not shutil.which("zsh"):
        pytest.skip("zsh is not installed")
    shutil.copy(ROOT / "completions" / "ssmx.zsh", tmp_path / "_ssmx")
    script = (
        f"fpath=({tmp_path} $fpath); autoload -U compinit && compinit -D -u; print $_comps[ssmx]; autoload +X _ssmx"
    )
    done = subprocess.run(["zsh", "-f", "-c", script], capture_output=True, text=True, check=True)
    assert (done.stdout.strip(), done.stderr) == ("_ssmx", "")


@pytest.mark.parametrize(
    ("shell", "place"),
    [
        ("bash", ".local/share/bash-completion/completions/ssmx"),
        ("zsh", ".zfunc/_ssmx"),
        ("fish", ".config/fish/completions/ssmx.fish"),
    ],
)
def test_it_is_installed_where_the_shell_looks_and_removed_again(ssmx, env, shell, place, tmp_path):
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "BASH_COMPLETION_USER_DIR", "ZDOTDIR"):
        env.pop(name, None)
    env.update(HOME=str(tmp_path), SHELL=f"/bin/{shell}")
    path = tmp_path / place
    assert f"is in {path}" in ssmx("completion", "install").err
    assert path.read_text() == (ROOT / "completions" / f"ssmx.{shell}").read_text()
    assert ssmx("completion", "install", shell).status == 0
    assert ssmx("completion", "uninstall").err == f"ssmx: removed {path}\n"
    assert not path.exists()
    assert ssmx("completion", "uninstall").err == f"ssmx: there is no {path}\n"


def test_a_file_that_is_not_ours_is_left_alone(ssmx, env, tmp_path):
    path = tmp_path / "completions" / "ssmx"
    path.parent.mkdir()
    path.write_text("complete ssmx\n")
    env["BASH_COMPLETION_USER_DIR"] = str(tmp_path)
    for words in (("completion", "install", "bash"), ("completion", "uninstall", "bash")):
        done = ssmx(*words)
        assert (done.status, done.err.splitlines()[0]) == (73, f"ssmx: {path} is not of ssmx")
    assert path.read_text() == "complete ssmx\n"


def test_a_shell_that_is_none_of_the_three_is_refused(ssmx, env):
    env["SHELL"] = "/bin/dash"
    done = ssmx("completion", "install")
    assert (done.status, done.err.splitlines()[0]) == (2, "ssmx: no completion for the shell 'dash'")
