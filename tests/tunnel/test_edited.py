"""`ssmx up` while it is up, or coming up: by two at once, and of a file that says something else by now."""

import json
import signal
import socket
import time
from contextlib import ExitStack

import pytest

from ssmx.process import birth
from tests.waiting import until

from .conftest import connect, echoed
from .kept import echo, free, lives, takes
from .test_supervision import no_session_is_open

# How often commands meet.
TIMES = [2, pytest.param(10, marks=pytest.mark.long)]


@pytest.mark.parametrize("times", TIMES)
def test_of_two_at_once_one_keeps_the_tunnels_and_both_have_them(background, times):
    background.says("".join(echo(name) for name in ("one", "two", "three")))
    words = ("up", "-f", str(background.file), "-o", "json")
    for _ in range(times):
        with background.start(*words) as first, background.start(*words) as second:
            said = [each.communicate(timeout=60) for each in (first, second)]
        assert [first.returncode, second.returncode] == [0, 0], said
        assert len(background.written) == 1
        told = [sorted(background.ports.values())]
        told += [sorted(each["port"] for each in json.loads(out)["tunnels"]) for out, _ in said]
        assert told[0] == told[1] == told[2]
        hows = sorted(each["how"] for out, _ in said for each in json.loads(out)["done"])
        assert hows == ["kept"] * 3 + ["up"] * 3
        assert background.down().status == 0
        assert background.written == []


@pytest.mark.parametrize("times", TIMES)
def test_a_down_beside_an_up_leaves_all_or_nothing(background, times):
    background.says("".join(echo(name) for name in ("one", "two", "three")))
    for _ in range(times):
        assert background.up().status == 0
        with (
            background.start("down", "-f", str(background.file)) as down,
            background.start("up", "-f", str(background.file)) as up,
        ):
            said = [each.communicate(timeout=60) for each in (down, up)]
        assert (down.returncode, up.returncode) == (0, 0), said
        living = [each for each in background.written if birth(each["pid"]) == each["birth"]]
        assert len(living) <= 1
        if living:
            assert len(background.ports) == 3
        assert background.down().status == 0


@pytest.mark.parametrize("times", TIMES)
def test_two_downs_at_once_are_both_done(background, times):
    background.says(echo("one"))
    words = ("down", "-f", str(background.file))
    for _ in range(times):
        assert background.up().status == 0
        with background.start(*words) as first, background.start(*words) as second:
            said = [each.communicate(timeout=60) for each in (first, second)]
        assert (first.returncode, second.returncode) == (0, 0), said
        assert background.written == []


def test_a_tunnel_that_ends_while_its_sessions_are_being_started_leaves_none_open(background, levers):
    background.says(echo("wide", lanes=4))
    assert background.up().status == 0
    levers.fault("StartSession", "", times=1, delay=0.01)
    levers.fault("StartSession", "", times=3, delay=2.0)
    with connect(background.ports["wide"]) as connection:
        assert echoed(connection)  # through the first, while the others are not there yet
        until(lambda: len(levers.asked("StartSession")) >= 2)
        assert background.down().status == 0
    time.sleep(2.5)
    until(lambda: all(each["status"] == "Terminated" for each in levers.sessions()))


def test_what_was_changed_is_replaced_and_the_rest_keeps_its_connections(background, levers, free_port):
    names = ("same", "moved", "wide", "gone")
    background.says("".join(echo(name, port=free()) for name in ("moved", "gone")) + echo("same") + echo("wide"))
    assert background.up().status == 0
    before, keeper = background.ports, background.keeper
    with ExitStack() as stack:
        connections = {name: stack.enter_context(connect(before[name])) for name in names}
        assert all(echoed(each) for each in connections.values())
        background.says(
            "# a comment, which is nothing new\n"
            + echo("new")
            + echo("wide", lanes=2)
            + echo("moved", port=free_port)
            + echo("same")
        )
        result = background.up()
        assert result.status == 0
        hows = {line.split()[0]: " ".join(line.split()[-6:]) for line in result.out.splitlines()[1:]}
        assert "up already" in hows["same"]
        assert all("up, as it is declared now" in hows[name] for name in ("wide", "moved"))
        assert hows["new"].endswith(" up")
        assert hows["gone"].endswith(" down")
        assert echoed(connections["same"])
        for name in ("moved", "wide", "gone"):
            with pytest.raises(ConnectionResetError):
                connections[name].recv(1)
        after = background.ports
        assert background.keeper["pid"] == keeper["pid"]
        assert (
            {*after} == {"new", "wide", "moved", "same"} == {each["name"] for each in background.keeper["tunnels"]}
        )
        assert (after["same"], after["wide"], after["moved"]) == (before["same"], before["wide"], free_port)
        assert not takes(before["gone"])
        assert not takes(before["moved"])
        for name in ("new", "wide", "moved"):
            assert echoed(stack.enter_context(connect(after[name])))
        assert echoed(connections["same"])
    assert background.down().status == 0
    assert no_session_is_open(levers)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        pytest.param(echo("one") + "port = 0x\n", 5, "", id="no TOML"),
        pytest.param(echo("one") + "pott = 1\n", 5, "unknown key 'pott'", id="an unknown key"),
        pytest.param(echo("one") + echo("two", lanes=9), 9, "lanes", id="a value that cannot be"),
        pytest.param(echo("one") + "client = ['true']\n", 5, "not trusted", id="what needs trust"),
    ],
)
def test_a_file_that_cannot_be_taken_is_said_and_what_is_up_stays(background, levers, text, line, said):
    background.says(echo("one") + echo("two"))
    assert background.up().status == 0
    ports = background.ports
    with connect(ports["one"]) as connection:
        assert echoed(connection)
        background.says(text)
        result = background.up()
        assert result.status == 78
        assert f"{background.file}:{line}: " in result.err
        assert said in result.err
        assert echoed(connection)
        assert background.ports == ports
        with connect(ports["two"]) as other:
            assert echoed(other)
    assert background.down().status == 0  # though the file is what it is
    assert no_session_is_open(levers)


def test_a_file_that_is_trusted_no_longer_is_said_and_what_is_up_stays(background):
    background.says(echo("one", client=["true"]), trusted=True)
    assert background.up().status == 0
    ports = background.ports
    background.ssmx("config", "untrust", str(background.file))
    result = background.up()
    assert result.status == 78
    assert f"{background.file}:5: " in result.err
    assert background.ports == ports
    assert background.down().status == 0


def test_a_file_that_is_gone_can_still_be_taken_down(background):
    background.says(echo("one"))
    assert background.up().status == 0
    pid = background.keeper["pid"]
    background.file.unlink()
    assert background.up().status == 78
    assert lives(pid)
    assert background.down().status == 0
    until(lambda: not lives(pid))


def test_a_tunnel_that_is_changed_and_cannot_be_brought_up_leaves_the_others(background, free_port):
    background.says(echo("one") + echo("two"))
    assert background.up().status == 0
    with socket.create_server(("127.0.0.1", free_port)), connect(background.ports["two"]) as connection:
        assert echoed(connection)
        background.says(echo("one", port=free_port) + echo("two"))
        result = background.up()
        assert result.status == 73
        assert "one: port" in result.err
        assert echoed(connection)
        assert {*background.ports} == {"two"}
        assert [each["name"] for each in background.keeper["tunnels"]] == ["two"]
    assert background.up().status == 0
    assert background.ports["one"] == free_port
    background.kill(signal.SIGTERM)
