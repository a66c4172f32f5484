"""Help, versions and completions cost no heavy import; a command imports only what it uses."""

import json
import subprocess
import sys

import pytest

from ssmx.cli import COMMANDS

HEAVY = {
    *("boto3", "botocore", "urllib3", "keyring", "questionary", "prompt_toolkit"),
    *("websockets", "asyncio", "cryptography", "moto"),
}

PROBE = """
import json, sys
from ssmx.cli import main
for words in json.loads(sys.argv[1]):
    main(words)
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def imported(env, *lines):
    """The modules that are there after each of these command lines."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps(lines)],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return [set(json.loads(line)) for line in done.stderr.splitlines() if line.startswith("[")]


def test_no_heavy_import(env):
    """All in one process, which is asked after each: nothing that one of them imports goes away again."""
    lines = [
        ["--help"],
        ["--version"],
        *([name, "--help"] for name in COMMANDS),
        ["sessions", "ls", "--help"],
        ["completion", "show", "bash"],
        ["shel"],
    ]
    for words, modules in zip(lines, imported(env, *lines), strict=True):
        assert modules & HEAVY == set(), words


def test_looking_after_tunnels_costs_no_heavy_import(env):
    lines = [
        ["ps"],
        ["status"],
        ["status", "--prometheus"],
        ["stop", "none"],
        ["stop", "--all"],
        ["logs", "none"],
        ["wait", "none", "--timeout", "0"],
    ]
    for words, modules in zip(lines, imported(env, *lines), strict=True):
        assert modules & HEAVY == set(), words


def test_settings_are_looked_at_without_what_writes_them(env):
    lines = [["config", "show"], ["config", "path"], ["config", "validate"], ["config", "get", "region"]]
    for words, modules in zip(lines, imported(env, *lines), strict=True):
        assert modules & {*HEAVY, "tomlkit"} == set(), words


def test_a_look_up_needs_neither_boto3_nor_a_websocket(env):
    """Nor botocore where the keys are at hand; where a variable leaves a doubt, it is asked."""
    others = {"boto3", "websockets", "asyncio", "keyring", "questionary", "cryptography", "moto"}
    (plain,) = imported(env, ["resolve", "payments-api"])
    (odd,) = imported({**env, "AWS_STS_REGIONAL_ENDPOINTS": "regional"}, ["resolve", "payments-api"])
    assert "botocore" not in plain
    assert "botocore" in odd
    assert (plain | odd) & others == set()


def test_many_scopes_at_once_need_no_botocore(env, tmp_path):
    (tmp_path / "ssmx").mkdir()
    (tmp_path / "ssmx" / "config.toml").write_text('[scopes]\nregions = ["eu-west-1", "us-east-1"]\n')
    (modules,) = imported({**env, "XDG_CONFIG_HOME": str(tmp_path)}, ["resolve", "-A", "admin-ui"])
    assert "ssmx.walk" in modules
    assert modules & HEAVY == set()


def test_help_of_one_command_imports_no_other(env):
    (modules,) = imported(env, ["shell", "--help"])
    assert {name for name in modules if name.startswith("ssmx.cli.")} == {
        "ssmx.cli.lazy",
        "ssmx.cli.options",
        "ssmx.cli.shell",
    }


@pytest.mark.parametrize("words", [[], ["--version"]])
def test_what_callers_of_the_plugin_ask_first_costs_no_heavy_import(env, words):
    probe = (
        "import json, runpy, sys, os; sys.argv[1:] = json.loads(sys.argv[1])\n"
        "os._exit = lambda status: (print(json.dumps(sorted(sys.modules)), file=sys.stderr), sys.exit(status))\n"
        "runpy.run_module('ssmx.dropin', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe, json.dumps(words)], env=env, capture_output=True, text=True, check=True
    )
    modules = set(json.loads(done.stderr.splitlines()[-1]))
    assert modules & {*HEAVY, "click", "ssmx.app"} == set()


def test_a_session_that_is_not_encrypted_needs_no_cryptography(env):
    probe = "import sys; import ssmx.dropin.entry; print('cryptography' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", probe], env=env, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("words", [["__complete", "profile"], ["__complete", "running"], ["__complete", "alias"]])
def test_what_tab_waits_for_imports_next_to_nothing(env, words):
    probe = (
        "import os, sys; sys.argv[1:] = sys.argv[2:]; before = set(sys.modules)\n"
        "os._exit = lambda status: (print(*sorted(set(sys.modules) - before), file=sys.stderr), sys.exit(status))\n"
        "import ssmx.__main__"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe, "ssmx", *words], env=env, capture_output=True, text=True, check=True
    )
    assert set(done.stderr.split()) <= {
        *("__future__", "ssmx", "ssmx.__main__", "ssmx.completing"),
        *("ssmx.model", "ssmx.model.pointer", "ssmx.store", "ssmx.store.pointed", "ssmx.store.claim", "fcntl"),
    }


def test_a_session_from_the_index_needs_no_botocore(env):
    """From its start to its end, with keys that are at hand; nor does what prints the index."""
    known = {**env, "SSMX_INDEX_FRESH": "3600", "XDG_CACHE_HOME": env["HOME"]}
    (looked_up,) = imported(known, ["resolve", "payments-api"])
    ran, listed, shown = imported(
        known, ["run", "payments-api", "--", "true"], ["ls", "--cached"], ["index", "show"]
    )
    assert "ssmx.transport.native.transport" in ran
    for modules in (looked_up, ran, listed, shown):
        assert modules & {"boto3", "botocore", "urllib3", "requests", "jmespath"} == set()
    assert looked_up & {"websockets", "asyncio", "cryptography"} == set()


ASKED = """
import json, sys
from http.client import HTTPConnection
from ssmx.cli import main
sent = HTTPConnection.endheaders
def endheaders(self, body=None, **more):
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
    sent(self, body, **more)
HTTPConnection.endheaders = endheaders
main(json.loads(sys.argv[1]))
"""


@pytest.mark.parametrize("words", [["run", "payments-api", "--", "true"]])
def test_a_session_is_asked_for_before_anything_that_carries_it_is_imported(env, words):
    known = {**env, "SSMX_INDEX_FRESH": "3600", "XDG_CACHE_HOME": env["HOME"]}
    imported(known, ["resolve", "payments-api"])
    done = subprocess.run(
        [sys.executable, "-c", ASKED, json.dumps(words)],
        env=known,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    first = set(json.loads(next(line for line in done.stderr.splitlines() if line.startswith("["))))
    heavy = {
        "websockets",
        "asyncio",
        "cryptography",
        "concurrent.futures",
        "logging",
        "tomlkit",
        "psutil",
        "botocore",
    }
    assert first & heavy == set()
    assert not {each for each in first if each.startswith(("ssmx.transport.native", "ssmx.channel", "ssmx.tunnel"))}
