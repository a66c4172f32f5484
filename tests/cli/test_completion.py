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
    COMP_WORDS=({" ".join(repr(word) for word in line.split(" "))})
    COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
    _ssmx
    echo "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, check=True)
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
        ("ssmx shell --document ", []),
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
