"""What an ssmx that was killed has left open is ended by the next one, and nothing else is."""

import json
import os
import signal
from contextlib import closing

import pytest

from ssmx.process import birth, namespace
from ssmx.sandbox.control import PROFILE
from tests.conftest import client_of, terminate
from tests.waiting import until

from .conftest import connect, echoed
from .kept import echo, lives, takes

ENDED = ["ended by another ssmx"]


@pytest.fixture
def session(running, nodes, levers):
    """Start a session that nobody of this machine holds; gives its id."""
    ids = []

    def start():
        with closing(client_of(running, "ssm")) as ssm:
            ids.append(ssm.start_session(Target=nodes["payments-api"])["SessionId"])
        return ids[-1]

    yield start
    with closing(client_of(running, "ssm")) as ssm:
        terminate(ssm, {*ids} & {each["id"] for each in levers.open_sessions()})


def left(background, session, **about):
    """Write that an ssmx of this machine, dead since, has opened this session."""
    background.journal_file.parent.mkdir(parents=True, exist_ok=True)
    line = {
        "at": "2026-11-01T00:00:00+00:00",
        "event": "opened",
        "session": session,
        "account": "123456789012",
        "region": "eu-west-1",
        "profile": PROFILE,
        "host": os.uname().nodename,
        "pid": os.getpid(),
        "birth": "another process with this pid",
        "namespace": namespace(),
        **about,
    }
    with background.journal_file.open("a") as file:
        file.write(json.dumps(line) + "\n")


def is_open(levers, session):
    return session in {each["id"] for each in levers.open_sessions()}


def test_kill_9_leaves_no_port_and_its_session_is_ended_by_the_next_run(background, levers, ssmx, free_port):
    background.forward(f"{free_port}:7", "--name", "one")
    [left] = levers.open_sessions()
    background.kill()
    until(lambda: not takes(free_port))
    assert is_open(levers, left["id"])
    result = ssmx("run", "payments-api", "--", "true")
    assert (result.status, result.err) == (0, "")
    assert not is_open(levers, left["id"])
    assert background.how(left["id"]) == ENDED


def test_the_next_forward_ends_it_and_says_so_to_who_wants_to_know(background, levers, free_port):
    background.forward(f"{free_port}:7", "--lanes", "3", "--name", "one")
    before = {each["id"] for each in levers.open_sessions()}
    assert len(before) == 3
    background.kill()
    keeper = background.forward(f"{free_port}:7", "--name", "one", "-v")
    until(lambda: len(levers.open_sessions()) == 1)
    assert not before & {each["id"] for each in levers.open_sessions()}
    os.kill(keeper["pid"], signal.SIGTERM)
    until(lambda: not lives(keeper["pid"]))


def test_the_next_up_ends_it_though_it_begins_no_session_of_its_own(background, levers):
    background.says(echo("one"))
    assert background.up().status == 0
    with connect(background.ports["one"]) as connection:
        assert echoed(connection)
        [left] = levers.open_sessions()
        background.kill()
    assert background.up().status == 0
    until(lambda: background.how(left["id"]) == ENDED)
    assert levers.open_sessions() == []
    assert len(levers.asked("StartSession")) == 1


def test_a_number_that_another_process_has_by_now_keeps_nothing_open(background, ssmx, levers, session):
    orphan = session()
    left(background, orphan)
    assert ssmx("run", "payments-api", "--", "true").status == 0
    assert not is_open(levers, orphan)


def test_what_is_of_another_stays_open(background, ssmx, levers, session):
    others = {
        session(): about
        for about in (
            {"account": "210987654321"},
            {"account": ""},
            {"region": "us-east-1"},
            {"profile": "prod"},
            {"host": "another-machine"},
            {"namespace": "pid:[1]"},
            {"birth": birth(os.getpid())},
            {"birth": ""},
        )
    }
    for other, about in others.items():
        left(background, other, **about)
    orphan = session()  # which is ended, so the journal has been read
    left(background, orphan)
    assert ssmx("run", "payments-api", "--", "true").status == 0
    assert background.how(orphan) == ENDED
    open_still = {each["id"] for each in levers.open_sessions()}
    for other, about in others.items():
        assert background.how(other) == [], about
        assert other in open_still, about


def test_a_tunnel_that_lives_is_left_alone(background, ssmx, tunnel, levers, session, free_port):
    background.forward(f"{free_port}:7", "--name", "one")
    with connect(free_port) as connection:
        assert echoed(connection)
        left(background, session())
        assert ssmx("run", "payments-api", "--", "true").status == 0
        assert echoed(connection)
    assert len(levers.open_sessions()) == 1
    background.kill(signal.SIGTERM)


def test_one_that_may_not_be_ended_holds_nobody_up_and_the_others_are_ended(background, ssmx, levers, session):
    orphan, other = session(), session()
    left(background, orphan)
    left(background, other)
    levers.fault("TerminateSession", "AccessDeniedException", "not yours")
    result = ssmx("run", "payments-api", "--", "sleep 1")
    assert (result.status, result.err) == (0, "")
    assert is_open(levers, orphan)
    assert not is_open(levers, other)
    assert ssmx("run", "payments-api", "--", "true").status == 0
    assert not is_open(levers, orphan)


def test_a_journal_that_is_long_is_read_beside_the_session(background, ssmx, levers, session):
    opened = {"event": "opened", "session": "", "at": "2026-11-01T00:00:00+00:00", "birth": "b", "pid": 1}
    background.journal_file.parent.mkdir(parents=True, exist_ok=True)
    with background.journal_file.open("a") as file:
        for number in range(20_000):
            file.write(json.dumps({**opened, "session": f"ravi-{number}"}) + "\n")
            file.write(json.dumps({"event": "closed", "session": f"ravi-{number}"}) + "\n")
    orphan = session()
    left(background, orphan)
    assert ssmx("run", "payments-api", "--", "sleep 1").status == 0
    assert not is_open(levers, orphan)
