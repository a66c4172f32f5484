"""What README, help and completions say is what the code does."""

import re
from pathlib import Path

import pytest

import ssmx.errors as errors
from ssmx.channel.frame import MessageType
from ssmx.channel.payload import Flag, PayloadType
from ssmx.channel.state import TRANSITIONS, Input, State
from ssmx.cli import COMMANDS
from ssmx.ui.complete import SHELLS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()

KINDS = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.SsmxError)]


def rows():
    """Exit status → the codes README lists for it."""
    found = {}
    for line in README.splitlines():
        if match := re.match(r"\| (\d+) \| .*?((?:`[a-z-]+`(?:, )?)*) *\|$", line):
            found[int(match[1])] = set(re.findall(r"`([a-z-]+)`", match[2]))
    return found


def test_the_exit_statuses_are_those_of_the_readme():
    documented = rows()
    for kind in KINDS:
        assert kind.code in documented.get(kind.exit, set()), f"{kind.__name__}: {kind.exit} {kind.code}"
    codes = {(kind.exit, kind.code) for kind in KINDS}
    assert {(status, code) for status, named in documented.items() for code in named} == codes


def test_every_error_has_a_code_of_its_own_and_a_sentence():
    assert len({kind.code for kind in KINDS}) == len(KINDS)
    assert all(kind.__doc__ for kind in KINDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme_and_has_tests(name):
    assert f"ssmx {name}" in README
    assert list((ROOT / "tests").rglob(f"test_{name.replace('-', '_')}.py"))


@pytest.mark.parametrize("shell", SHELLS)
def test_the_completions_are_what_is_generated(ssmx, shell):
    name = f"ssmx.{shell}"
    assert (ROOT / "completions" / name).read_text() == ssmx("completion", "show", shell).out


PROTOCOL = (ROOT / "ssmx" / "channel" / "PROTOCOL.md").read_text()


def test_the_protocols_table_of_states_is_the_codes():
    rows = re.findall(r"^\| ([A-Z]+) \| ([A-Z_]+) \| ([A-Z]+) \|$", PROTOCOL, re.MULTILINE)
    assert {(State[state], Input[given]): State[after] for state, given, after in rows} == TRANSITIONS
    assert len(rows) == len(TRANSITIONS)


def test_the_protocols_payload_types_and_messages_are_the_codes():
    rows = dict(re.findall(r"^\| +(\d+) \| ([A-Z_]+) \|", PROTOCOL, re.MULTILINE))
    assert rows == {str(int(kind)): kind.name for kind in PayloadType}
    assert all(f"`{kind}`" in PROTOCOL for kind in MessageType)
    assert all(f"{int(flag)} {flag.name}" in PROTOCOL for flag in Flag)


def test_every_module_that_the_protocol_names_is_there():
    named = re.findall(r"`([a-z/_]+\.py)`", PROTOCOL)
    assert len(named) > 8
    for each in named:
        places = (ROOT / "ssmx" / "channel" / each, ROOT / "ssmx" / each, ROOT / each)
        assert any(place.exists() for place in places), each
