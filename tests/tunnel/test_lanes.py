"""Several sessions behind one port: who gets which, and what the death of one means to the others."""

import signal
import socket
import struct
from contextlib import ExitStack, closing

import pytest

from ssmx.tunnel.asking import ask
from tests.conftest import client_of
from tests.waiting import until

from .conftest import connect, echoed
from .kept import echo
from .test_supervision import end, no_session_is_open


@pytest.fixture
def lanes(tunnel, home, levers):
    """Start `ssmx forward --lanes`; gives it, its port and a function for what its lanes do now, by session."""

    def start(number, *words, ready=None, **changed):
        running = tunnel("forward", "payments-api", "0:7", "--lanes", str(number), *words, **changed)
        events = [running.event("ready") for _ in range(number if ready is None else ready)]
        [path] = (home / ".local/state/ssmx/tunnels").glob("*.sock")

        def now():
            [facts] = ask(str(path), {})["tunnels"]
            return {each["session"]: each for each in facts["lanes"]}

        return running, events, now

    return start


DENIED = "AccessDeniedException", "User: x is not authorized to perform: ssm:StartSession"


def cut(connection):
    """Leave, as a client that is killed: who only says no more is waited for."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def loads(now):
    return sorted(each["connections"] for each in now().values())


def test_each_lane_has_a_session_and_they_end_with_the_tunnel(lanes, levers):
    running, events, now = lanes(4)
    assert {each["lane"] for each in events} == {1, 2, 3, 4}
    assert {each["local_port"] for each in events} == {events[0]["local_port"]}
    assert {*now()} == {each["session"] for each in events} == {each["id"] for each in levers.open_sessions()}
    assert running.said.count("leads to") == 1
    assert running.stop() == 130
    assert no_session_is_open(levers)


def test_a_connection_goes_to_the_lane_that_has_the_fewest(lanes):
    running, [first, *_], now = lanes(3)
    port = first["local_port"]
    with ExitStack() as stack:
        open_ones = []
        for number in range(1, 10):
            open_ones.append(stack.enter_context(connect(port)))
            assert echoed(open_ones[-1])
            assert loads(now) == sorted((number + lane) // 3 for lane in range(3))
        for each in open_ones[::3]:  # those of one lane: they took turns
            cut(each)
        until(lambda: loads(now) == [0, 3, 3])
        for _ in range(3):
            assert echoed(stack.enter_context(connect(port)))
        assert loads(now) == [3, 3, 3]
    assert running.stop() == 130


def test_connections_that_come_in_the_same_moment_are_spread_as_well(lanes):
    running, [first, *_], now = lanes(4)
    with ExitStack() as stack:
        open_ones = [stack.enter_context(connect(first["local_port"])) for _ in range(200)]
        for each in open_ones:
            each.sendall(b"x")
        for each in open_ones:
            assert each.recv(1) == b"x"
        assert loads(now) == [50, 50, 50, 50]
    assert running.stop() == 130


def one_each(stack, port, now):
    """A connection in each lane, by the session that carries it."""
    found = {}
    for _ in now():
        before = now()
        connection = stack.enter_context(connect(port))
        assert echoed(connection)
        [session] = [name for name, each in now().items() if each["connections"] > before[name]["connections"]]
        found[session] = connection
    return found


@pytest.mark.parametrize("by", ["its service", "another user"])
def test_a_lane_that_is_ended_is_replaced_and_the_others_do_not_notice(lanes, levers, running, by):
    tunnel, events, now = lanes(3)
    with ExitStack() as stack:
        connections = one_each(stack, events[0]["local_port"], now)
        victim = events[1]
        dead = connections.pop(victim["session"])
        if by == "another user":
            with closing(client_of(running, "ssm")) as ssm:
                ssm.terminate_session(SessionId=victim["session"])
        else:
            end(levers, victim)
        with pytest.raises(ConnectionResetError):
            dead.recv(1)
        assert all(echoed(each) for each in connections.values())
        assert tunnel.event("reconnecting")["lane"] == victim["lane"]
        replaced = tunnel.event("ready")
        assert replaced["lane"] == victim["lane"]
        assert replaced["session"] not in {each["session"] for each in events}
        assert all(echoed(each) for each in connections.values())
        assert echoed(stack.enter_context(connect(events[0]["local_port"])))
        assert loads(now) == [1, 1, 1]
    assert tunnel.stop() == 130
    assert tunnel.kinds.count("reconnecting") == 1
    assert f"lane {victim['lane']}: " in tunnel.said
    assert no_session_is_open(levers)


def test_whoever_comes_while_a_lane_is_replaced_takes_another(lanes, levers):
    tunnel, events, now = lanes(2)
    with ExitStack() as stack:
        one_each(stack, events[0]["local_port"], now)
        levers.fault("StartSession", "", delay=2.0)
        end(levers, events[0])
        tunnel.event("reconnecting")
        for _ in range(5):
            assert echoed(stack.enter_context(connect(events[0]["local_port"])))
        assert now()[events[1]["session"]]["connections"] == 6
        tunnel.event("ready")
        for _ in range(6):  # and then those who come take it, until it has as many
            assert echoed(stack.enter_context(connect(events[0]["local_port"])))
        assert loads(now) == [6, 6]
    assert tunnel.stop() == 130


def test_a_lane_whose_connection_is_lost_is_resumed_and_nobody_notices(lanes, levers):
    tunnel, events, now = lanes(2)
    with ExitStack() as stack:
        connections = one_each(stack, events[0]["local_port"], now)
        levers("POST", f"session/{events[0]['session']}/cut")
        assert all(echoed(each) for each in connections.values())
        assert {*now()} == {*connections}
    assert tunnel.stop() == 130
    assert tunnel.kinds == ["ready", "ready", "closed"]


def test_a_lane_that_cannot_be_opened_at_once_keeps_nobody_from_the_others(lanes, levers):
    levers.fault("StartSession", "InternalServerError", status=500, times=2)
    tunnel, events, now = lanes(3, ready=1)
    with connect(events[0]["local_port"]) as connection:
        assert echoed(connection)
        for _ in range(2):
            tunnel.event("ready")
        assert echoed(connection)
    assert len(now()) == 3
    assert tunnel.stop() == 130
    assert no_session_is_open(levers)


def test_a_lane_that_can_never_be_opened_again_is_told_of_and_the_others_go_on(lanes, levers):
    tunnel, [first, second, third], now = lanes(3)
    with ExitStack() as stack:
        connections = one_each(stack, first["local_port"], now)
        levers.fault("StartSession", *DENIED)
        end(levers, second)
        failed = tunnel.event("failed")
        assert (failed["code"], failed["lane"]) == ("access-denied", second["lane"])
        for _ in range(4):
            assert echoed(stack.enter_context(connect(first["local_port"])))
        assert all(echoed(connections[each["session"]]) for each in (first, third))
        assert sorted(now()) == sorted(["", first["session"], third["session"]])
        assert now()[""]["state"] == "failed"
    assert tunnel.stop() == 130
    assert f"lane {second['lane']}: " in tunnel.said
    assert "is not allowed" in tunnel.said
    assert no_session_is_open(levers)


def test_when_no_lane_can_be_opened_the_tunnel_ends_with_the_reason(tunnel, levers, free_port):
    levers.fault("StartSession", *DENIED, times=4)
    running = tunnel("forward", "payments-api", f"{free_port}:7", "--lanes", "4")
    assert running.ends() == 77
    assert no_session_is_open(levers)


def test_lanes_in_the_background_end_with_it(background, levers, free_port):
    background.forward(f"{free_port}:7", "--lanes", "4", "--name", "wide")
    assert len(background.facts()["wide"]["lanes"]) == len(levers.open_sessions()) == 4
    with connect(free_port) as connection:
        assert echoed(connection)
    background.kill(signal.SIGTERM)
    assert levers.open_sessions() == []


def test_lanes_of_a_teams_file_begin_with_the_first_connection_and_end_when_nobody_uses_them(background, levers):
    background.says(echo("wide", lanes=3, idle_minutes=0.02))
    assert background.up().status == 0
    assert levers.open_sessions() == []
    port = background.ports["wide"]
    for _ in range(2):
        with ExitStack() as stack:
            open_ones = [stack.enter_context(connect(port)) for _ in range(6)]
            assert all(echoed(each) for each in open_ones)
            assert 1 <= len(levers.open_sessions()) <= 3
            for each in open_ones:
                cut(each)
        assert no_session_is_open(levers)
    assert background.down().status == 0


@pytest.mark.parametrize("number", ["0", "9", "many"])
def test_a_number_of_lanes_that_cannot_be_is_a_usage_error(ssmx, levers, number):
    result = ssmx("forward", "payments-api", "0:7", "--lanes", number)
    assert result.status == 2
    assert "--lanes" in result.err
    assert levers.asked("StartSession") == []


def test_a_lane_that_is_being_resumed_gets_no_connections_until_it_is(lanes, levers):
    running, [first, *_], now = lanes(2)
    with ExitStack() as stack:
        connections = one_each(stack, first["local_port"], now)
        levers.fault("ResumeSession", "InternalServerError", "busy", status=500, times=6)  # about 4 s
        levers("POST", f"session/{first['session']}/cut")
        running.event("reconnecting")
        for _ in range(3):
            assert echoed(stack.enter_context(connect(first["local_port"])))
        assert now()[first["session"]]["connections"] == 1
        running.event("ready")
        until(lambda: echoed(stack.enter_context(connect(first["local_port"]))) and loads(now)[0] > 1)
        assert all(echoed(each) for each in connections.values())
    assert running.stop() == 130
