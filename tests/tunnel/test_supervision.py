"""The port stays, whatever becomes of the session behind it."""

import time

import pytest

from .conftest import connect, connect_early, echoed, in_use

EXPIRED = ("StartSession", "ExpiredTokenException", "The security token included in the request is expired")


def end(levers, event, output="Session was terminated by an administrator"):
    levers("POST", f"session/{event['session']}/close?output={output.replace(' ', '+')}")


def no_session_is_open(levers, seconds=10):
    deadline = time.monotonic() + seconds
    while levers.open_sessions():
        assert time.monotonic() < deadline, levers.open_sessions()
        time.sleep(0.05)
    return True


def until_asked(levers, operation, seconds=15):
    deadline = time.monotonic() + seconds
    while not levers.asked(operation):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_an_ended_session_is_replaced_and_its_connections_are_reset(tunnel, levers):
    running = tunnel("forward", "payments-api", "0:7")
    first = running.event("ready")
    port = first["local_port"]
    with connect(port) as before:
        assert echoed(before)
        end(levers, first)
        with pytest.raises(ConnectionResetError):  # not an end, which would say that this was all
            before.recv(1)
    lost = running.event("reconnecting")
    assert "administrator" in lost["reason"]
    second = running.event("ready")
    assert second["session"] != first["session"]
    assert second["local_port"] == port
    with connect(port) as after:
        assert echoed(after)
    assert running.stop() == 130
    assert running.kinds == ["ready", "reconnecting", "ready", "closed"]
    assert no_session_is_open(levers)


def test_a_lost_connection_is_resumed_and_nobody_notices(tunnel, levers):
    running = tunnel("forward", "payments-api", "0:7")
    first = running.event("ready")
    with connect(first["local_port"]) as connection:
        for _ in range(3):
            assert echoed(connection)
            levers("POST", f"session/{first['session']}/cut")
            assert echoed(connection)
    assert running.stop() == 130
    assert running.kinds == ["ready", "closed"]
    assert no_session_is_open(levers)


def test_an_idle_timeout_is_not_defeated_and_the_next_connection_opens_another_session(tunnel, levers):
    running = tunnel("forward", "payments-api", "0:7")
    first = running.event("ready")
    with connect(first["local_port"]) as connection:
        assert echoed(connection)
    time.sleep(0.3)
    end(levers, first, "")
    running.event("idle")
    assert no_session_is_open(levers)
    time.sleep(0.5)
    assert len(levers.asked("StartSession")) == 1
    with connect(first["local_port"]) as connection:
        assert echoed(connection)
    assert running.event("ready")["session"] != first["session"]
    assert running.stop() == 130


def test_whoever_connects_while_there_is_no_link_waits_for_the_next_one(tunnel, levers):
    running = tunnel("forward", "payments-api", "0:7")
    with in_use(running) as (first, _before):
        levers.fault("StartSession", "", delay=1.5)
        end(levers, first)
        running.event("reconnecting")
        waiting = [connect(first["local_port"]) for _ in range(20)]
        for each in waiting:
            each.sendall(b"early")
        for each in waiting:
            assert each.recv(5) == b"early"
            each.close()
    assert running.stop() == 130


def test_a_start_that_fails_for_a_while_is_repeated(tunnel, levers):
    running = tunnel("forward", "payments-api", "0:7")
    with in_use(running) as (first, _before):
        levers.fault("StartSession", "InternalServerError", status=500, times=3)
        end(levers, first)
        running.event("reconnecting")
        assert running.event("reconnecting")["code"] == "try-later"
        running.event("ready")
    assert running.stop() == 130
    assert running.kinds.count("reconnecting") == 2  # each reason once, not each try


def test_the_tunnel_pauses_when_the_sign_in_is_over_and_goes_on_after_it(tunnel, levers):
    running = tunnel("forward", "payments-api", "0:7")
    with in_use(running) as (first, _before):
        levers.fault(*EXPIRED, times=3)
        end(levers, first)
        running.event("reconnecting")
        paused = running.event("reconnecting")
        assert paused["code"] == "sign-in-expired"
        assert "aws sso login" in paused["hint"]
        running.event("ready")
    with connect(first["local_port"]) as after:
        assert echoed(after)
    assert running.stop() == 130
    assert "goes on when that is done" in running.said


def test_keys_that_were_renewed_elsewhere_are_taken_without_a_word(tunnel, levers):
    running = tunnel("forward", "payments-api", "0:7")
    with in_use(running) as (first, _before):
        levers.fault(*EXPIRED, times=1)
        end(levers, first)
        running.event("reconnecting")
        running.event("ready")
    assert running.stop() == 130
    assert "sign-in" not in running.said


def test_a_name_is_looked_up_again_when_its_node_is_gone(tunnel, levers, aws, launched):
    old = launched("phoenix")
    running = tunnel("forward", "phoenix", "0:7")
    with in_use(running) as (first, _before):
        assert first["target"] == old
        aws["ec2"].terminate_instances(InstanceIds=[old])
        end(levers, first)
        assert running.event("reconnecting")["code"] == "session-lost"
        new = launched("phoenix")
        second = running.event("ready")
    assert second["target"] == new
    with connect(second["local_port"]) as after:
        assert echoed(after)
    assert running.stop() == 130
    assert no_session_is_open(levers)


def test_a_node_given_by_its_id_is_waited_for_and_then_given_up(tunnel, levers, aws, launched, free_port):
    node = launched("mortal")
    running = tunnel("forward", node, f"{free_port}:7", SSMX_WAIT_TIMEOUT="2")
    with in_use(running) as (first, _before):
        aws["ec2"].stop_instances(InstanceIds=[node])
        end(levers, first)
        running.event("reconnecting")
        assert running.ends() == 69
    assert running.events[-1]["status"] == 69
    assert "after 2 seconds" in running.said
    with pytest.raises(ConnectionRefusedError):
        connect(first["local_port"])


def test_a_node_given_by_its_id_that_comes_back_is_taken_again(tunnel, levers, aws, launched):
    node = launched("lazarus")
    running = tunnel("forward", node, "0:7")
    with in_use(running) as (first, _before):
        aws["ec2"].stop_instances(InstanceIds=[node])
        end(levers, first)
        running.event("reconnecting")
        assert running.event("reconnecting")["code"] == "target-offline"
        aws["ec2"].start_instances(InstanceIds=[node])
        running.event("ready")
    assert running.stop() == 130


def test_what_waiting_does_not_mend_ends_the_tunnel(tunnel, levers):
    running = tunnel("forward", "payments-api", "0:7")
    with in_use(running) as (first, _before):
        levers.fault(
            "StartSession", "AccessDeniedException", "User: x is not authorized to perform: ssm:StartSession"
        )
        end(levers, first)
        assert running.ends() == 77
    assert running.events[-1] | {"status": 77} == running.events[-1]
    assert no_session_is_open(levers)


def test_of_several_forwards_each_has_its_own_session(tunnel, levers):
    running = tunnel("forward", "payments-api", "0:7", "0:80")
    ready = [running.event("ready") for _ in range(2)]
    echo = next(each for each in ready if each["port"] == 7)
    page = next(each for each in ready if each["port"] == 80)
    end(levers, page)
    running.event("idle")
    with connect(echo["local_port"]) as connection:
        assert echoed(connection)
    assert {each["id"] for each in levers.open_sessions()} == {echo["session"]}
    assert running.stop() == 130
    assert no_session_is_open(levers)


def test_ctrl_c_while_the_session_is_being_started_leaves_none_open(tunnel, levers):
    levers.fault("StartSession", "", delay=1.5)
    running = tunnel("forward", "payments-api", "0:7")
    until_asked(levers, "StartSession")
    assert running.stop() == 130
    assert len(levers.asked("StartSession")) == 1
    assert no_session_is_open(levers)
    assert "interrupted" in running.said


def test_a_port_is_there_before_the_session(tunnel, levers, free_port):
    levers.fault("StartSession", "", delay=1.0)
    running = tunnel("forward", "payments-api", f"{free_port}:7")
    with connect_early(free_port) as early:
        assert echoed(early)
    running.event("ready")
    assert running.stop() == 130
