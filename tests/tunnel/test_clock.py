"""A machine that slept, or whose clock was set: its tunnels carry connections afterwards."""

import json
import os
import signal
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.waiting import until

from .conftest import connect, echoed
from .kept import echo, takes
from .test_supervision import end, no_session_is_open

HOUR = 3600

# Python's clocks, as a file says. What signs keeps the right time: in a sleep AWS's clock goes on as well.
_CLOCKS = """
import datetime, json, sys, time
from pathlib import Path

def shifted(name):
    clock, cell = getattr(time, name), [0.0, 0.0]
    def now():
        real = clock()
        if real - cell[0] > 0.01:
            cell[0] = real
            try:
                cell[1] = json.loads(Path({path!r}).read_text()).get(name, 0.0)
            except (OSError, ValueError):
                pass
        return real + cell[1]
    setattr(time, name, now)

shifted("time")
shifted("monotonic")

class Kind(type):
    def __instancecheck__(self, other):
        return isinstance(other, real)

class Shifted(datetime.datetime, metaclass=Kind):
    @classmethod
    def now(cls, tz=None):
        signers = ("botocore.compat", "ssmx.aws.signing", "ssmx.aws.lean.client")
        signs = sys._getframe(1).f_globals["__name__"] in signers
        return real.now(tz) if signs else cls.fromtimestamp(time.time(), tz)

real, datetime.datetime = datetime.datetime, Shifted
"""


class Clock:
    """The clocks of the ssmx that have `env`."""

    def __init__(self, folder, pythonpath):
        self._file = folder / "clock.json"
        (folder / "sitecustomize.py").write_text(_CLOCKS.format(path=str(self._file)))
        self.env = {"PYTHONPATH": f"{folder}:{pythonpath}"}

    def jump(self, *clocks, seconds=HOUR):
        draft = self._file.with_suffix(".draft")
        draft.write_text(json.dumps(dict.fromkeys(clocks, seconds)))
        draft.replace(self._file)
        time.sleep(0.1)  # whoever waits at that very moment has waited for so long


@pytest.fixture
def clock(tmp_path, env):
    folder = tmp_path / "clock"
    folder.mkdir()
    return Clock(folder, env["PYTHONPATH"])


JUMPS = [
    pytest.param(("time",), id="the clock is set"),
    pytest.param(("time", "monotonic"), id="the machine slept"),
]


@pytest.mark.parametrize("clocks", JUMPS)
def test_a_tunnel_carries_connections_after_an_hour_that_was_a_moment(tunnel, levers, clock, clocks):
    running = tunnel("forward", "payments-api", "0:7", "--lanes", "2", **clock.env)
    port = running.ready()
    running.event("ready")
    with connect(port) as connection:
        assert echoed(connection)
        clock.jump(*clocks)
        time.sleep(1.5)
        assert echoed(connection)  # which nobody has cut
    with connect(port) as one, connect(port) as other:
        assert echoed(one, os.urandom(200_000))
        assert echoed(other)
        end(levers, running.events[0])
        lost = running.event("reconnecting")
        assert running.event("ready")["lane"] == lost["lane"]
    with connect(port) as connection:
        assert echoed(connection)
    assert running.stop() == 130
    assert "Traceback" not in running.said
    assert no_session_is_open(levers)


@pytest.mark.parametrize("clocks", JUMPS)
def test_tunnels_of_a_teams_file_are_there_after_it_with_a_connection_and_without(
    background, levers, clock, clocks
):
    background.says(echo("used", idle_minutes=0.05) + echo("unused", idle_minutes=0.05))
    assert background.really("up", "-f", str(background.file), **clock.env) == 0
    ports = background.ports
    with connect(ports["used"]) as connection:
        assert echoed(connection)
        clock.jump(*clocks)
        time.sleep(1.5)
        assert echoed(connection)
        with connect(ports["unused"]) as other:
            assert echoed(other)
    assert background.down().status == 0
    assert no_session_is_open(levers)


@pytest.mark.parametrize("clocks", JUMPS)
def test_whoever_comes_after_it_gets_a_link_that_was_lost_before(tunnel, levers, clock, clocks):
    running = tunnel("forward", "payments-api", "0:7", **clock.env)
    port = running.ready()
    with connect(port) as before:
        assert echoed(before)
        levers.fault("StartSession", "InternalServerError", status=500, times=3)
        end(levers, running.events[-1])
        running.event("reconnecting")
        clock.jump(*clocks)
        for _ in range(2):
            with connect(port) as connection:
                assert echoed(connection)
    assert running.stop() == 130


class KeysThatEnd:
    """A credential_process whose keys end after an hour; it tells how often it was asked."""

    def __init__(self, folder, running, aws):
        self._asked = folder / "asked"
        keys = {"Version": 1, "AccessKeyId": running.access_key, "SecretAccessKey": running.secret_key}
        script = folder / "keys.py"
        script.write_text(
            "import json, time\nfrom datetime import UTC, datetime, timedelta\n"
            f"open({str(self._asked)!r}, 'a').write('x')\n"
            f"end = datetime.fromtimestamp(time.time(), UTC) + timedelta(seconds={HOUR})\n"
            f"print(json.dumps({{**{keys!r}, 'Expiration': end.isoformat()}}))\n"
        )
        config = folder / "config"
        told = aws.read_text()
        lines = [each for each in told.splitlines() if not each.startswith(("aws_access", "aws_secret"))]
        config.write_text("\n".join([*lines, f"credential_process = {sys.executable} {script}", ""]))
        self.env = {"AWS_CONFIG_FILE": str(config)}

    @property
    def asked(self):
        return len(self._asked.read_text())


@pytest.mark.parametrize("on_demand", [False, True])
def test_keys_that_have_ended_meanwhile_are_renewed(
    tunnel, background, levers, clock, tmp_path, running, free_port, on_demand
):
    keys = KeysThatEnd(tmp_path, running, running.config_file)
    env = {**clock.env, **keys.env}
    if on_demand:
        background.says(echo("one", port=free_port, idle_minutes=0.02))
        assert background.really("up", "-f", str(background.file), **env) == 0
    else:
        words = ("forward", "payments-api", f"{free_port}:7", "--background", "--name", "one")
        assert background.really(*words, **env) == 0
    with connect(free_port) as connection:
        assert echoed(connection)
        [first] = levers.open_sessions()
        asked = keys.asked
        until_of = background.facts()["one"]["signed_in_until"]
        assert datetime.fromisoformat(until_of) > datetime.now(UTC) + timedelta(minutes=50)
        clock.jump("time", "monotonic", seconds=1.5 * HOUR)
        end(levers, {"session": first["id"]})
        until(lambda: first["id"] not in {each["id"] for each in levers.open_sessions()})
    with connect(free_port) as connection:
        assert echoed(connection)
    assert keys.asked > asked
    assert background.facts()["one"]["signed_in_until"] > until_of
    background.kill(signal.SIGTERM)
    assert no_session_is_open(levers)


@pytest.mark.waits
def test_a_process_that_stood_still_for_longer_than_the_websocket_waits_goes_on(background, levers, free_port):
    """As in a machine's sleep: the far side goes on meanwhile, and pings."""
    background.forward(f"{free_port}:7", "--name", "one")
    pid = background.keeper["pid"]
    with connect(free_port) as connection:
        assert echoed(connection)
        os.kill(pid, signal.SIGSTOP)
        for each in levers.open_sessions():
            levers("POST", f"session/{each['id']}/cut")  # what a network does meanwhile
        time.sleep(25)
        with connect(free_port) as waiting:  # the system takes it
            waiting.sendall(b"early")
            os.kill(pid, signal.SIGCONT)
            assert waiting.recv(5) == b"early"
        assert echoed(connection)
    background.kill(signal.SIGTERM)
    until(lambda: not takes(free_port))
    assert no_session_is_open(levers)


@pytest.mark.waits
def test_tunnels_on_demand_stand_still_and_go_on_as_well(background, levers):
    background.says(echo("used", idle_minutes=0.2) + echo("unused", idle_minutes=0.2))
    assert background.up().status == 0
    pid, ports = background.keeper["pid"], background.ports
    with connect(ports["used"]) as connection:
        assert echoed(connection)
        os.kill(pid, signal.SIGSTOP)
        time.sleep(25)
        os.kill(pid, signal.SIGCONT)
        assert echoed(connection)
        with connect(ports["unused"]) as other:
            assert echoed(other)
    assert background.down().status == 0
    assert no_session_is_open(levers)
